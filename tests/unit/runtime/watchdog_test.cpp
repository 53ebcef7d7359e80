// Turns that do not end: budgets, reports, deadlines of starts and stops. A handler that steps others
// and moves the clock from inside its turn is stuck, to them and to the watchdog.
#include "runtime/watchdog.hpp"

#include "support/runtime_fixture.hpp"

namespace actord::host {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class WatchdogTest : public RuntimeFixture {
 protected:
  // Time passes while a turn runs; the watchdog looks, and the other workers work.
  void pass(uint64_t ms) {
    for (uint64_t passed = 0; passed < ms; passed += limits::kWatchdogMs) {
      runtime->watch();
      clock.advance_ms(limits::kWatchdogMs);
      runtime->fire_due();
      settle();
    }
    runtime->watch();
  }
  ActorOptions quick() {
    ActorOptions options = steady();
    options.supervision.start_timeout_ms = 2'000;
    options.supervision.stop_timeout_ms = 2'000;
    return options;
  }
  std::string stuck() {
    std::string all;
    for (const StuckTurn& turn : runtime->watchdog().stuck()) {
      all += turn.actor + " " + turn.message_type + " " + std::to_string(turn.for_ms) + ";";
    }
    return all;
  }
};

TEST_F(WatchdogTest, ATurnOverItsBudgetIsReportedAndItsWorkerReplaced) {
  declare("/slow");
  declare("/other");
  settle();
  factory.forget();
  in("/slow", [&](Act& act) {
    send("/other", "Hello");
    pass(800);
    EXPECT_THAT(runtime->watchdog().stuck(), IsEmpty()) << "within its budget";
    pass(400);
    EXPECT_EQ(stuck(), "/slow do 1200;");
    EXPECT_EQ(runtime->watchdog().stuck()[0].message_id, act.message->id);
    EXPECT_EQ(steps->replaced, 1);
    EXPECT_THAT(seen("/other"), ElementsAre("Hello")) << "nobody waits behind it";
  });
  runtime->watch();
  EXPECT_THAT(runtime->watchdog().stuck(), IsEmpty());
  EXPECT_EQ(runtime->watchdog().reports(), 1u);
  EXPECT_EQ(status("/slow"), "running") << "slow is no failure";
}

TEST_F(WatchdogTest, EachActorHasItsOwnBudget) {
  ActorOptions patient = steady();
  patient.supervision.turn_budget_ms = 60'000;
  declare("/patient", "puppet", patient);
  settle();
  in("/patient", [&](Act&) {
    pass(30'000);
    EXPECT_THAT(runtime->watchdog().stuck(), IsEmpty());
  });
  EXPECT_EQ(steps->replaced, 0);
}

TEST_F(WatchdogTest, ManyShortTurnsAreNoLongOne) {
  declare("/busy");
  settle();
  for (int i = 0; i < 20; ++i) {
    in("/busy", [&](Act&) { pass(400); });
  }
  EXPECT_EQ(runtime->watchdog().reports(), 0u);
}

TEST_F(WatchdogTest, Trap54AStuckActorDoesNotDelayTheStopOfOthers) {
  declare("/slow", "puppet", quick());
  declare("/p", "puppet");
  declare("/p/c", "puppet");
  settle();
  in("/slow", [&](Act&) {
    ASSERT_TRUE(tree().stop("/slow"));
    ASSERT_TRUE(tree().stop("/p"));
    settle();
    EXPECT_EQ(status("/p"), "stopped");
    EXPECT_EQ(status("/slow"), "stopping");
    pass(2'200);
    EXPECT_EQ(status("/slow"), "stopped");
    EXPECT_EQ(tree().lingering(), 1u);
  });
  EXPECT_EQ(tree().lingering(), 0u);
  EXPECT_EQ(tree().counts().abandoned, 1u);
}

TEST_F(WatchdogTest, AnAbandonedActorLeavesNoEffectAndItsMailboxBecomesDeadLetters) {
  declare("/slow", "puppet", quick());
  declare("/watcher");
  declare("/sink");
  settle();
  in("/watcher", [&](Act& act) { EXPECT_EQ(act.turn.watch(ref("/slow")), ACTORD_OK); });
  factory.forget();
  const ActorRef old = ref("/slow");
  post("/slow", [&](Act& act) {
    EXPECT_EQ(act.turn.send(to("/sink", "Late")), ACTORD_OK);
    send("/slow", "Queued");
    ASSERT_TRUE(tree().stop("/slow"));
    pass(2'200);
    EXPECT_THAT(seen("/watcher"), ElementsAre("terminated 1"));
    EXPECT_EQ(ref("/slow"), ActorRef()) << "its name is free";
    send(old, "AfterTheEnd");
  });
  settle();
  EXPECT_THAT(seen("/sink"), IsEmpty());
  EXPECT_EQ(dead(DeadReason::kStopped), 3u) << "the one in its turn, the queued one, the late one";
  EXPECT_THAT(seen("/slow"), IsEmpty()) << "no callback after the stop was given up";
}

TEST_F(WatchdogTest, ARestartThatWaitsForAStuckTurnGoesOnInAnotherCellWithTheMailbox) {
  declare("/slow", "puppet", quick());
  settle();
  factory.forget();
  const ActorRef old = ref("/slow");
  in("/slow", [&](Act&) {
    send("/slow", "Queued");
    ASSERT_TRUE(tree().restart("/slow"));
    pass(2'200);
    EXPECT_EQ(status("/slow"), "running");
    EXPECT_NE(ref("/slow"), old);
    EXPECT_THAT(seen("/slow"), ElementsAre("start", "Queued"));
  });
  EXPECT_EQ(status("/slow"), "running");
  send(old, "Stale");
  settle();
  EXPECT_EQ(dead_total(), 2u)
      << "the message of the stuck turn, and the one to the old incarnation";
}

TEST_F(WatchdogTest, AnAbandonedJournalIsFencedAndItsHeirGoesOn) {
  declare("/ledger", "ledger", quick());
  settle();
  send("/ledger", "add", "a");
  settle();
  in("/ledger", [&](Act& act) {
    EXPECT_EQ(act.turn.persist("added", 1, "lost"), ACTORD_OK);
    ASSERT_TRUE(tree().restart("/ledger"));
    pass(2'200);
    EXPECT_EQ(state("/ledger"), "a");
    send("/ledger", "add", "b");
    settle();
  });
  EXPECT_EQ(state("/ledger"), "a,b");
  crash();
  declare("/ledger", "ledger");
  settle();
  EXPECT_EQ(state("/ledger"), "a,b");
  EXPECT_THAT(log_failures, IsEmpty());
}

TEST_F(WatchdogTest, AStopHookThatDoesNotEndIsAbandonedAndItsParentEnds) {
  factory.kinds["hang"].stop = [&](Act&, int32_t) { pass(2'200); };
  declare("/p", "puppet", quick());
  declare("/p/h", "hang", quick());
  declare("/p/z", "puppet", quick());
  settle();
  factory.forget();
  ASSERT_TRUE(tree().stop("/p"));
  settle();
  EXPECT_THAT(factory.everything(), ElementsAre("/p/z stop 0", "/p/h stop 0", "/p stop 0"));
  EXPECT_EQ(status("/p"), "stopped");
  EXPECT_EQ(tree().counts().abandoned, 1u);
  EXPECT_EQ(tree().lingering(), 0u);
}

TEST_F(WatchdogTest, AStartThatDoesNotEndHasFailedAndTheNextOneIsTried) {
  int starts = 0;
  factory.kinds["hang"].start = [&](Act&) {
    if (++starts == 1) {
      pass(2'000);
      EXPECT_EQ(view("/h").last_failure.text, "did not start within 2000 ms");
      pass(2'400);
      EXPECT_EQ(status("/h"), "running") << "the second start, elsewhere";
    }
    return Outcome{};
  };
  declare("/h", "hang", quick());
  settle();
  EXPECT_EQ(starts, 2);
  EXPECT_EQ(status("/h"), "running");
  EXPECT_EQ(view("/h").restarts, 1u);
}

TEST_F(WatchdogTest, AnAbandonedMemberOfAGroupHoldsUpNobody) {
  ActorOptions all = quick();
  all.supervision.strategy = Strategy::kOneForAll;
  declare("/s", "", all);
  declare("/s/a", "puppet", quick());
  declare("/s/b", "puppet", quick());
  settle();
  factory.forget();
  in("/s/b", [&](Act&) {
    fail("/s/a");
    EXPECT_EQ(status("/s/b"), "stopping");
    pass(2'400);
    EXPECT_EQ(status("/s/a"), "running");
    EXPECT_EQ(status("/s/b"), "running");
  });
  EXPECT_THAT(factory.everything(), ElementsAre("/s/a start", "/s/b start"));
}

TEST_F(WatchdogTest, TheEndOfTheHostDoesNotWaitForAStuckTurn) {
  declare("/slow", "puppet", quick());
  declare("/x");
  settle();
  in("/slow", [&](Act&) {
    tree().stop_all();
    pass(2'200);
    EXPECT_TRUE(tree().stopped());
    EXPECT_EQ(tree().lingering(), 1u);
  });
  EXPECT_EQ(tree().lingering(), 0u);
}

}  // namespace
}  // namespace actord::host
