// Suspension: what waits, what goes on, and how it ends.
#include "support/runtime_fixture.hpp"

namespace actord::host {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Suspension : public RuntimeFixture {
 protected:
  Suspension() {
    declare("/a");
    declare("/b");
    settle();
    factory.forget();
  }
  void suspend(const std::string& path) {
    ASSERT_TRUE(tree().suspend(path));
    settle();
  }
  void resume(const std::string& path) {
    ASSERT_TRUE(tree().resume(path));
    settle();
  }
};

TEST_F(Suspension, WhatIsSentWaitsInOrderUntilItIsResumed) {
  suspend("/a");
  EXPECT_EQ(status("/a"), "suspended");
  EXPECT_EQ(tree().counts().suspended, 1u);
  EXPECT_EQ(tree().counts().running, 1u);
  for (const char* type : {"1", "2", "3"}) send("/a", type);
  settle();
  EXPECT_THAT(seen("/a"), IsEmpty());
  EXPECT_EQ(view("/a").mailbox.messages, 3u);
  resume("/a");
  EXPECT_THAT(seen("/a"), ElementsAre("1", "2", "3"));
  EXPECT_EQ(status("/a"), "running");
}

TEST_F(Suspension, ItTakesHoldBetweenTwoTurnsOfABatch) {
  post("/a", [this](Act&) { ASSERT_TRUE(tree().suspend("/a")); });
  for (const char* type : {"1", "2"}) send("/a", type);
  settle();
  EXPECT_THAT(seen("/a"), IsEmpty());
  resume("/a");
  EXPECT_THAT(seen("/a"), ElementsAre("1", "2"));
}

TEST_F(Suspension, Trap6TheBoundsHoldMeanwhile) {
  ActorOptions options = steady();
  options.mailbox.capacity = 2;
  ASSERT_TRUE(tree().set_options("/a", options));
  suspend("/a");
  for (int i = 0; i < 5; ++i) send("/a", "x");
  settle();
  EXPECT_EQ(dead(DeadReason::kMailboxFull), 3u);
}

TEST_F(Suspension, TimersAnswersAndDeathNoticesWaitToo) {
  in("/a", [this](Act& act) {
    (void)act.turn.set_timer("t", 50, 0, Bytes("x"));
    (void)act.turn.watch(ref("/b"));
  });
  suspend("/a");
  advance(100);
  ASSERT_TRUE(tree().stop("/b"));
  settle();
  EXPECT_THAT(seen("/a"), IsEmpty());
  resume("/a");
  EXPECT_THAT(seen("/a"), ElementsAre("timer t x", "terminated 0"));
}

TEST_F(Suspension, ARestartDoesNotEndItAndAStopDoes) {
  suspend("/a");
  send("/a", "1");
  ASSERT_TRUE(tree().restart("/a"));
  settle();
  EXPECT_THAT(seen("/a"), ElementsAre("stop 4", "start"));
  EXPECT_EQ(status("/a"), "suspended");
  ASSERT_TRUE(tree().stop("/a"));
  settle();
  EXPECT_EQ(dead(DeadReason::kStopped), 1u);
  ASSERT_TRUE(tree().start("/a"));
  settle();
  EXPECT_EQ(status("/a"), "running");
}

TEST_F(Suspension, OneThatIsParkedToo) {
  suspend("/a");
  ASSERT_TRUE(tree().park("/a"));
  settle();
  EXPECT_EQ(status("/a"), "parked");
  send("/a", "1");
  factory.forget();
  resume("/a");
  EXPECT_THAT(seen("/a"), ElementsAre("start", "1"));
}

TEST_F(Suspension, AnotherActorMaySuspendAndResume) {
  const ActorRef a = ref("/a");
  in("/b", [&](Act& act) { EXPECT_EQ(act.turn.suspend(a, true), ACTORD_OK); });
  send("/a", "1");
  settle();
  EXPECT_THAT(seen("/a"), IsEmpty());
  in("/b", [&](Act& act) {
    EXPECT_EQ(act.turn.suspend(a, false), ACTORD_OK);
    EXPECT_EQ(act.turn.suspend(ActorRef(), true), ACTORD_E_INVALID);
  });
  EXPECT_THAT(seen("/a"), ElementsAre("1"));
}

TEST_F(Suspension, Law1AFailedTurnSuspendsNobody) {
  in("/b", [this](Act& act) {
    (void)act.turn.suspend(ref("/a"), true);
    return failed();
  });
  EXPECT_EQ(status("/a"), "running");
}

TEST_F(Suspension, AShutdownDoesNotWaitForWhatItKeeps) {
  suspend("/a");
  send("/a", "1");
  settle();
  EXPECT_FALSE(runtime->quiet());
  runtime->announce_shutdown();
  settle();
  EXPECT_TRUE(runtime->quiet());
  EXPECT_EQ(dead(DeadReason::kShutdown), 1u);
  EXPECT_FALSE(tree().suspend("/b")) << "nobody would resume it";
}

TEST_F(Suspension, TwiceIsOnceAndWhatOnlyHoldsChildrenIsRefused) {
  suspend("/a");
  suspend("/a");
  send("/a", "1");
  resume("/a");
  EXPECT_THAT(seen("/a"), ElementsAre("1"));
  EXPECT_FALSE(tree().resume("/a")) << "it runs";
  declare("/group", "");
  settle();
  EXPECT_EQ(tree().suspend("/group").error().code, ACTORD_E_UNSUPPORTED);
  EXPECT_EQ(tree().suspend("/nobody").error().code, ACTORD_E_NOT_FOUND);
}

}  // namespace
}  // namespace actord::host
