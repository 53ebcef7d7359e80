// WorkList under the TestKit: taking out of order, delegating, dropping, putting off; failures and
// restarts between.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "actord/actord.hpp"
#include "actord/testkit.hpp"
#include "actord/work_list.hpp"

namespace {

using actord::ChildFailure, actord::Context, actord::Directive, actord::Done, actord::Kind,
    actord::Message, actord::Outcome, actord::WorkList;
using actord::testkit::Kit, actord::testkit::Probe;
using testing::ElementsAre, testing::IsEmpty, testing::SizeIs;

// A job's payload is its priority; its key a region. Jobs are done when the test says so.
class Foreman {
 public:
  static constexpr auto handlers() {
    return actord::table(
        actord::on("w.Job", &Foreman::job), actord::on("w.Next", &Foreman::next),
        actord::on("w.NextTwo", &Foreman::next_two), actord::on("w.NextEu", &Foreman::next_eu),
        actord::on("w.NextThenFail", &Foreman::next_then_fail),
        actord::on("w.Delegate", &Foreman::delegate), actord::on("w.Drop", &Foreman::drop),
        actord::on("w.DropThenFail", &Foreman::drop_then_fail),
        actord::on("w.Later", &Foreman::later));
  }
  Outcome job(Context& context, const Message& message) {
    if (message.payload() == "bad") {
      (void)list_.put(context, message);
      throw actord::Failure("a bad job");
    }
    if (!list_.taken(message) || std::exchange(later_, false))
      return list_.put(context, message, std::stoll(std::string(message.payload())));
    context.send("/probe", "w.Done", std::string(message.payload()) + std::string(message.key()));
    context.reply("w.Result", message.payload());
    return Done{};
  }
  void next(Context& context) {
    if (!list_.take(context)) context.send("/probe", "w.Nothing", "");
  }
  void next_two(Context& context) {
    list_.take(context);
    list_.take(context);
  }
  void next_eu(Context& context) {
    list_.take(context, [](const auto& item) { return item.key == "eu"; });
  }
  void next_then_fail(Context& context) {
    list_.take(context);
    throw actord::Failure("after taking");
  }
  void delegate(Context& context) {
    list_.delegate(context, "/other", [](const auto& item) { return item.key == "eu"; });
  }
  void drop(Context& context) {
    const auto dropped =
        list_.drop(context, "no line", [](const auto& item) { return item.key == "eu"; });
    context.send("/probe", "w.Dropped", std::to_string(dropped));
  }
  void drop_then_fail(Context& context) {
    drop(context);
    throw actord::Failure("after dropping");
  }
  void later(Context&) { later_ = true; }

 private:
  WorkList<> list_{4};
  bool later_ = false;
};

// Resumes it, so that a failed turn leaves the list as it was.
struct Patron {
  static constexpr auto handlers() { return actord::table(); }
  void start(Context& context) { context.spawn("foreman", "w.Foreman"); }
  Directive child_failed(Context&, const ChildFailure& failure) {
    return failure.message_type() == "w.Restart" ? Directive::kRestart : Directive::kResume;
  }
};

class WorkListTest : public testing::Test {
 protected:
  WorkListTest() {
    kit_.offer("w", Kind<Foreman>("Foreman"));
    kit_.offer("w", Kind<Patron>("Patron"));
    probe_ = &kit_.probe("/probe");
    other_ = &kit_.probe("/other");
    kit_.add("/patron", "w.Patron");
    kit_.run();
  }
  void tell(const std::string& type, const std::string& payload = "") {
    kit_.send(kForeman, type, payload);
    kit_.run();
  }
  void job(const std::string& priority, const std::string& region = "") {
    actord::testkit::Mail mail;
    mail.to_path = kForeman;
    mail.type = "w.Job";
    mail.payload = priority;
    mail.key = region;
    kit_.send(std::move(mail));
    kit_.run();
  }
  std::vector<std::string> told() const {
    std::vector<std::string> lines;
    for (const auto& mail : probe_->mail) lines.push_back(mail.payload);
    return lines;
  }

