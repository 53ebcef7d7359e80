// Law 10: hydration has no side effects, and the state is the fold of the journal, whichever snapshot
// was used. Never empty because something was unreadable.
#include "runtime/hydration.hpp"

#include "support/runtime_fixture.hpp"

namespace actord::host {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class HydrationTest : public RuntimeFixture {
 protected:
  static ActorOptions every(uint64_t snapshot_every) {
    ActorOptions options = steady();
    options.persistence.snapshot_every = snapshot_every;
    return options;
  }
  void add(const std::string& path, int from, int to) {
    for (int i = from; i <= to; ++i) {
      send(path, "add", std::to_string(i));
      settle();
    }
  }
  static std::string fold(int to) {
    std::string text;
    for (int i = 1; i <= to; ++i) text = join(std::move(text), std::to_string(i));
    return text;
  }
  // The process is killed and comes back.
  void reboot(const ActorOptions& options = steady()) {
    crash();
    factory.forget();
    declare("/led", "ledger", options);
    settle();
  }
};

TEST_F(HydrationTest, AnEmptyJournalStillSignalsCompletionTrap44) {
  declare("/led", "ledger");
  settle();
  EXPECT_THAT(seen("/led"), ElementsAre("recovered ", "start"));
  EXPECT_EQ(status("/led"), "running");
}

TEST_F(HydrationTest, Law10TheStateEqualsTheFoldOfTheJournal) {
  declare("/led", "ledger", every(0));
  settle();
  add("/led", 1, 25);
  reboot();
  EXPECT_EQ(state("/led"), fold(25));
  EXPECT_THAT(seen("/led"), ElementsAre("recovered " + fold(25), "start"));
  EXPECT_EQ(view("/led").hydrated_events, 25u);
  EXPECT_EQ(view("/led").last_seq, 25u);
  EXPECT_EQ(runtime->hydration_sums().events, 25u);
  EXPECT_EQ(runtime->hydration_sums().actors, 1u);
}

TEST_F(HydrationTest, Law10ASnapshotSavesTheEventsBeforeIt) {
  declare("/led", "ledger", every(10));
  settle();
  add("/led", 1, 25);
  reboot(every(10));
  EXPECT_EQ(state("/led"), fold(25));
  EXPECT_EQ(view("/led").hydrated_events, 5u);
  EXPECT_EQ(view("/led").snapshot_seq, 20u);
  add("/led", 26, 26);
  EXPECT_EQ(store.stored("/led")->events.back().record.seq, 26u);
}

TEST_F(HydrationTest, Law10WithEveryUsableSetOfSnapshotsTheStateIsTheSame) {
  declare("/led", "ledger", every(10));
  settle();
  add("/led", 1, 35);
  ASSERT_EQ(store.stored("/led")->snapshots.size(), 2u);
  reboot(every(0));
  EXPECT_EQ(state("/led"), fold(35));
  store.stored("/led")->snapshots.rbegin()->second.checksum ^= 1;  // the newest is damaged
  reboot(every(0));
  EXPECT_EQ(state("/led"), fold(35));
  EXPECT_EQ(view("/led").hydrated_events, 15u);
  store.stored("/led")->snapshots.clear();
  reboot(every(0));
  EXPECT_EQ(state("/led"), fold(35));
  EXPECT_EQ(view("/led").hydrated_events, 35u);
}

TEST_F(HydrationTest, ASnapshotTheActorCannotLoadFallsBackToTheOlderOneThenToTheJournal) {
  declare("/led", "ledger", every(10));
  settle();
  add("/led", 1, 35);
  // A load that fails half-way must leave nothing of itself behind.
  uint64_t bad_from = 30;
  factory.kinds["ledger"].load = [&](ScriptedBehavior& self, const SnapshotRecord& snapshot) {
    self.state = "garbage";
    return snapshot.seq >= bad_from ? failed("unknown version", ACTORD_FAIL_STATE) : Outcome{};
  };
  reboot(every(0));
  EXPECT_EQ(state("/led"), fold(35));
  EXPECT_EQ(view("/led").hydrated_events, 15u);
  bad_from = 0;
  reboot(every(0));
  EXPECT_EQ(state("/led"), fold(35)) << "a full replay begins from an untouched instance";
  EXPECT_EQ(status("/led"), "running");
}

TEST_F(HydrationTest, Trap47ASnapshotContainsExactlyTheEventsUpToItsNumber) {
  declare("/led", "ledger", every(0));
  settle();
  in("/led", [](Act& act) {
    (void)act.turn.persist("added", 1, "1");
    EXPECT_EQ(act.turn.snapshot(), ACTORD_OK);
    (void)act.turn.persist("added", 1, "2");
  });
  const auto& snapshots = store.stored("/led")->snapshots;
  ASSERT_EQ(snapshots.size(), 1u);
  EXPECT_EQ(snapshots.begin()->second.record.seq, 2u);
  EXPECT_EQ(snapshots.begin()->second.record.body.view(), "1,2");
}

TEST_F(HydrationTest, AsManySnapshotsStayAsTheOptionsSay) {
  ActorOptions options = every(1);
  options.persistence.snapshots_kept = 3;
  declare("/led", "ledger", options);
  settle();
  add("/led", 1, 7);
  EXPECT_EQ(store.stored("/led")->snapshots.size(), 3u);
}

TEST_F(HydrationTest, AStopTakesASnapshotSoThatTheNextStartIsQuick) {
  declare("/led", "ledger", every(1'000));
  settle();
  add("/led", 1, 7);
  ASSERT_TRUE(tree().stop("/led"));
  settle();
  ASSERT_TRUE(tree().start("/led"));
  settle();
  EXPECT_EQ(state("/led"), fold(7));
  EXPECT_EQ(view("/led").hydrated_events, 0u);
}

TEST_F(HydrationTest, AKindWithoutSnapshotsReplaysEverything) {
  factory.kinds["ledger"].snapshots = false;
  declare("/led", "ledger", every(2));
  settle();
  add("/led", 1, 7);
  reboot(every(2));
  EXPECT_EQ(state("/led"), fold(7));
  EXPECT_EQ(view("/led").hydrated_events, 7u);
}

TEST_F(HydrationTest, ALongJournalComesInBatches) {
  declare("/led", "ledger", every(0));
  settle();
  for (int i = 0; i < 5; ++i) {
    in("/led", [](Act& act) {
      for (int k = 0; k < 500; ++k) (void)act.turn.persist("added", 1, "x");
    });
  }
  crash();
  declare("/led", "ledger", every(0));
  int answers = 0;
  do {
    steps->run_until_idle();
    ++answers;
  } while (store.step());
  EXPECT_EQ(view("/led").hydrated_events, 2'500u);
  EXPECT_GE(answers, 2 + 3) << "open, snapshot, three batches";
}

TEST_F(HydrationTest, Trap43ReplayRunsTheEventHandlerOnly) {
  declare("/out");
  factory.kinds["ledger"].receive = [](Act& act) {
    (void)act.turn.persist("added", 1, act.message->payload.view());
    (void)act.turn.send(to("/out", "Said"));
    act.turn.set_timer("t", 10, 0, {});
    (void)act.turn.subscribe("a.*");
    return Outcome{};
  };
  declare("/led", "ledger", every(0));
  settle();
  add("/led", 1, 3);
  crash();
  factory.forget();
  declare("/out");
  declare("/led", "ledger", every(0));
  settle();
  EXPECT_THAT(seen("/out"), ElementsAre("start"));
  EXPECT_EQ(runtime->timers().size(), 0u);
  EXPECT_TRUE(runtime->broker().list().empty());
  EXPECT_EQ(state("/led"), fold(3));
}

TEST_F(HydrationTest, Law10DamagedEventsParkTheActorWithTheReasonAndNeverStartItEmpty) {
  declare("/led", "ledger", every(0));
  settle();
  add("/led", 1, 5);
  auto& events = store.stored("/led")->events;
  const std::string good(events[2].record.body.view());
  events[2].record.body = Bytes("33");  // a flip
  reboot();
  EXPECT_EQ(status("/led"), "parked");
  EXPECT_THAT(view("/led").reason, HasSubstr("event 3"));
  EXPECT_EQ(view("/led").last_failure.failure, FailureClass::kHydration);
  EXPECT_EQ(state("/led"), "gone");
  EXPECT_THAT(seen("/led"), IsEmpty());
  send("/led", "add", "6");
  settle();
  EXPECT_EQ(view("/led").mailbox.messages, 1u) << "the mailbox is kept";
  // Repaired, and resumed by an operator.
  store.stored("/led")->events[2].record.body = Bytes(good);
  ASSERT_TRUE(tree().resume("/led"));
  settle();
  EXPECT_EQ(state("/led"), fold(6));
}

TEST_F(HydrationTest, AGapParksTheActorTrap44) {
  declare("/led", "ledger", every(0));
  settle();
  add("/led", 1, 5);
  auto& events = store.stored("/led")->events;
  events.erase(events.begin() + 1);
  reboot();
  EXPECT_EQ(status("/led"), "parked");
}

TEST_F(HydrationTest, AnEventTheActorCannotApplyParksItAndNamesTheEvent) {
  declare("/led", "ledger", every(0));
  settle();
  add("/led", 1, 3);
  factory.kinds["ledger"].apply = [](ScriptedBehavior&, const EventRecord& event) {
    return event.seq == 2 ? failed("no upcaster", ACTORD_FAIL_STATE) : Outcome{};
  };
  reboot();
  EXPECT_EQ(status("/led"), "parked");
  EXPECT_THAT(view("/led").reason, HasSubstr("event 2 (added version 1): no upcaster"));
}

TEST_F(HydrationTest, Trap6MessagesWaitWhileHydratingInOrderAndWithinBounds) {
  ActorOptions options = every(0);
  options.mailbox.capacity = 3;
  declare("/led", "ledger", options);
  settle_without_store();
  EXPECT_EQ(status("/led"), "hydrating");
  for (int i = 1; i <= 5; ++i) send("/led", "add", std::to_string(i));
  settle_without_store();
  EXPECT_EQ(dead(DeadReason::kMailboxFull), 2u);
  settle();
  EXPECT_EQ(state("/led"), "1,2,3");
}

TEST_F(HydrationTest, Trap46OverflowDuringHydrationDoesNotCrashTheActor) {
  ActorOptions options = every(0);
  options.mailbox = {1, 1 << 20, Overflow::kDropOldest};
  declare("/led", "ledger", options);
  settle_without_store();
  for (int i = 1; i <= 100; ++i) send("/led", "add", std::to_string(i));
  settle();
  EXPECT_EQ(state("/led"), "100");
  EXPECT_EQ(view("/led").restarts, 0u);
}

TEST_F(HydrationTest, Trap48ASecondOwnerOfAPersistenceIdIsParkedBeforeItHandlesAMessage) {
  ActorOptions options = steady();
  options.persistence.id = "shared";
  declare("/one", "ledger", options);
  settle();
  declare("/two", "ledger", options);
  send("/two", "add", "1");
  settle();
  EXPECT_EQ(status("/one"), "running");
  EXPECT_EQ(status("/two"), "parked");
  EXPECT_THAT(view("/two").reason, HasSubstr("\"shared\" is in use by /one"));
  send("/one", "add", "a");
  settle();
  EXPECT_THAT(log_failures, IsEmpty());
  // Free again when the first has ended.
  ASSERT_TRUE(tree().stop("/one"));
  settle();
  ASSERT_TRUE(tree().resume("/two"));
  settle();
  EXPECT_EQ(state("/two"), "a,1");
}

TEST_F(HydrationTest, AJournalOfAnotherKindParksTheActor) {
  declare("/led", "ledger");
  settle();
  add("/led", 1, 1);
  factory.kinds["other"] = factory.kinds["ledger"];
  crash();
  declare("/led", "other");
  settle();
  EXPECT_EQ(status("/led"), "parked");
  EXPECT_THAT(view("/led").reason, HasSubstr("kind ledger"));
}

TEST_F(HydrationTest, Trap19AStopAtEachStepOfHydrationEndsItOnce) {
  declare("/watcher");
  declare("/led", "ledger", every(0));
  settle();
  add("/led", 1, 3);
  for (int step = 0; step < 6; ++step) {
    ASSERT_TRUE(tree().stop("/led"));
    settle();
    ASSERT_EQ(status("/led"), "stopped") << step;
    factory.forget();
    ASSERT_TRUE(tree().start("/led"));
    const ActorRef led = ref("/led");
    in("/watcher", [led](Act& act) { (void)act.turn.watch(led); });
    ASSERT_TRUE(tree().restart("/led"));
    steps->run_until_idle();
    for (int i = 0; i < step; ++i) {
      store.step();
      steps->run_until_idle();
    }
    ASSERT_TRUE(tree().stop("/led"));
    settle();
    EXPECT_EQ(status("/led"), "stopped") << step;
    EXPECT_THAT(seen("/watcher"), ElementsAre("terminated 0")) << step;
    ASSERT_TRUE(tree().start("/led"));
    settle();
    EXPECT_EQ(state("/led"), fold(3)) << step;
  }
}

TEST_F(HydrationTest, ARestartWhileHydratingDropsTheLateAnswers) {
  declare("/led", "ledger", every(0));
  settle();
  add("/led", 1, 3);
  ASSERT_TRUE(tree().restart("/led"));
  steps->run_until_idle();
  ASSERT_TRUE(tree().restart("/led"));
  steps->run_until_idle();
  ASSERT_TRUE(tree().restart("/led"));
  settle();
  EXPECT_EQ(status("/led"), "running");
  EXPECT_EQ(state("/led"), fold(3));
  add("/led", 4, 4);
  EXPECT_THAT(log_failures, IsEmpty()) << "the newest instance holds the newest epoch";
}

TEST_F(HydrationTest, Trap41ARestartFirstLearnsTheOutcomeOfTheWriteInFlight) {
  declare("/led", "ledger", every(0));
  settle();
  store.hold_commits(true);
  send("/led", "add", "1");
  settle();
  fail("/led");
  advance(200);
  EXPECT_EQ(status("/led"), "hydrating");
  store.hold_commits(false);
  settle();
  EXPECT_EQ(state("/led"), "1");
  add("/led", 2, 2);
  EXPECT_EQ(store.stored("/led")->events.back().record.seq, 2u) << "neither reused nor skipped";
}

TEST_F(HydrationTest, AtMostSoManyHydrateAtOnceAndAllGetTheirTurn) {
  const int count = static_cast<int>(limits::kHydrationsAtOnce) + 20;
  for (int i = 0; i < count; ++i) declare("/l" + std::to_string(i), "ledger");
  steps->run_until_idle();
  // One that runs and one that waits are stopped; the place of the first goes on to another.
  ASSERT_TRUE(tree().stop("/l0"));
  ASSERT_TRUE(tree().stop("/l" + std::to_string(count - 1)));
  settle();
  for (int i = 1; i < count - 1; ++i) EXPECT_EQ(status("/l" + std::to_string(i)), "running") << i;
  // The places are all free again.
  crash();
  for (int i = 0; i < count; ++i) declare("/l" + std::to_string(i), "ledger");
  settle();
  EXPECT_EQ(tree().counts().running, static_cast<uint64_t>(count));
}

TEST_F(HydrationTest, WorkTakenUpInRecoveredComesBeforeTheFirstMessage) {
  factory.kinds["ledger"].recovered = [](Act& act) {
    (void)act.turn.persist("added", 1, "r");
    (void)act.turn.send(to(act.turn.self(), "FromRecovered"));
    return Outcome{};
  };
  declare("/led", "ledger");
  send("/led", "add", "1");
  settle();
  EXPECT_EQ(state("/led"), "r,1");
  EXPECT_THAT(seen("/led"), ElementsAre("recovered ", "start", "add 1", "FromRecovered"));
}

TEST_F(HydrationTest, AFailureInRecoveredIsAStartFailure) {
  bool good = false;
  factory.kinds["ledger"].recovered = [&](Act&) { return good ? Outcome{} : failed(); };
  declare("/led", "ledger");
  settle();
  EXPECT_EQ(status("/led"), "backoff");
  EXPECT_EQ(view("/led").last_failure.failure, FailureClass::kStart);
  good = true;
  advance(100);
  EXPECT_EQ(status("/led"), "running");
}

TEST_F(HydrationTest, Trap39AtEveryCrashPointTheStateIsAPrefixThatHoldsEveryAcknowledgedEvent) {
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    Random random(seed);
    crash();
    const std::string path = "/s" + std::to_string(seed);
    declare("/acks");
    declare(path, "ledger", every(3));
    settle();
    factory.forget();
    for (int i = 1; i <= 12; ++i) {
      post(path, [i](Act& act) {
        (void)act.turn.persist("added", 1, std::to_string(2 * i - 1));
        (void)act.turn.persist("added", 1, std::to_string(2 * i));
        (void)act.turn.send(to("/acks", "Ack", std::to_string(2 * i)));
        return Outcome{};
      });
      for (uint64_t k = random.next() % 4; k > 0; --k)
        (random.next() % 2 != 0 ? store.step() : steps->step());
    }
    const Lines acks = seen("/acks");
    const std::string before = state(path);
    crash();
    declare(path, "ledger", every(3));
    settle();
    const auto after = store.stored(path)->events.size();
    EXPECT_EQ(after % 2, 0u) << "a turn is whole or absent";
    EXPECT_EQ(state(path), fold(static_cast<int>(after)));
    EXPECT_TRUE(before.starts_with(state(path)));
    if (!acks.empty()) {
      EXPECT_GE(after, std::stoul(acks.back().substr(4))) << "seed " << seed;
    }
  }
}

}  // namespace
}  // namespace actord::host
