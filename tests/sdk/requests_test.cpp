// ask_latest, gather, and what becomes of asks when a turn fails and the actor goes on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "actord/actord.hpp"
#include "actord/gather.hpp"
#include "actord/testkit.hpp"

namespace {

using actord::Answer, actord::ChildFailure, actord::Context, actord::Directive, actord::Gathered,
    actord::Kind, actord::Message, actord::Outcome;
using actord::testkit::Kit, actord::testkit::Mail, actord::testkit::Probe;
using testing::ElementsAre, testing::IsEmpty;
using namespace std::chrono_literals;

// Asks the probes /x, /y and /z, whose answers the test gives.
class Asker {
 public:
  static constexpr auto handlers() {
    return actord::table(
        actord::on("r.Latest", &Asker::latest), actord::on("r.LatestThenFail", &Asker::latest_fail),
        actord::on("r.All", &Asker::all), actord::on("r.Two", &Asker::two),
        actord::on("r.None", &Asker::none), actord::on("r.Fail", &Asker::fail_next),
        actord::on("r.Defer", &Asker::defer_next), actord::on("r.Open", &Asker::open));
  }
  void latest(Context& context, const Message& message) {
    context.ask_latest(message.payload(), "/x", "r.Search", message.payload(), 1s,
                       [this](Context& later, const Answer& answer) -> Outcome {
                         if (std::exchange(defer_, false)) return actord::Defer{};
                         say(later, answer.ok() ? std::string(answer.message().payload())
                                                : "failed " + std::to_string(answer.reason()));
                         return {};
                       });
  }
  void latest_fail(Context& context, const Message& message) {
    latest(context, message);
    throw actord::Failure("after asking");
  }
  void all(Context& context) { ask_them(context, 0); }
  void two(Context& context) { ask_them(context, 2); }
  void none(Context& context) {
    actord::gather(context, {}, 1s,
                   [](Context& later, const Gathered& all) { say(later, text(all)); });
  }
  void fail_next(Context&) { fail_ = true; }
  void defer_next(Context&) { defer_ = true; }
  void open(Context& context) { context.unstash_all(); }

 private:
  void ask_them(Context& context, std::size_t quorum) {
    actord::gather(
        context, {{"/x", "r.Get"}, {"/y", "r.Get"}, {"/z", "r.Get", "third"}}, 1s,
        [this](Context& later, const Gathered& all) -> Outcome {
          if (std::exchange(fail_, false)) throw actord::Failure("not yet");
          if (std::exchange(defer_, false)) return actord::Defer{};
          say(later, text(all));
          return {};
        },
        quorum);
  }
  static std::string text(const Gathered& all) {
    std::string line = std::string(all.enough() ? "enough" : "short") + " " +
                       std::to_string(all.answered) + "+" + std::to_string(all.failed) + ":";
    for (const auto& part : all.parts) {
      line += part.ok()                              ? " " + part.payload
              : part.state == Gathered::State::kOpen ? " open"
                                                     : " failed " + std::to_string(part.reason);
    }
    return line;
  }
  static void say(Context& context, const std::string& line) {
    context.send("/probe", "r.Said", line);
  }
  bool fail_ = false, defer_ = false;
};

struct Forgiving {
  static constexpr auto handlers() { return actord::table(); }
  void start(Context& context) { context.spawn("asker", "r.Asker"); }
  Directive child_failed(Context&, const ChildFailure&) { return Directive::kResume; }
};

class RequestsTest : public testing::Test {
 protected:
  RequestsTest() {
    kit_.offer("r", Kind<Asker>("Asker"));
    kit_.offer("r", Kind<Forgiving>("Forgiving"));
    probe_ = &kit_.probe("/probe");
    for (const char* path : {"/x", "/y", "/z"}) targets_[path] = &kit_.probe(path);
    kit_.add("/top", "r.Forgiving");
    kit_.run();
  }
  void tell(const std::string& type, const std::string& payload = "") {
    kit_.send("/top/asker", type, payload);
    kit_.run();
  }
  // The target answers its n-th request.
  void answer(const std::string& path, const std::string& payload, std::size_t n = 0) {
    ASSERT_LT(n, targets_[path]->mail.size());
    kit_.answer(targets_[path]->mail[n], "r.Answer", payload);
    kit_.run();
  }
  std::vector<std::string> said() const {
    std::vector<std::string> lines;
    for (const Mail& mail : probe_->mail) lines.push_back(mail.payload);
    return lines;
  }

