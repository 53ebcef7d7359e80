// A parent that decides about its children by code, under the TestKit.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "actord/actord.hpp"
#include "actord/testkit.hpp"

namespace {

using actord::ChildFailure, actord::Context, actord::Directive, actord::Event, actord::Kind,
    actord::Message;
using actord::testkit::Kit, actord::testkit::Probe;
using testing::ElementsAre;

// Counts, and fails when told.
struct Worker {
  static constexpr auto handlers() {
    return actord::table(actord::on("t.Count", &Worker::count), actord::on("t.Fail", &Worker::fail),
                         actord::on("t.Read", &Worker::read));
  }
  void count(Context&) { ++number; }
  void fail(Context&, const Message& message) {
    throw actord::Failure(std::string(message.payload()), ACTORD_FAIL_TRANSIENT);
  }
  void read(Context& context) { context.reply("t.Number", std::to_string(number)); }
  int number = 0;
};

// Answers what the failure's text says.
struct Judge {
  static constexpr auto handlers() { return actord::table(); }
  void start(Context& context) { context.watch(context.spawn("worker", "t.Worker")); }
  Directive child_failed(Context& context, const ChildFailure& failure) {
    context.persist("t.Failed", 1, failure.text());
    context.send("/probe", "t.Asked",
                 std::string(failure.name()) + " " + std::string(failure.message_type()) + " " +
                     std::to_string(failure.failure_class()));
    if (failure.text() == "resume") return Directive::kResume;
    if (failure.text() == "stop") return Directive::kStop;
    if (failure.text() == "park") return Directive::kPark;
    if (failure.text() == "escalate") return Directive::kEscalate;
    if (failure.text() == "fail") throw actord::Failure("no idea");
    return Directive::kDefault;
  }
  void terminated(Context& context, actord::Ref, int32_t reason) {
    context.send("/probe", "t.Ended", std::to_string(reason));
  }
  void apply(const Event&) {}
};

class SuperviseTest : public testing::Test {
 protected:
  SuperviseTest() {
    kit_.offer("t", Kind<Worker>("Worker"));
    kit_.offer("t", Kind<Judge>("Judge"));
    probe_ = &kit_.probe("/probe");
    kit_.add("/judge", "t.Judge");
    kit_.run();
    kit_.send(kWorker, "t.Count");
  }
  void fail(const std::string& text) {
    kit_.send(kWorker, "t.Fail", text);
    kit_.run();
  }
  std::string number() { return kit_.ask(kWorker, "t.Read").payload; }
  std::vector<std::string> told() const {
    std::vector<std::string> lines;
    for (const auto& mail : probe_->mail) lines.push_back(mail.type + " " + mail.payload);
    return lines;
  }

  static constexpr const char* kWorker = "/judge/worker";
  Kit kit_;
  Probe* probe_ = nullptr;
};

TEST_F(SuperviseTest, ByDefaultTheChildStartsAnew) {
  fail("whatever");
  EXPECT_EQ(number(), "0");
  EXPECT_EQ(kit_.restarts(kWorker), 1u);
  EXPECT_THAT(told(), ElementsAre("t.Asked worker t.Fail 1"));
}

TEST_F(SuperviseTest, AResumedChildKeepsItsStateAndTheMessageIsADeadLetter) {
  fail("resume");
  EXPECT_EQ(number(), "1");
  EXPECT_EQ(kit_.restarts(kWorker), 0u);
  ASSERT_EQ(kit_.letters().size(), 1u);
  EXPECT_EQ(kit_.letters()[0].reason, ACTORD_DEAD_HANDLER_FAILED);
}

TEST_F(SuperviseTest, AStoppedChildIsGone) {
  fail("stop");
  EXPECT_FALSE(kit_.lives(kWorker));
  EXPECT_THAT(told(), ElementsAre("t.Asked worker t.Fail 1", "t.Ended 1"));
}

TEST_F(SuperviseTest, AParkedChildIsKept) {
  fail("park");
  EXPECT_NE(kit_.parked(kWorker), "");
}

TEST_F(SuperviseTest, AnEscalationFailsTheParent) {
  fail("escalate");
  EXPECT_EQ(kit_.restarts("/judge"), 1u);
  EXPECT_EQ(number(), "0") << "a new parent has spawned a new child";
}

TEST_F(SuperviseTest, AParentThatFailsAtTheQuestionLeavesNoEffect) {
  fail("fail");
  EXPECT_EQ(kit_.restarts("/judge"), 1u);
  EXPECT_THAT(told(), testing::IsEmpty());
  EXPECT_TRUE(kit_.stored("/judge").events.empty());
}

TEST_F(SuperviseTest, UntilTheDecisionIsDurableTheChildIsHeld) {
  kit_.hold_commits(true);
  fail("resume");
  kit_.send(kWorker, "t.Count");
  kit_.run();
  EXPECT_THAT(told(), testing::IsEmpty());
  kit_.hold_commits(false);
  kit_.run();
  EXPECT_EQ(number(), "2");
}

TEST_F(SuperviseTest, ACrashBeforeTheDecisionTakesItAlong) {
  kit_.hold_commits(true);
  fail("stop");
  kit_.crash();
  kit_.hold_commits(false);
  kit_.restart();
  EXPECT_TRUE(kit_.lives(kWorker));
}

}  // namespace