  static constexpr const char* kForeman = "/patron/foreman";
  Kit kit_;
  Probe* probe_ = nullptr;
  Probe* other_ = nullptr;
};

TEST_F(WorkListTest, TheMostImportantComesFirstAndOfTheseTheOldest) {
  for (const char* region : {"eu", "us"}) {
    job("1", region);
    job("5", region);
  }
  EXPECT_THAT(told(), IsEmpty());
  tell("w.NextTwo");
  EXPECT_THAT(told(), ElementsAre("5eu", "5us"));
  tell("w.Next");
  tell("w.Next");
  tell("w.Next");
  EXPECT_THAT(told(), ElementsAre("5eu", "5us", "1eu", "1us", ""));
}

TEST_F(WorkListTest, APredicateChooses) {
  job("9", "us");
  job("1", "eu");
  tell("w.NextEu");
  EXPECT_THAT(told(), ElementsAre("1eu"));
}

TEST_F(WorkListTest, OneDelegatedIsAnsweredByWhoGetsIt) {
  job("9", "us");
  job("1", "eu");
  tell("w.Delegate");
  ASSERT_THAT(other_->mail, SizeIs(1));
  EXPECT_EQ(other_->mail[0].payload, "1");
  EXPECT_EQ(other_->mail[0].hops, 1u);
  tell("w.Next");
  tell("w.Next");
  EXPECT_THAT(told(), ElementsAre("9us", ""));
}

TEST_F(WorkListTest, DroppedOnesAreDeadLettersWithTheReason) {
  job("1", "eu");
  job("2", "us");
  job("3", "eu");
  tell("w.Drop");
  ASSERT_THAT(kit_.letters(), SizeIs(2));
  EXPECT_EQ(kit_.letters()[0].reason, ACTORD_DEAD_REJECTED);
  EXPECT_EQ(kit_.letters()[0].text, "no line");
  tell("w.Next");
  tell("w.Next");
  EXPECT_THAT(told(), ElementsAre("2", "2us", ""));
}

TEST_F(WorkListTest, AFullListRejects) {
  for (const char* n : {"1", "2", "3", "4", "5"}) job(n);
  ASSERT_THAT(kit_.letters(), SizeIs(1));
  EXPECT_EQ(kit_.letters()[0].mail.payload, "5");
}

TEST_F(WorkListTest, OneTakenCanBePutOffAgain) {
  job("1");
  job("2");
  tell("w.Later");
  tell("w.Next");
  EXPECT_THAT(told(), IsEmpty());
  tell("w.NextTwo");
  EXPECT_THAT(told(), ElementsAre("2", "1"));
}

TEST_F(WorkListTest, AFailedTurnLeavesTheListAsItWas) {
  job("1", "eu");
  job("2", "us");
  job("3", "eu");
  tell("w.NextThenFail");
  tell("w.DropThenFail");
  job("bad");
  EXPECT_THAT(told(), IsEmpty());
  EXPECT_EQ(kit_.restarts(kForeman), 0u);
  tell("w.NextTwo");
  tell("w.NextTwo");
  EXPECT_THAT(told(), ElementsAre("3eu", "2us", "1eu"));
}

TEST_F(WorkListTest, AnAskInTheListIsAnsweredWhenItsTurnComes) {
  const uint64_t ask = kit_.begin_ask(kForeman, "w.Job", "7", std::chrono::seconds(5));
  kit_.run();
  EXPECT_FALSE(kit_.take_answer(ask));
  tell("w.Next");
  EXPECT_EQ(kit_.take_answer(ask)->payload, "7");
}

TEST_F(WorkListTest, AnActorThatEndsLeavesDeadLetters) {
  job("1");
  job("2");
  kit_.stop("/patron");
  EXPECT_THAT(kit_.letters(), SizeIs(2));
}

}  // namespace