  Kit kit_;
  Probe* probe_ = nullptr;
  std::map<std::string, Probe*> targets_;
};

TEST_F(RequestsTest, OnlyTheNewestOfAKeyIsAnswered) {
  tell("r.Latest", "a");
  tell("r.Latest", "b");
  tell("r.Latest", "a");
  answer("/x", "late", 0);
  EXPECT_THAT(said(), IsEmpty());
  answer("/x", "newest", 2);
  answer("/x", "other key", 1);
  EXPECT_THAT(said(), ElementsAre("newest", "other key"));
  tell("r.Latest", "a");
  answer("/x", "again", 3);
  EXPECT_THAT(said(), ElementsAre("newest", "other key", "again"));
  kit_.advance(10s);
  EXPECT_EQ(said().size(), 3u) << "no deadline comes after";
}

TEST_F(RequestsTest, ANewestThatFailsIsToldAndAnOlderAnswerIsNotTakenForIt) {
  tell("r.Latest", "a");
  tell("r.Latest", "a");
  kit_.advance(2s);
  EXPECT_EQ(said().size(), 1u);
  answer("/x", "late", 0);
  EXPECT_EQ(said().size(), 1u);
}

TEST_F(RequestsTest, ATurnThatFailsHasNotReplacedTheEarlierRequest) {
  tell("r.Latest", "a");
  tell("r.LatestThenFail", "a");
  ASSERT_EQ(targets_["/x"]->mail.size(), 1u);
  answer("/x", "the first one counts", 0);
  EXPECT_THAT(said(), ElementsAre("the first one counts"));
}

TEST_F(RequestsTest, ALatestAnswerCanBePutOff) {
  tell("r.Defer");
  tell("r.Latest", "a");
  answer("/x", "kept");
  EXPECT_THAT(said(), IsEmpty());
  tell("r.Open");
  EXPECT_THAT(said(), ElementsAre("kept"));
}

TEST_F(RequestsTest, AllAreGatheredInTheOrderAsked) {
  tell("r.All");
  EXPECT_EQ(targets_["/z"]->mail[0].payload, "third");
  answer("/z", "3");
  answer("/x", "1");
  EXPECT_THAT(said(), IsEmpty());
  answer("/y", "2");
  EXPECT_THAT(said(), ElementsAre("enough 3+0: 1 2 3"));
}

TEST_F(RequestsTest, AtTheDeadlineItGoesOnWithWhatIsThere) {
  tell("r.Two");
  answer("/y", "2");
  kit_.advance(2s);
  ASSERT_EQ(said().size(), 1u);
  EXPECT_THAT(said()[0], testing::StartsWith("short 1+2: failed"));
}

TEST_F(RequestsTest, AQuorumIsEnoughAndTheRestIsGivenUp) {
  tell("r.Two");
  answer("/z", "3");
  answer("/x", "1");
  EXPECT_THAT(said(), ElementsAre("enough 2+0: 1 open 3"));
  answer("/y", "late");
  kit_.advance(2s);
  EXPECT_EQ(said().size(), 1u);
}

TEST_F(RequestsTest, NothingToAskIsOverAtOnce) {
  tell("r.None");
  EXPECT_THAT(said(), ElementsAre("enough 0+0:"));
}

TEST_F(RequestsTest, AContinuationThatFailsIsCalledAgainWithTheNextAnswer) {
  tell("r.Two");
  tell("r.Fail");
  answer("/x", "1");
  answer("/y", "2");
  EXPECT_THAT(said(), IsEmpty()) << "its turn failed, and with it what it had given up";
  answer("/z", "3");
  EXPECT_THAT(said(), ElementsAre("enough 3+0: 1 2 3"));
}

TEST_F(RequestsTest, AContinuationCanBePutOff) {
  tell("r.Defer");
  tell("r.All");
  answer("/x", "1");
  answer("/y", "2");
  answer("/z", "3");
  EXPECT_THAT(said(), IsEmpty());
  tell("r.Open");
  EXPECT_THAT(said(), ElementsAre("enough 3+0: 1 2 3"));
}

}  // namespace
