// Law 2: nothing leaves an actor before the events that led to it are durable.
#include "support/runtime_fixture.hpp"

namespace actord::host {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class OutputGateTest : public RuntimeFixture {
 protected:
  OutputGateTest() {
    declare("/led", "ledger");
    declare("/out");
    settle();
    factory.forget();
  }
  // One turn that persists and says so.
  void post_add(const std::string& body) {
    post("/led", [body](Act& act) {
      EXPECT_EQ(act.turn.persist("added", 1, body), ACTORD_OK);
      (void)act.turn.send(to("/out", "Added", body));
      return Outcome{};
    });
  }
  void post_say(const std::string& body) {
    post("/led", [body](Act& act) {
      (void)act.turn.send(to("/out", "Said", body));
      return Outcome{};
    });
  }
  uint64_t held() { return runtime->registry().cell(ref("/led"))->strand.held.size(); }
};

TEST_F(OutputGateTest, Law2NothingLeavesBeforeItsEventsAreDurable) {
  store.hold_commits(true);
  post_add("1");
  settle();
  EXPECT_EQ(state("/led"), "1") << "the actor itself runs on";
  EXPECT_THAT(seen("/out"), IsEmpty());
  EXPECT_FALSE(runtime->quiet());
  store.hold_commits(false);
  settle();
  EXPECT_THAT(seen("/out"), ElementsAre("Added 1"));
  EXPECT_TRUE(runtime->quiet());
}

TEST_F(OutputGateTest, Law2EffectsOfLaterTurnsQueueBehindEvenWithoutEvents) {
  store.hold_commits(true);
  post_add("1");
  post_say("secret");
  post_add("2");
  settle();
  EXPECT_THAT(seen("/out"), IsEmpty());
  EXPECT_EQ(held(), 3u);
  store.hold_commits(false);
  settle();
  EXPECT_THAT(seen("/out"), ElementsAre("Added 1", "Said secret", "Added 2"));
}

TEST_F(OutputGateTest, WithNothingInFlightATurnWithoutEventsIsReleasedAtOnce) {
  store.hold_commits(true);
  post_say("hello");
  settle();
  EXPECT_THAT(seen("/out"), ElementsAre("Said hello"));
}

TEST_F(OutputGateTest, AnActorWithoutAJournalNeverWaits) {
  store.hold_commits(true);
  post_add("1");
  post("/out", [](Act& act) {
    (void)act.turn.send(to("/out", "Free"));
    return Outcome{};
  });
  settle();
  EXPECT_THAT(seen("/out"), ElementsAre("Free"));
}

TEST_F(OutputGateTest, EffectsOfATurnAreReleasedEvenIfTheActorCrashesInTheNext) {
  store.hold_commits(true);
  post_add("1");
  post("/led", [](Act&) { return failed(); });
  settle();
  EXPECT_THAT(seen("/out"), IsEmpty());
  store.hold_commits(false);
  settle();
  EXPECT_THAT(seen("/out"), ElementsAre("Added 1"));
  advance(200);
  EXPECT_EQ(state("/led"), "1");
}

TEST_F(OutputGateTest, WhatAnEndedInstanceWantedForItselfIsNotGivenToTheNextTrap32) {
  store.hold_commits(true);
  post("/led", [](Act& act) {
    (void)act.turn.persist("added", 1, "1");
    act.turn.set_timer("old", 50, 50, {});
    (void)act.turn.subscribe("old.*");
    ActorRef child;
    uint64_t ask = 0;
    (void)act.turn.spawn("old", "puppet", "", "", &child);
    (void)act.turn.watch(child);
    (void)act.turn.ask(to("/out", "Asked"), 500, &ask);
    (void)act.turn.watch_file("/old");
    (void)act.turn.send(to("/out", "Sent"));
    return Outcome{};
  });
  post("/led", [](Act&) { return failed(); });
  settle();
  advance(100);  // the backoff is over, the next instance waits for the log
  EXPECT_EQ(status("/led"), "hydrating");
  store.hold_commits(false);
  settle();
  EXPECT_EQ(status("/led"), "running");
  EXPECT_THAT(seen("/out"), ElementsAre("Asked", "Sent"))
      << "what concerns others happens all the same";
  EXPECT_EQ(view("/led").timers, 0u);
  EXPECT_EQ(view("/led").asks, 0u);
  EXPECT_TRUE(runtime->broker().list().empty());
  EXPECT_EQ(status("/led/old"), "gone");
  EXPECT_THAT(watched_files, IsEmpty());
  advance(1'000);
  EXPECT_THAT(seen("/led"), ElementsAre("recovered 1", "start"));
}

TEST_F(OutputGateTest, AnActorThatStopsEndsOnlyAfterItsHeldEffectsHaveLeft) {
  factory.kinds["watcher"].receive = [](Act&) { return Outcome{}; };
  declare("/watcher", "watcher");
  settle();
  const ActorRef led = ref("/led");
  in("/watcher", [led](Act& act) { (void)act.turn.watch(led); });
  store.hold_commits(true);
  post("/led", [](Act& act) {
    (void)act.turn.persist("added", 1, "1");
    (void)act.turn.send(to("/watcher", "Last"));
    act.turn.set_timer("t", 10, 0, {});
    act.turn.stop_self();
    return Outcome{};
  });
  settle();
  EXPECT_EQ(status("/led"), "stopping");
  EXPECT_THAT(seen("/watcher"), ElementsAre("start"));
  store.hold_commits(false);
  settle();
  EXPECT_EQ(status("/led"), "stopped");
  EXPECT_THAT(seen("/watcher"), ElementsAre("start", "Last", "terminated 0"));
  EXPECT_EQ(runtime->timers().size(), 0u) << "an ended instance arms nothing";
}

TEST_F(OutputGateTest, EventsOfTheStopHookAreDurableBeforeTheActorEnds) {
  factory.kinds["ledger"].stop = [](Act& act, int32_t) {
    (void)act.turn.persist("added", 1, "bye");
    (void)act.turn.send(to("/out", "Bye"));
  };
  declare("/led2", "ledger");
  settle();
  store.hold_commits(true);
  ASSERT_TRUE(tree().stop("/led2"));
  settle();
  EXPECT_EQ(status("/led2"), "stopping");
  EXPECT_THAT(seen("/out"), IsEmpty());
  store.hold_commits(false);
  settle();
  EXPECT_THAT(seen("/out"), ElementsAre("Bye"));
  EXPECT_EQ(status("/led2"), "stopped");
  ASSERT_TRUE(tree().start("/led2"));
  settle();
  EXPECT_EQ(state("/led2"), "bye");
}

TEST_F(OutputGateTest, Law2ACrashBetweenTurnAndCommitTakesStateAndEffectsTogether) {
  post_add("1");
  settle();
  store.hold_commits(true);
  post_add("2");
  post_say("2 is there");
  settle();
  EXPECT_EQ(state("/led"), "1,2");
  factory.forget();
  crash();
  declare("/led", "ledger");
  declare("/out");
  settle();
  EXPECT_EQ(state("/led"), "1");
  EXPECT_THAT(seen("/out"), ElementsAre("start"));
}

TEST_F(OutputGateTest, Law9AfterAFailedCommitNothingLeavesAnyMore) {
  ends_badly = true;
  store.fail_commit(store.stats().commits + 1);
  post_add("1");
  settle();
  EXPECT_EQ(log_failures.size(), 1u);
  store.step();
  post_say("never");
  settle();
  EXPECT_THAT(seen("/out"), IsEmpty());
}

TEST_F(OutputGateTest, Law9AFullDiskHoldsAndNothingIsLostOrDoubled) {
  store.hold_commits(true);
  for (int i = 0; i < 2'000; ++i) post_add(std::to_string(i));
  settle();
  EXPECT_EQ(held(), limits::kHeldTurnsPerActor) << "at the limit the actor waits, with its mailbox";
  const uint64_t full = dead(DeadReason::kMailboxFull);
  EXPECT_EQ(full, 2'000u - 1'024u) << "the mailbox pushes back";
  store.hold_commits(false);
  settle();
  EXPECT_EQ(seen("/out").size(), 1'024u);
  EXPECT_EQ(held(), 0u);
}

TEST_F(OutputGateTest, AnActorAtTheHeldLimitGoesOnWhenTheGateOpens) {
  store.hold_commits(true);
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 600; ++i) post_add("x");
    settle();
  }
  EXPECT_EQ(held(), limits::kHeldTurnsPerActor);
  store.hold_commits(false);
  settle();
  EXPECT_EQ(seen("/out").size(), 1'800u);
}

TEST_F(OutputGateTest, AMultiEventTurnIsOneUnit) {
  post("/led", [](Act& act) {
    (void)act.turn.persist("added", 1, "a");
    (void)act.turn.persist("added", 1, "b");
    EXPECT_EQ(act.turn.last_seq(), 2u);
    return Outcome{};
  });
  settle();
  EXPECT_EQ(store.stored("/led")->events.size(), 2u);
  post("/led", [](Act& act) {
    (void)act.turn.persist("added", 1, "c");
    return failed();
  });
  settle();
  advance(1'000);
  EXPECT_EQ(store.stored("/led")->events.size(), 2u) << "the event of a failed turn never was";
  EXPECT_EQ(state("/led"), "a,b");
  post_add("d");
  settle();
  EXPECT_EQ(store.stored("/led")->events.back().record.seq, 3u) << "numbers have no gap";
}

TEST_F(OutputGateTest, AnEventThatCannotBeAppliedFailsTheTurnEvenIfTheHandlerIgnoresIt) {
  factory.kinds["ledger"].apply = [](ScriptedBehavior&, const EventRecord& event) {
    return event.body.view() == "bad" ? failed("cannot apply", ACTORD_FAIL_STATE) : Outcome{};
  };
  declare("/led2", "ledger");
  settle();
  post("/led2", [](Act& act) {
    EXPECT_EQ(act.turn.persist("added", 1, "bad"), ACTORD_FAIL_STATE);
    EXPECT_EQ(act.turn.persist("added", 1, "good"), ACTORD_FAIL_STATE) << "this turn can only fail";
    (void)act.turn.send(to("/out", "Said"));
    return Outcome{};
  });
  settle();
  EXPECT_THAT(seen("/out"), IsEmpty());
  EXPECT_EQ(dead(DeadReason::kHandlerFailed), 1u);
  EXPECT_EQ(status("/led2"), "backoff") << "the journal is well, so a new instance helps";
  advance(1'000);
  EXPECT_EQ(status("/led2"), "running");
}

TEST_F(OutputGateTest, ARejectedMessageIsCommittedWithTheTurnAndCountedOnce) {
  store.hold_commits(true);
  post("/led", [](Act& act) {
    (void)act.turn.persist("added", 1, "1");
    EXPECT_EQ(act.turn.reject(nullptr, "bad line"), ACTORD_OK);
    const SendRequest other = about("Other", "payload");
    EXPECT_EQ(act.turn.reject(&other, "other line"), ACTORD_OK);
    return Outcome{};
  });
  settle();
  EXPECT_EQ(dead_total(), 0u) << "not before it is durable";
  store.hold_commits(false);
  EXPECT_EQ(letters().size(), 2u);
  EXPECT_EQ(dead(DeadReason::kRejected), 2u);
  EXPECT_EQ(in_flight(), 0u);
}

TEST_F(OutputGateTest, ARefusalByTheFenceEndsTheHost) {
  ends_badly = true;
  // Somebody else opens the same journal behind the runtime's back.
  store.open("/led", "ledger", [](Result<OpenedActor>) {});
  settle();
  post_add("1");
  settle();
  EXPECT_EQ(log_failures.size(), 1u);
}

}  // namespace
}  // namespace actord::host
