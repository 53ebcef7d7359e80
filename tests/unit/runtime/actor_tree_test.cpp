// Parents and children, watching, stopping in every state, failing.
#include "runtime/actor_tree.hpp"

#include "support/runtime_fixture.hpp"

namespace actord::host {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class ActorTreeTest : public RuntimeFixture {
 protected:
  // What happened to whom, of the kinds of line that begin with one of these words.
  Lines story(std::initializer_list<const char*> words) {
    Lines lines;
    for (const std::string& line : factory.everything()) {
      for (const char* word : words) {
        if (line.find(std::string(" ") + word) != std::string::npos) lines.push_back(line);
      }
    }
    return lines;
  }
  void watch(const std::string& watcher, ActorRef target) {
    in(watcher, [target](Act& act) { EXPECT_EQ(act.turn.watch(target), ACTORD_OK); });
  }
  ActorRef spawn(const std::string& parent, const std::string& name,
                 const std::string& kind = "puppet") {
    ActorRef child;
    in(parent, [&](Act& act) { EXPECT_EQ(act.turn.spawn(name, kind, "", "", &child), ACTORD_OK); });
    return child;
  }
  // A kind that spawns this child when it starts.
  void parent_kind(const std::string& kind, const std::string& child) {
    factory.kinds[kind].start = [child](Act& act) {
      ActorRef ref;
      return Outcome{act.turn.spawn(child, "puppet", "", "", &ref), {}};
    };
  }
};

// ---- starting ----

TEST_F(ActorTreeTest, DeclaredActorsStartInOrderParentsFirst) {
  for (const char* path : {"/b", "/a", "/b/x", "/b/y", "/a/z"}) declare(path);
  settle();
  const Lines lines = story({"start"});
  EXPECT_EQ(lines.size(), 5u);
  const auto at = [&](const std::string& path) {
    return std::find(lines.begin(), lines.end(), path + " start") - lines.begin();
  };
  EXPECT_LT(at("/b"), at("/a"));
  EXPECT_LT(at("/b"), at("/b/x"));
  EXPECT_LT(at("/b/x"), at("/b/y"));
  EXPECT_LT(at("/a"), at("/a/z"));
}

TEST_F(ActorTreeTest, AChildDeclaredBeforeItsParentWaits) {
  declare("/p/c");
  settle();
  EXPECT_EQ(status("/p/c"), "waiting");
  EXPECT_EQ(tree().counts().waiting, 1u);
  EXPECT_EQ(tree().counts().eager_pending, 0u) << "nobody brings its parent";
  declare("/p");
  settle();
  EXPECT_EQ(status("/p/c"), "running");
}

// The scheduler hears of the first one under the tree's lock: by then the last can be spoken to.
TEST_F(ActorTreeTest, ThoseDeclaredTogetherHaveTheirPlacesBeforeTheFirstOfThemRuns) {
  std::vector<ActorTree::Declaration> all;
  for (int i = 0; i < 10; ++i)
    all.push_back({{*ActorPath::parse("/n" + std::to_string(i)), "puppet", "{}", steady()}, {}});
  bool seen_last = false;
  steps->on_schedule = [&](ActorCell& cell) {
    if (cell.ref == ref("/n0")) seen_last = !ref("/n9").is_nobody();
  };
  tree().declare(std::move(all));
  steps->on_schedule = nullptr;
  EXPECT_TRUE(seen_last);
  settle();
}

TEST_F(ActorTreeTest, OneThatWaitsHasItsMailboxAndIsStartedByNobodyElse) {
  declare("/db", "ledger");
  declare("/app", "puppet", steady(), {"/db"});
  const ActorRef waiting = ref("/app");
  send("/app", "Early");
  EXPECT_EQ(tree().start("/app").error().code, ACTORD_E_WRONG_PHASE);
  EXPECT_EQ(tree().start("/db").error().code, ACTORD_E_EXISTS);
  settle();
  EXPECT_EQ(ref("/app"), waiting);
  EXPECT_THAT(seen("/app"), ElementsAre("start", "Early"));
}

TEST_F(ActorTreeTest, OneThatWaitsCanBeStoppedAndStarted) {
  factory.kinds["broken"].start = [](Act&) { return failed("no", ACTORD_FAIL_CONFIG); };
  declare("/db", "broken");
  declare("/app", "puppet", steady(), {"/db"});
  settle();
  send("/app", "Early");
  ASSERT_TRUE(tree().stop("/app"));
  settle();
  EXPECT_EQ(status("/app"), "stopped");
  EXPECT_EQ(dead(DeadReason::kStopped), 1u);
  EXPECT_EQ(tree().start("/app").error().code, ACTORD_E_WRONG_PHASE);
  EXPECT_EQ(status("/app"), "waiting");
}

TEST_F(ActorTreeTest, TheEndWaitsForNobodyThatWaitsForWhatWillNotCome) {
  factory.kinds["broken"].start = [](Act&) { return failed("no", ACTORD_FAIL_CONFIG); };
  declare("/db", "broken");
  declare("/app", "puppet", steady(), {"/db"});
  declare("/app/part");
  declare("/report", "puppet", steady(), {"/app"});
  declare("/slow", "ledger");
  declare("/soon", "puppet", steady(), {"/slow"});
  settle_without_store();
  for (const char* path : {"/app", "/app/part", "/report", "/soon"}) send(path, "M");
  runtime->announce_shutdown();
  settle();
  EXPECT_TRUE(runtime->quiet());
  EXPECT_EQ(dead_total(), 3u);
  EXPECT_THAT(seen("/soon"), ElementsAre("start", "M"));
}

TEST_F(ActorTreeTest, SiblingsStopInTheReverseOfTheOrderInWhichTheyStarted) {
  declare("/b", "puppet", steady(), {"/a"});
  declare("/a");
  settle();
  factory.forget();
  tree().stop_all();
  settle();
  EXPECT_THAT(story({"stop"}), ElementsAre("/b stop 3", "/a stop 3"));
}

TEST_F(ActorTreeTest, AfterWaitsForTheWholeSubtree) {
  ActorOptions options = steady();
  declare("/db");
  declare("/db/pool", "ledger");
  declare("/app", "puppet", options, {"/db"});
  steps->run_until_idle();
  EXPECT_EQ(status("/app"), "waiting") << "/db/pool still hydrates";
  EXPECT_EQ(tree().counts().eager_pending, 2u);
  settle();
  EXPECT_EQ(status("/app"), "running");
  EXPECT_EQ(tree().counts().eager_pending, 0u);
}

TEST_F(ActorTreeTest, AfterOneThatIsParkedWaitsAndReadinessDoesNot) {
  factory.kinds["broken"].start = [](Act&) { return failed("no", ACTORD_FAIL_CONFIG); };
  declare("/db", "broken");
  declare("/app", "puppet", steady(), {"/db"});
  settle();
  EXPECT_EQ(status("/db"), "parked");
  EXPECT_EQ(status("/app"), "waiting");
  EXPECT_EQ(tree().counts().eager_pending, 0u);
}

TEST_F(ActorTreeTest, AChildThatAnOperatorStoppedDoesNotHoldUpWhoComesAfterItsParent) {
  declare("/db");
  declare("/db/aux");
  settle();
  ASSERT_TRUE(tree().stop("/db/aux"));
  settle();
  declare("/app", "puppet", steady(), {"/db"});
  settle();
  EXPECT_EQ(status("/app"), "running");
}

TEST_F(ActorTreeTest, AStopFromInsideStartEndsTheActorOnce) {
  factory.kinds["brief"].start = [](Act& act) {
    (void)act.turn.send(to("/w", "Hello"));
    act.turn.stop_self();
    return Outcome{};
  };
  declare("/w");
  declare("/brief", "brief");
  settle();
  EXPECT_EQ(status("/brief"), "stopped");
  EXPECT_THAT(seen("/brief"), ElementsAre("start", "stop 0"));
  EXPECT_THAT(seen("/w"), ElementsAre("start", "Hello"));
  ASSERT_TRUE(tree().start("/brief"));
  settle();
  EXPECT_EQ(seen("/brief").size(), 4u);
}

TEST_F(ActorTreeTest, AnUnknownKindIsParkedWithTheReason) {
  declare("/x", "nosuch");
  settle();
  EXPECT_EQ(status("/x"), "parked");
  EXPECT_THAT(view("/x").reason, HasSubstr("nosuch"));
  EXPECT_EQ(seen("/x").size(), 0u);
}

TEST_F(ActorTreeTest, AFactoryThatFailsForAPassingReasonIsTriedAgain) {
  int calls = 0;
  factory.before_create = [&](const CreateArgs&) -> Result<void> {
    if (++calls < 3) return Error{ACTORD_FAIL_TRANSIENT, "busy"};
    return {};
  };
  declare("/x");
  settle();
  EXPECT_EQ(status("/x"), "backoff");
  EXPECT_EQ(view("/x").last_failure.failure, FailureClass::kStart);
  advance(100);
  EXPECT_EQ(status("/x"), "backoff");
  advance(200);
  EXPECT_EQ(status("/x"), "running");
  EXPECT_EQ(view("/x").restarts, 2u);
}

// ---- spawning ----

TEST_F(ActorTreeTest, SpawnedChildrenAreReachableByReferenceAndPath) {
  declare("/p");
  settle();
  in("/p", [](Act& act) {
    ActorRef child;
    EXPECT_EQ(act.turn.spawn("c", "puppet", "", "", &child), ACTORD_OK);
    (void)act.turn.send(to(child, "ByRef"));
    (void)act.turn.send(to("/p/c", "ByPath"));
  });
  EXPECT_THAT(seen("/p/c"), ElementsAre("start", "ByRef", "ByPath"));
  EXPECT_THAT(view("/p").children, ElementsAre("/p/c"));
  EXPECT_FALSE(view("/p/c").declared);
}

// Ready is a matter of what is declared: one who spawns without end would never be.
TEST_F(ActorTreeTest, SpawnedActorsDoNotHoldUpReadiness) {
  factory.kinds["parent"].start = [](Act& act) {
    ActorRef ref;
    return Outcome{act.turn.spawn("c", "ledger", "", "", &ref), {}};
  };
  declare("/p", "parent");
  steps->run_until_idle();
  EXPECT_EQ(status("/p/c"), "hydrating");
  EXPECT_EQ(tree().counts().eager_pending, 0u);
}

TEST_F(ActorTreeTest, ASpawnUnderATakenNameTellsWatchersOnceAndItsMessagesDie) {
  declare("/p");
  settle();
  spawn("/p", "c");
  const uint64_t incarnation = view("/p/c").incarnation;
  factory.forget();
  in("/p", [](Act& act) {
    ActorRef second;
    EXPECT_EQ(act.turn.spawn("c", "puppet", "", "", &second), ACTORD_OK);
    (void)act.turn.watch(second);
    (void)act.turn.watch(second);
    (void)act.turn.send(to(second, "Lost"));
  });
  EXPECT_THAT(seen("/p"), ElementsAre("terminated 2"));
  EXPECT_EQ(dead(DeadReason::kStaleIncarnation), 1u);
  EXPECT_EQ(view("/p/c").incarnation, incarnation) << "the first is not touched";
  EXPECT_THAT(seen("/p/c"), IsEmpty());
}

TEST_F(ActorTreeTest, Law15ASpawnOverTheLimitOfChildrenStartsNothing) {
  ActorOptions few = steady();
  few.supervision.max_children = 2;
  declare("/p", "puppet", few);
  settle();
  spawn("/p", "a");
  const ActorRef b = spawn("/p", "b");
  const ActorRef c = spawn("/p", "c");
  EXPECT_EQ(status("/p/c"), "gone");
  in("/p", [c](Act& act) { (void)act.turn.watch(c); });
  EXPECT_THAT(seen("/p"), ElementsAre("start", "terminated 2"));
  in("/p", [b](Act& act) { (void)act.turn.stop(b); });
  spawn("/p", "c");
  EXPECT_EQ(status("/p/c"), "running") << "there is room again";
}

TEST_F(ActorTreeTest, ASpawnFromTheStopHookIsRefused) {
  factory.kinds["puppet"].stop = [](Act& act, int32_t) {
    ActorRef child;
    EXPECT_EQ(act.turn.spawn("c", "puppet", "", "", &child), ACTORD_E_WRONG_PHASE);
  };
  declare("/p");
  settle();
  ASSERT_TRUE(tree().stop("/p"));
  settle();
}

TEST_F(ActorTreeTest, ASpawnInTheTurnThatStopsItselfNeverOutlivesTheParent) {
  declare("/p");
  settle();
  in("/p", [](Act& act) {
    ActorRef child;
    (void)act.turn.spawn("c", "puppet", "", "", &child);
    act.turn.stop_self();
  });
  EXPECT_EQ(status("/p"), "stopped");
  EXPECT_EQ(status("/p/c"), "gone");
}

TEST_F(ActorTreeTest, StopEndsAChildAndNobodyElses) {
  declare("/p");
  declare("/q");
  settle();
  const ActorRef child = spawn("/p", "c");
  in("/q", [child](Act& act) { (void)act.turn.stop(child); });
  EXPECT_EQ(status("/p/c"), "running") << "only its parent may stop it";
  in("/p", [child](Act& act) { (void)act.turn.stop(child); });
  EXPECT_EQ(status("/p/c"), "gone");
  EXPECT_THAT(view("/p").children, IsEmpty());
}

// ---- stopping ----

TEST_F(ActorTreeTest, Trap18ChildrenStopFirstInReverseStartOrder) {
  for (const char* path : {"/p", "/p/a", "/p/b", "/p/b/x"}) declare(path);
  settle();
  spawn("/p", "c");
  ASSERT_TRUE(tree().stop("/p"));
  settle();
  EXPECT_THAT(story({"stop"}), ElementsAre("/p/c stop 0", "/p/b/x stop 0", "/p/b stop 0",
                                           "/p/a stop 0", "/p stop 0"));
}

TEST_F(ActorTreeTest, Trap18AGrandchildThatStopsItselfMeanwhileStopsOnce) {
  for (const char* path : {"/p", "/p/a", "/p/a/x", "/p/b"}) declare(path);
  settle();
  post("/p/a/x", [](Act&) { return Outcome{ACTORD_STOP, {}}; });
  ASSERT_TRUE(tree().stop("/p"));
  settle();
  const Lines lines = story({"stop"});
  EXPECT_EQ(std::count(lines.begin(), lines.end(), "/p/a/x stop 0"), 1);
  EXPECT_EQ(lines.size(), 4u);
  EXPECT_EQ(lines.back(), "/p stop 0");
}

TEST_F(ActorTreeTest, StopAllStopsEverythingInReverseOrderWithTheHostsReason) {
  for (const char* path : {"/a", "/a/x", "/b", "/c"}) declare(path);
  settle();
  factory.forget();
  send("/a", "Waiting");
  tree().stop_all();
  declare("/late");
  settle();
  EXPECT_TRUE(tree().stopped());
  EXPECT_THAT(story({"stop"}), ElementsAre("/c stop 3", "/b stop 3", "/a/x stop 3", "/a stop 3"));
  EXPECT_EQ(status("/late"), "waiting");
}

TEST_F(ActorTreeTest, StopAllOfNothingHasStoppedAtOnce) {
  EXPECT_FALSE(tree().stopped());
  tree().stop_all();
  EXPECT_TRUE(tree().stopped());
}

TEST_F(ActorTreeTest, MessagesOfAStoppedHostDieAsShutdown) {
  declare("/a");
  settle();
  ASSERT_TRUE(tree().park("/a"));
  settle();
  send("/a", "Waiting");
  tree().stop_all();
  settle();
  EXPECT_EQ(dead(DeadReason::kShutdown), 1u);
}

TEST_F(ActorTreeTest, Trap19AStopInEveryStateEndsTheActorExactlyOnce) {
  factory.kinds["bad"].start = [](Act&) { return failed(); };
  struct Case {
    const char* state;
    std::function<void()> reach;
    const char* kind;
  };
  const std::vector<Case> cases{
      {"starting", [] {}, "puppet"},
      {"hydrating", [&] { steps->run_until_idle(); }, "ledger"},
      {"running", [&] { settle(); }, "puppet"},
      {"backoff", [&] { settle(); }, "bad"},
      {"parked",
       [&] {
         settle();
         (void)tree().park("/x");
         settle();
       },
       "puppet"},
      {"stopping",
       [&] {
         settle();
         (void)tree().stop("/x");
       },
       "puppet"},
      {"stopping",
       [&] {
         settle();
         (void)tree().restart("/x");
       },
       "puppet"},
      {"stopping",
       [&] {
         settle();
         (void)tree().park("/x");
       },
       "puppet"},
  };
  declare("/watcher");
  settle();
  for (const Case& c : cases) {
    declare("/x", c.kind);
    const ActorRef target = ref("/x");
    factory.forget();
    EXPECT_TRUE(tree().watch(ref("/watcher"), target));
    runtime->registry().cell(ref("/watcher"))->strand.watching.emplace(target, nullptr);
    c.reach();
    ASSERT_EQ(status("/x"), c.state);
    ASSERT_TRUE(tree().stop("/x")) << c.state;
    ASSERT_TRUE(tree().stop("/x")) << c.state;
    settle();
    EXPECT_EQ(status("/x"), "stopped") << c.state;
    EXPECT_THAT(seen("/watcher"), ElementsAre("terminated 0")) << c.state;
    Lines stops;
    for (const std::string& line : seen("/x")) {
      if (line.starts_with("stop")) stops.push_back(line);
    }
    EXPECT_LE(stops.size(), 1u) << c.state;
    advance(20'000);
    EXPECT_EQ(status("/x"), "stopped") << c.state << ": no timer brings it back";
    tree().undeclare("/x");
  }
}

TEST_F(ActorTreeTest, Trap21AFailureInTheStopHookNeitherRestartsNorSkipsSiblings) {
  factory.kinds["sore"].stop = [](Act& act, int32_t) { act.turn.set_error("ignored"); };
  for (const char* path : {"/p", "/p/a", "/p/b"}) declare(path, "sore");
  settle();
  ASSERT_TRUE(tree().stop("/p"));
  settle();
  EXPECT_EQ(story({"stop"}).size(), 3u);
  advance(10'000);
  EXPECT_EQ(status("/p"), "stopped");
}

TEST_F(ActorTreeTest, NoMessageIsHandledAfterTheStopHookTrap22) {
  declare("/p");
  settle();
  ASSERT_TRUE(tree().stop("/p"));
  for (int i = 0; i < 3; ++i) send("/p", "Late");
  settle();
  EXPECT_EQ(seen("/p").back(), "stop 0");
  EXPECT_EQ(factory.alive(), 0);
}

TEST_F(ActorTreeTest, Trap16WhenTheDeathNoticeArrivesNameAndSubscriptionsAreFree) {
  declare("/p");
  settle();
  factory.kinds["heir"].receive = [&](Act& act) {
    if (act.message->kind != MessageKind::kTerminated) return Outcome{};
    EXPECT_TRUE(ref("/h/c").is_nobody());
    EXPECT_TRUE(runtime->broker().list().empty());
    ActorRef again;
    return Outcome{act.turn.spawn("c", "puppet", "", "", &again), {}};
  };
  declare("/h", "heir");
  settle();
  in("/h", [](Act& act) {
    ActorRef child;
    (void)act.turn.spawn("c", "puppet", "", "", &child);
    (void)act.turn.watch(child);
    act.self.refs["c"] = child;
  });
  in("/h/c", [](Act& act) { (void)act.turn.subscribe("x.*"); });
  in("/h", [](Act& act) { (void)act.turn.stop(act.self.refs["c"]); });
  EXPECT_EQ(status("/h/c"), "running") << "spawned again at once";
}

// ---- watching ----

class Watching : public ActorTreeTest {
 protected:
  Watching() {
    declare("/w");
    declare("/x");
    settle();
    factory.forget();
  }
};

TEST_F(Watching, ADeathIsToldOnceHoweverOftenItWasWatched) {
  for (int i = 0; i < 3; ++i) watch("/w", ref("/x"));
  ASSERT_TRUE(tree().stop("/x"));
  settle();
  EXPECT_THAT(seen("/w"), ElementsAre("terminated 0"));
}

TEST_F(Watching, Trap10TheDeadTheNeverExistingAndTheReservedGiveExactlyOneNotice) {
  const ActorRef x = ref("/x");
  ASSERT_TRUE(tree().stop("/x"));
  settle();
  watch("/w", x);
  watch("/w", {424'242, 99});
  watch("/w", {0, 77});
  in("/w", [](Act& act) {
    EXPECT_EQ(act.turn.watch({}), ACTORD_E_INVALID);
    ActorRef child;
    (void)act.turn.spawn("c", "puppet", "", "", &child);
    (void)act.turn.watch(child);
    (void)act.turn.stop(child);
  });
  EXPECT_THAT(seen("/w"),
              ElementsAre("terminated 2", "terminated 2", "terminated 2", "terminated 0"));
}

TEST_F(Watching, Trap10OneThatIsJustEndingGivesExactlyOneNotice) {
  for (int step = 0; step < 4; ++step) {
    const ActorRef x = ref("/x");
    ASSERT_TRUE(tree().stop("/x"));
    for (int i = 0; i < step; ++i) steps->step();
    watch("/w", x);
    settle();
    EXPECT_EQ(seen("/w").size(), 1u) << step;
    factory.forget();
    ASSERT_TRUE(tree().start("/x"));
    settle();
  }
}

TEST_F(Watching, Trap11UnwatchTakesBackANoticeThatIsQueued) {
  watch("/w", ref("/x"));
  const ActorRef x = ref("/x");
  in("/w", [&](Act& act) {
    EXPECT_TRUE(tree().stop("/x"));
    (void)act.turn.unwatch(x);
  });
  EXPECT_THAT(seen("/w"), IsEmpty());
  ASSERT_TRUE(tree().start("/x"));
  settle();
  const ActorRef second = ref("/x");
  watch("/w", second);
  ASSERT_TRUE(tree().park("/w"));  // it cannot look at the notice yet
  settle();
  ASSERT_TRUE(tree().resume("/w"));
  settle();
  EXPECT_TRUE(tree().stop("/x"));
  settle();
  EXPECT_THAT(seen("/w"), Not(Contains("terminated 0"))) << "the restarted instance does not watch";
}

// ---- a notice of one's own ----

TEST_F(Watching, TheNoticeIsTheWatchersOwnMessage) {
  const ActorRef x = ref("/x");
  factory.kinds["puppet"].receive = [&](Act& act) {
    if (act.message->type.name() != "Gone") return Outcome{};
    EXPECT_EQ(act.message->kind, MessageKind::kUser);
    EXPECT_EQ(act.message->from, x);
    EXPECT_EQ(act.message->reason, ACTORD_STOP_NORMAL);
    EXPECT_EQ(act.message->extra->key, "line 3");
    return Outcome{};
  };
  declare("/v");
  settle();
  in("/v", [x](Act& act) {
    SendRequest notice = about("Gone", "x");
    notice.key = "line 3";
    EXPECT_EQ(act.turn.watch_with(x, notice), ACTORD_OK);
  });
  ASSERT_TRUE(tree().stop("/x"));
  settle();
  EXPECT_THAT(seen("/v"), ElementsAre("start", "Gone x"));
}

TEST_F(Watching, Trap12AnOwnNoticeThatIsPutOffIsDeliveredAfterUnstash) {
  factory.kinds["later"].receive = [](Act& act) {
    if (act.message->type.name() == "Open") {
      act.self.number = 1;
      return Outcome{act.turn.unstash_all(), {}};
    }
    return act.self.number == 0 ? Outcome{ACTORD_DEFER, {}} : Outcome{};
  };
  declare("/l", "later");
  settle();
  in("/l", [this](Act& act) { (void)act.turn.watch_with(ref("/x"), about("Gone")); });
  ASSERT_TRUE(tree().stop("/x"));
  settle();
  send("/l", "Open");
  settle();
  EXPECT_THAT(seen("/l"), ElementsAre("start", "Gone", "Open", "Gone"));
}

TEST_F(Watching, AnOwnNoticeComesOnceAndUnwatchTakesItBack) {
  const ActorRef x = ref("/x");
  in("/w", [x](Act& act) {
    (void)act.turn.watch(x);
    (void)act.turn.watch_with(x, about("First"));
    (void)act.turn.watch_with(x, about("Second"));
    (void)act.turn.watch_with({424'242, 99}, about("Never", "was"));
  });
  EXPECT_THAT(seen("/w"), ElementsAre("Never was"));
  ASSERT_TRUE(tree().stop("/x"));
  settle();
  EXPECT_THAT(seen("/w"), ElementsAre("Never was", "Second"));
  ASSERT_TRUE(tree().start("/x"));
  settle();
  in("/w", [this](Act& act) {
    (void)act.turn.watch_with(ref("/x"), about("Third"));
    (void)act.turn.unwatch(ref("/x"));
  });
  ASSERT_TRUE(tree().stop("/x"));
  settle();
  EXPECT_EQ(seen("/w").size(), 2u);
}

TEST_F(Watching, AnOwnNoticePassesAFullMailboxAndEndsLikeAnyMessage) {
  ActorOptions small = steady();
  small.mailbox.capacity = 1;
  factory.kinds["deaf"].receive = [](Act&) { return Outcome{ACTORD_UNHANDLED, {}}; };
  declare("/d", "deaf", small);
  settle();
  in("/d", [this](Act& act) { (void)act.turn.watch_with(ref("/x"), about("Gone")); });
  send("/d", "One");
  ASSERT_TRUE(tree().stop("/x"));
  settle();
  EXPECT_THAT(seen("/d"), ElementsAre("start", "One", "Gone"));
  EXPECT_EQ(dead(DeadReason::kUnhandled), 2u);
  EXPECT_EQ(dead_total(), 2u);
}

// ---- watching, the rest ----

TEST_F(Watching, WatchingOneselfBringsNothing) {
  in("/w", [](Act& act) { (void)act.turn.watch(act.turn.self()); });
  ASSERT_TRUE(tree().stop("/w"));
  settle();
  EXPECT_EQ(status("/w"), "stopped");
}

TEST_F(Watching, Trap13ANoticeOfOneLifeIsNeverOfTheNext) {
  const ActorRef first = ref("/x");
  watch("/w", first);
  ASSERT_TRUE(tree().stop("/x"));
  settle();
  ASSERT_TRUE(tree().start("/x"));
  settle();
  const ActorRef second = ref("/x");
  EXPECT_NE(first, second);
  ASSERT_TRUE(tree().stop("/x"));
  settle();
  EXPECT_THAT(seen("/w"), ElementsAre("terminated 0"));
}

TEST_F(Watching, Trap13AReferenceToOneLifeNeverReachesTheNext) {
  const ActorRef first = ref("/x");
  ASSERT_TRUE(tree().stop("/x"));
  settle();
  ASSERT_TRUE(tree().start("/x"));
  settle();
  EXPECT_EQ(ref("/x").slot, first.slot) << "the cell is used again";
  factory.forget();
  send(first, "Old");
  settle();
  EXPECT_THAT(seen("/x"), IsEmpty());
  EXPECT_EQ(dead(DeadReason::kStaleIncarnation), 1u);
}

TEST_F(Watching, Trap14ARestartKeepsTheAddressAndIsInvisibleToWatchers) {
  const ActorRef x = ref("/x");
  watch("/w", x);
  fail("/x");
  send(x, "During");
  settle();
  advance(100);
  EXPECT_EQ(ref("/x"), x);
  EXPECT_THAT(seen("/w"), IsEmpty());
  EXPECT_THAT(seen("/x"), ElementsAre("start", "During"));
}

TEST_F(Watching, Trap14EachWatcherIsToldOnceEvenWithAFullMailboxOrAFailingHandler) {
  factory.kinds["sore"].receive = [](Act& act) {
    return act.message->kind == MessageKind::kTerminated ? failed() : Outcome{};
  };
  ActorOptions tight = steady();
  tight.mailbox.capacity = 1;
  declare("/full", "puppet", tight);
  declare("/sore", "sore");
  settle();
  for (const char* path : {"/full", "/sore", "/w"}) watch(path, ref("/x"));
  ASSERT_TRUE(tree().park("/full"));
  settle();
  send("/full", "Fills");
  watch("/w", ref("/x"));
  // Parking ended the instance and with it its watches; watch from the tree's side as a full one.
  ASSERT_TRUE(tree().resume("/full"));
  settle();
  post("/full", [this](Act& act) {
    (void)act.turn.watch(ref("/x"));
    return Outcome{};
  });
  settle();
  post("/full", [](Act&) { return Outcome{}; });
  ASSERT_TRUE(tree().stop("/x"));
  settle();
  advance(1'000);
  EXPECT_THAT(seen("/full"), Contains("terminated 0"));
  EXPECT_THAT(seen("/w"), ElementsAre("terminated 0"));
  const Lines sore = seen("/sore");
  EXPECT_EQ(std::count(sore.begin(), sore.end(), "terminated 0"), 1);
}

TEST_F(Watching, Trap15AForgedNoticeIsIgnored) {
  auto forged = std::make_unique<Envelope>();
  forged->kind = MessageKind::kTerminated;
  forged->to = ref("/w");
  forged->from = ref("/x");
  runtime->router().route(std::move(forged));
  settle();
  EXPECT_THAT(seen("/w"), IsEmpty());
  watch("/w", ref("/x"));
  ASSERT_TRUE(tree().stop("/x"));
  settle();
  EXPECT_EQ(seen("/w").size(), 1u);
}

TEST_F(Watching, ADeathNoticeFollowsTheMessagesTheDeadHadSent) {
  watch("/w", ref("/x"));
  in("/x", [](Act& act) {
    for (int i = 0; i < 3; ++i) (void)act.turn.send(to("/w", "M", std::to_string(i)));
    act.turn.stop_self();
  });
  EXPECT_THAT(seen("/w"), ElementsAre("M 0", "M 1", "M 2", "terminated 0"));
}

TEST_F(Watching, OneGivenUpByItsSupervisorEndsWithThatReason) {
  ActorOptions never = steady();
  never.supervision.restart = RestartType::kNever;
  declare("/n", "puppet", never);
  settle();
  watch("/w", ref("/n"));
  fail("/n");
  EXPECT_THAT(seen("/w"), ElementsAre("terminated 1"));
  EXPECT_EQ(status("/n"), "stopped");
}

// ---- failing ----

TEST_F(ActorTreeTest, AFailureBringsARestartAfterItsDelay) {
  declare("/x");
  settle();
  fail("/x");
  EXPECT_EQ(status("/x"), "backoff");
  EXPECT_EQ(view("/x").next_restart_ms, 100u);
  EXPECT_EQ(view("/x").failed, 1u);
  EXPECT_THAT(view("/x").reason, HasSubstr("permanent: boom"));
  advance(99);
  EXPECT_EQ(status("/x"), "backoff");
  advance(1);
  EXPECT_EQ(status("/x"), "running");
  EXPECT_EQ(view("/x").restarts, 1u);
  EXPECT_EQ(view("/x").reason, "");
}

TEST_F(ActorTreeTest, MessagesWaitInOrderDuringBackoffTrap1) {
  declare("/x");
  settle();
  post("/x", [](Act&) { return failed(); });
  send("/x", "M", "1");
  settle();
  send("/x", "M", "2");
  advance(100);
  EXPECT_THAT(seen("/x"), ElementsAre("start", "start", "M 1", "M 2"));
}

TEST_F(ActorTreeTest, Trap29TheFailingMessageIsADeadLetterAndTimersAreGone) {
  declare("/x");
  settle();
  in("/x", [](Act& act) { act.turn.set_timer("t", 150, 0, {}); });
  factory.forget();
  fail("/x");
  EXPECT_EQ(dead(DeadReason::kHandlerFailed), 1u);
  advance(1'000);
  EXPECT_THAT(seen("/x"), ElementsAre("start"));
}

TEST_F(ActorTreeTest, Trap20ARestartStopsTheChildrenFirstSoThatTheirNamesAreFree) {
  parent_kind("parent", "c");
  declare("/p", "parent");
  settle();
  const uint64_t first = view("/p/c").incarnation;
  factory.forget();
  fail("/p");
  EXPECT_EQ(status("/p/c"), "gone") << "children do not outlive the instance that made them";
  advance(100);
  EXPECT_EQ(status("/p/c"), "running");
  EXPECT_NE(view("/p/c").incarnation, first);
  EXPECT_THAT(factory.everything(), ElementsAre("/p/c stop 0", "/p start", "/p/c start"));
}

TEST_F(ActorTreeTest, DeclaredChildrenStartAnewInOrderWithTheirParent) {
  for (const char* path : {"/p", "/p/a", "/p/b"}) declare(path);
  settle();
  factory.forget();
  fail("/p");
  EXPECT_EQ(status("/p/a"), "waiting");
  advance(100);
  EXPECT_THAT(factory.everything(),
              ElementsAre("/p/b stop 4", "/p/a stop 4", "/p start", "/p/a start", "/p/b start"));
}

// A supervised restart keeps address and mailbox, also where the one that fails is the parent.
TEST_F(ActorTreeTest, Trap11DeclaredChildrenKeepAddressAndMailboxWhenTheirParentRestarts) {
  declare("/p");
  declare("/p/a");
  declare("/p/a/x", "ledger");
  declare("/watcher");
  settle();
  const ActorRef a = ref("/p/a"), x = ref("/p/a/x");
  in("/watcher", [&](Act& act) { EXPECT_EQ(act.turn.watch(a), ACTORD_OK); });
  factory.forget();
  fail("/p");
  EXPECT_EQ(status("/p/a"), "waiting");
  EXPECT_EQ(status("/p/a/x"), "waiting");
  send("/p/a", "Kept");
  send(x, "add", "1");
  settle();
  advance(100);
  EXPECT_EQ(ref("/p/a"), a);
  EXPECT_EQ(ref("/p/a/x"), x);
  EXPECT_THAT(seen("/p/a"), ElementsAre("stop 4", "start", "Kept"));
  EXPECT_EQ(state("/p/a/x"), "1");
  EXPECT_THAT(seen("/watcher"), IsEmpty()) << "trap 14: invisible to watchers";
  EXPECT_EQ(dead_total(), 1u) << "the message that /p failed at";
}

TEST_F(ActorTreeTest, ChildrenOfAParkedParentWaitWithTheirMailbox) {
  declare("/p");
  declare("/p/a");
  settle();
  ASSERT_TRUE(tree().park("/p"));
  settle();
  EXPECT_EQ(status("/p/a"), "waiting");
  EXPECT_EQ(tree().counts().eager_pending, 0u) << "readiness does not wait for an operator";
  send("/p/a", "Kept");
  ASSERT_TRUE(tree().restart("/p/a"));
  settle();
  EXPECT_EQ(status("/p/a"), "waiting") << "not before its parent";
  factory.forget();
  ASSERT_TRUE(tree().resume("/p"));
  settle();
  EXPECT_THAT(factory.everything(), ElementsAre("/p start", "/p/a start", "/p/a Kept"));
}

TEST_F(ActorTreeTest, AStopThatMeetsARestartTakesTheWaitingChildrenAlong) {
  for (int step = 0; step < 6; ++step) {
    declare("/p");
    declare("/p/a");
    declare("/p/b");
    settle();
    ASSERT_TRUE(tree().restart("/p"));
    for (int i = 0; i < step; ++i) steps->step();
    ASSERT_TRUE(tree().stop("/p"));
    settle();
    EXPECT_EQ(status("/p"), "stopped") << step;
    EXPECT_EQ(ref("/p/a"), ActorRef()) << step;
    for (const char* path : {"/p/b", "/p/a", "/p"}) tree().undeclare(path);
    settle();
    EXPECT_EQ(status("/p/a"), "gone");
  }
}

TEST_F(ActorTreeTest, AChildThatAnOperatorParkedStaysParkedWhenItsParentRestarts) {
  declare("/p");
  declare("/p/a");
  settle();
  ASSERT_TRUE(tree().park("/p/a"));
  settle();
  fail("/p");
  advance(100);
  EXPECT_EQ(status("/p"), "running");
  EXPECT_EQ(status("/p/a"), "parked");
}

TEST_F(ActorTreeTest, SpawnedChildrenEndWithTheInstanceThatSpawnedThem) {
  declare("/p");
  settle();
  in("/p", [](Act& act) {
    ActorRef child;
    EXPECT_EQ(act.turn.spawn("c", "puppet", "{}", "", &child), ACTORD_OK);
  });
  fail("/p");
  advance(100);
  EXPECT_EQ(status("/p/c"), "gone");
}

TEST_F(ActorTreeTest, AnUnknownKindStartsNothingAndItsWatcherIsTold) {
  declare("/p");
  settle();
  factory.forget();
  in("/p", [](Act& act) {
    ActorRef child;
    EXPECT_EQ(act.turn.spawn("c", "nobody.Knows", "{}", "", &child), ACTORD_OK);
    EXPECT_EQ(act.turn.watch(child), ACTORD_OK);
  });
  EXPECT_EQ(status("/p/c"), "gone");
  EXPECT_THAT(seen("/p"), ElementsAre("terminated 2"));
}

TEST_F(ActorTreeTest, AtTheLimitTheActorIsParkedWithItsMailbox) {
  ActorOptions options = steady();
  options.supervision.limit = {2, 60'000, Directive::kPark};
  declare("/x", "puppet", options);
  settle();
  for (int i = 0; i < 3; ++i) {
    fail("/x");
    advance(1'000);
  }
  EXPECT_EQ(status("/x"), "parked");
  EXPECT_EQ(view("/x").reason, "the limit of 2 restarts in 60s was reached: permanent: boom");
  send("/x", "Kept");
  settle();
  factory.forget();
  ASSERT_TRUE(tree().resume("/x"));
  settle();
  EXPECT_THAT(seen("/x"), ElementsAre("start", "Kept"));
  fail("/x");
  EXPECT_EQ(status("/x"), "backoff") << "an operator's resume begins a new count";
}

TEST_F(ActorTreeTest, ARestartByAnOperatorCanBeSeen) {
  declare("/x");
  settle();
  const int64_t first = view("/x").started_unix_ms;
  EXPECT_GT(first, 0);
  advance(5'000);
  ASSERT_TRUE(tree().restart("/x"));
  settle();
  EXPECT_EQ(view("/x").started_unix_ms, first + 5'000);
  EXPECT_EQ(view("/x").restarts, 1u);
  EXPECT_EQ(view("/x").restarts_by_operator, 1u);
  EXPECT_EQ(view("/x").restarts_in_window, 0u) << "it is no failure";
  ASSERT_TRUE(tree().park("/x"));
  settle();
  EXPECT_EQ(view("/x").started_unix_ms, 0);
}

TEST_F(ActorTreeTest, AClassThatParksIsNotToldAsTheLimit) {
  declare("/x");
  settle();
  for (int i = 0; i < 2; ++i) {
    fail("/x");
    advance(1'000);
  }
  fail("/x", ACTORD_FAIL_CONFIG);
  EXPECT_EQ(status("/x"), "parked");
  EXPECT_EQ(view("/x").reason, "class config parks at once: boom");
  EXPECT_EQ(view("/x").restarts_in_window, 2u);
  EXPECT_EQ(view("/x").restarts, 2u);
  ASSERT_TRUE(tree().resume("/x"));
  settle();
  EXPECT_EQ(view("/x").restarts_in_window, 0u) << "an operator's resume begins a new count";
  EXPECT_EQ(view("/x").restarts, 2u);
}

TEST_F(ActorTreeTest, AtTheLimitTheActorIsStopped) {
  ActorOptions options = steady();
  options.supervision.limit = {0, 60'000, Directive::kStop};
  declare("/x", "puppet", options);
  settle();
  send("/x", "M");
  fail("/x");
  EXPECT_EQ(status("/x"), "stopped");
}

TEST_F(ActorTreeTest, Trap31AtTheLimitTheHostIsStoppedAndSaysWhy) {
  ActorOptions options = steady();
  options.supervision.limit = {0, 60'000, Directive::kStopHost};
  declare("/x", "puppet", options);
  settle();
  fail("/x");
  EXPECT_THAT(stop_host_reasons, ElementsAre("/x: permanent: boom"));
  EXPECT_EQ(status("/x"), "parked");
}

TEST_F(ActorTreeTest, Trap31AnEscalationThatReachesTheRootStopsTheHost) {
  ActorOptions options = steady();
  options.supervision.limit = {0, 60'000, Directive::kEscalate};
  declare("/p", "puppet", options);
  declare("/p/c", "puppet", options);
  settle();
  fail("/p/c");
  ASSERT_EQ(stop_host_reasons.size(), 1u);
  EXPECT_THAT(stop_host_reasons[0], HasSubstr("child /p/c failed: boom"));
}

TEST_F(ActorTreeTest, AnEscalationRestartsTheParentAndAllItsDeclaredChildren) {
  ActorOptions escalate = steady();
  escalate.supervision.limit = {0, 60'000, Directive::kEscalate};
  declare("/p");
  declare("/p/a");
  declare("/p/b", "puppet", escalate);
  settle();
  factory.forget();
  fail("/p/b");
  EXPECT_EQ(status("/p"), "backoff");
  EXPECT_EQ(view("/p").last_failure.text, "child /p/b failed: boom");
  advance(100);
  EXPECT_EQ(status("/p"), "running");
  EXPECT_EQ(status("/p/a"), "running");
  EXPECT_EQ(status("/p/b"), "running") << "it starts anew with its parent";
  const Lines starts = seen("/p/b");
  EXPECT_THAT(starts, ElementsAre("start")) << "and not once more before";
}

TEST_F(ActorTreeTest, AnEscalationThatMeetsAStopOfTheParentChangesNothing) {
  ActorOptions escalate = steady();
  escalate.supervision.limit = {0, 60'000, Directive::kEscalate};
  for (int order = 0; order < 2; ++order) {
    declare("/p");
    declare("/p/c", "puppet", escalate);
    settle();
    post("/p/c", [](Act&) { return failed(); });
    if (order == 0) {
      ASSERT_TRUE(tree().stop("/p"));
    } else {
      steps->step();  // the failure is on its way to the parent
      ASSERT_TRUE(tree().stop("/p"));
    }
    settle();
    advance(10'000);
    EXPECT_EQ(status("/p"), "stopped") << order;
    EXPECT_THAT(stop_host_reasons, IsEmpty());
    tree().undeclare("/p/c");
    tree().undeclare("/p");
  }
}

TEST_F(ActorTreeTest, AFailureWhileStoppingEndsTheInstanceAndTheStopGoesOn) {
  declare("/p");
  declare("/p/c");
  settle();
  ASSERT_TRUE(tree().stop("/p"));
  fail("/p");
  EXPECT_EQ(status("/p"), "stopped");
  advance(10'000);
  EXPECT_EQ(status("/p"), "stopped");
  EXPECT_EQ(factory.alive(), 0);
}

TEST_F(ActorTreeTest, AConfigFailureIsParkedAtOnce) {
  declare("/x");
  settle();
  fail("/x", ACTORD_FAIL_CONFIG);
  EXPECT_EQ(status("/x"), "parked");
  EXPECT_EQ(view("/x").restarts, 0u);
}

TEST_F(ActorTreeTest, Trap28RestartTypesDecideAboutANormalEnd) {
  ActorOptions always = steady();
  always.supervision.restart = RestartType::kAlways;
  declare("/always", "puppet", always);
  declare("/onfail", "puppet");
  settle();
  const auto stop = [](Act&) { return Outcome{ACTORD_STOP, {}}; };
  in("/always", stop);
  in("/onfail", stop);
  EXPECT_EQ(status("/always"), "backoff");
  EXPECT_EQ(status("/onfail"), "stopped");
  advance(100);
  EXPECT_EQ(status("/always"), "running");
  EXPECT_EQ(view("/always").failed, 0u) << "a normal end is no failure";
  ASSERT_TRUE(tree().stop("/always"));
  settle();
  advance(10'000);
  EXPECT_EQ(status("/always"), "stopped") << "an operator's stop is final";
}

// ---- operators ----

TEST_F(ActorTreeTest, ParkKeepsTheMailboxAndResumeGoesOn) {
  declare("/p");
  declare("/p/c");
  settle();
  ASSERT_TRUE(tree().park("/p"));
  settle();
  EXPECT_EQ(status("/p"), "parked");
  EXPECT_EQ(view("/p").reason, "by an operator");
  EXPECT_EQ(status("/p/c"), "waiting");
  send("/p", "Kept");
  settle();
  EXPECT_THAT(seen("/p"), ElementsAre("start", "stop 4"));
  ASSERT_TRUE(tree().park("/p"));
  ASSERT_TRUE(tree().resume("/p"));
  settle();
  EXPECT_THAT(seen("/p"), ElementsAre("start", "stop 4", "start", "Kept"));
  EXPECT_EQ(status("/p/c"), "running");
  EXPECT_EQ(tree().resume("/p").error().code, ACTORD_E_WRONG_PHASE);
}

TEST_F(ActorTreeTest, ResumeDuringBackoffStartsNow) {
  declare("/x");
  settle();
  fail("/x");
  ASSERT_TRUE(tree().resume("/x"));
  settle();
  EXPECT_EQ(status("/x"), "running");
  factory.forget();
  advance(10'000);
  EXPECT_THAT(seen("/x"), IsEmpty()) << "the backoff's own timer is gone";
}

TEST_F(ActorTreeTest, RestartByAnOperatorIsImmediateInEveryState) {
  declare("/x");
  settle();
  ASSERT_TRUE(tree().restart("/x"));
  settle();
  EXPECT_THAT(seen("/x"), ElementsAre("start", "stop 4", "start"));
  fail("/x");
  ASSERT_TRUE(tree().restart("/x"));
  settle();
  EXPECT_EQ(status("/x"), "running");
  ASSERT_TRUE(tree().park("/x"));
  settle();
  ASSERT_TRUE(tree().restart("/x"));
  settle();
  EXPECT_EQ(status("/x"), "running");
}

TEST_F(ActorTreeTest, RefusalsNameTheActorAndTheNextCommandLaw13) {
  EXPECT_THAT(tree().stop("/no").error().text, HasSubstr("no actor /no; see: actorctl ps"));
  EXPECT_EQ(tree().stop("/").error().code, ACTORD_E_NOT_FOUND);
  EXPECT_THAT(tree().start("/no").error().text, HasSubstr("actorctl reload"));
  declare("/x");
  settle();
  EXPECT_EQ(tree().start("/x").error().code, ACTORD_E_EXISTS);
  EXPECT_THAT(tree().resume("/x").error().text, HasSubstr("/x is running, not parked"));
  declare("/gone/child");
  EXPECT_EQ(tree().start("/gone/child").error().code, ACTORD_E_WRONG_PHASE);
}

TEST_F(ActorTreeTest, UndeclareStopsAndForgets) {
  declare("/x");
  settle();
  tree().undeclare("/x");
  settle();
  EXPECT_EQ(status("/x"), "gone");
  EXPECT_THAT(tree().list(), IsEmpty());
}

TEST_F(ActorTreeTest, ReplacingAnActorWaitsForItsPredecessorToEnd) {
  declare("/x");
  settle();
  const uint64_t first = view("/x").incarnation;
  tree().undeclare("/x");
  declare("/x", "ledger");
  EXPECT_EQ(view("/x").incarnation, first);
  settle();
  EXPECT_EQ(view("/x").kind, "ledger");
  EXPECT_NE(view("/x").incarnation, first);
  EXPECT_EQ(status("/x"), "running");
}

// ---- another start in the same place ----

class RestartAs : public ActorTreeTest {
 protected:
  RestartAs() {
    factory.before_create = [this](const CreateArgs& args) -> Result<void> {
      made.push_back(args.path.text() + " " + args.settings);
      return {};
    };
  }
  static ActorTree::Declaration with(const std::string& path, const std::string& settings,
                                     const std::string& kind = "puppet") {
    return {{*ActorPath::parse(path), kind, settings, steady()}, {}};
  }
  Lines made;
};

TEST_F(RestartAs, AddressMailboxAndWatchersStay) {
  declare("/x");
  declare("/w");
  settle();
  const ActorRef before = ref("/x");
  watch("/w", before);
  in("/x", [this](Act&) {
    send("/x", "One");
    send("/x", "Two");
    tree().restart_as({with("/x", R"({"n":2})")});
  });
  EXPECT_EQ(ref("/x"), before);
  Lines handled = seen("/x");
  std::erase_if(handled, [](const std::string& line) { return line == "start"; });
  EXPECT_THAT(handled, ::testing::UnorderedElementsAre("One", "Two", "stop 4"));
  EXPECT_EQ(made.back(), R"(/x {"n":2})");
  EXPECT_THAT(seen("/w"), Not(Contains("terminated 0")));
  EXPECT_EQ(dead_total(), 0u);
  EXPECT_EQ(view("/x").restarts_by_operator, 1u);
}

TEST_F(RestartAs, FromEveryState) {
  for (const char* path : {"/parked", "/backoff", "/stopped", "/running"}) declare(path);
  settle();
  ASSERT_TRUE(tree().park("/parked"));
  fail("/backoff");
  ASSERT_TRUE(tree().stop("/stopped"));
  settle();
  made.clear();
  tree().restart_as({with("/parked", "1"), with("/backoff", "2"), with("/stopped", "3"),
                     with("/running", "4"), with("/nobody", "5")});
  settle();
  EXPECT_THAT(
      made, ::testing::UnorderedElementsAre("/parked 1", "/backoff 2", "/stopped 3", "/running 4"));
  for (const char* path : {"/parked", "/backoff", "/stopped", "/running"})
    EXPECT_EQ(status(path), "running") << path;
}

TEST_F(RestartAs, AParentAndItsChildrenStartAnewOnceAndInOrder) {
  for (const char* path : {"/p", "/p/a", "/p/b"}) declare(path);
  settle();
  ASSERT_TRUE(tree().park("/p/b"));
  settle();
  made.clear();
  const ActorRef child = ref("/p/a");
  tree().restart_as({with("/p/b", "1"), with("/p/a", "2"), with("/p", "3")});
  settle();
  EXPECT_THAT(made, ElementsAre("/p 3", "/p/a 2", "/p/b 1"));
  EXPECT_EQ(ref("/p/a"), child);
  EXPECT_EQ(status("/p/b"), "running");
}

TEST_F(RestartAs, AnotherJournalIsTakenAndTheOldOneGivenBack) {
  declare("/l", "ledger");
  settle();
  send("/l", "add", "one");
  settle();
  ActorTree::Declaration other = with("/l", "{}", "ledger");
  other.start.options.persistence.id = "other";
  tree().restart_as({other});
  // Hot options that are still under way do not change what the instance is.
  (void)tree().set_options("/l", other.start.options);
  settle();
  EXPECT_EQ(state("/l"), "");
  send("/l", "add", "two");
  declare("/old", "ledger", [] {
    ActorOptions options = steady();
    options.persistence.id = "/l";
    return options;
  }());
  settle();
  EXPECT_EQ(state("/old"), "one") << "nobody owns the first journal any more";
  EXPECT_EQ(state("/l"), "two");
}

TEST_F(RestartAs, OneThatFailsWithItKeepsTheMailboxForTheNext) {
  factory.before_create = [this](const CreateArgs& args) -> Result<void> {
    made.push_back(args.path.text() + " " + args.settings);
    if (args.settings == "bad") return Error{ACTORD_FAIL_CONFIG, "no"};
    return {};
  };
  declare("/x");
  settle();
  tree().restart_as({with("/x", "bad")});
  settle();
  EXPECT_EQ(status("/x"), "parked");
  send("/x", "One");
  tree().restart_as({with("/x", "{}")});
  settle();
  EXPECT_EQ(seen("/x").back(), "One");
}

TEST_F(ActorTreeTest, HotOptionsReachTheRunningActor) {
  declare("/x");
  settle();
  ActorOptions options = steady();
  options.mailbox.capacity = 1;
  options.supervision.backoff.initial_ms = 7;
  ASSERT_TRUE(tree().set_options("/x", options));
  settle();
  EXPECT_EQ(view("/x").options, options);
  fail("/x");
  EXPECT_EQ(view("/x").next_restart_ms, 7u);
  for (int i = 0; i < 3; ++i) send("/x", "M");
  settle();
  EXPECT_EQ(dead(DeadReason::kMailboxFull), 2u);
  EXPECT_FALSE(tree().set_options("/no", options));
}

TEST_F(ActorTreeTest, HotOptionsHoldAfterAStopAndAStart) {
  declare("/x");
  settle();
  ActorOptions options = steady();
  options.mailbox.capacity = 3;
  ASSERT_TRUE(tree().stop("/x"));
  settle();
  ASSERT_TRUE(tree().set_options("/x", options));
  ASSERT_TRUE(tree().start("/x"));
  settle();
  EXPECT_EQ(view("/x").options.mailbox.capacity, 3u);
}

TEST_F(ActorTreeTest, StandingSaysWhetherSomethingIsUnderWay) {
  EXPECT_EQ(tree().standing("/x").state, "");
  declare("/x");
  EXPECT_FALSE(tree().standing("/x").settled);
  settle();
  EXPECT_EQ(tree().standing("/x").state, "running");
  EXPECT_TRUE(tree().standing("/x").settled);
}

TEST_F(ActorTreeTest, TheListIsDepthFirstAndTheStoppedStandUnderTheirOwnParent) {
  for (const char* path : {"/a", "/s", "/b", "/a/x", "/a/y", "/s/z"}) declare(path);
  settle();
  spawn("/a", "spawned");
  ASSERT_TRUE(tree().stop("/s"));
  ASSERT_TRUE(tree().stop("/a/x"));
  settle();
  Lines paths;
  for (const ActorView& one : tree().list()) paths.push_back(one.path + " " + one.state);
  EXPECT_THAT(paths, ElementsAre("/a running", "/a/x stopped", "/a/y running", "/a/spawned running",
                                 "/s stopped", "/s/z waiting", "/b running"));
  EXPECT_EQ(tree().everyone().size(), 4u);
  const TreeCounts counts = tree().counts();
  EXPECT_EQ(counts.total, 4u);
  EXPECT_EQ(counts.running, 4u);
  EXPECT_EQ(counts.stopped, 2u);
  EXPECT_EQ(counts.waiting, 1u);
}

TEST_F(ActorTreeTest, OneThatDoesNotRunSaysWhyAndHowToStartItLaw13) {
  for (const char* path : {"/s", "/s/z"}) declare(path);
  settle();
  ASSERT_TRUE(tree().stop("/s"));
  settle();
  EXPECT_EQ(tree().stop("/s").error().text, "/s is stopped; start it: actorctl start /s");
  EXPECT_EQ(tree().restart("/s").error().code, ACTORD_E_CLOSED);
  EXPECT_EQ(tree().absence("/s").text, tree().stop("/s").error().text);
  EXPECT_THAT(tree().absence("/s/z").text, HasSubstr("/s/z waits for its parent"));
  EXPECT_EQ(tree().absence("/no").code, ACTORD_E_NOT_FOUND);
}

TEST_F(ActorTreeTest, EveryChangeOfStateIsTold) {
  declare("/x");
  const int before = changes;
  settle();
  EXPECT_GT(changes, before);
}

TEST_F(ActorTreeTest, ACellUsedAgainBeginsFresh) {
  declare("/x", "ledger");
  settle();
  send("/x", "add", "1");
  fail("/x");
  advance(200);
  const uint64_t slot = ref("/x").slot;
  tree().undeclare("/x");
  settle();
  declare("/y");
  settle();
  ASSERT_EQ(ref("/y").slot, slot);
  const ActorView fresh = view("/y");
  EXPECT_EQ(fresh.handled + fresh.failed + fresh.restarts + fresh.last_seq + fresh.hydrated_events,
            0u);
  EXPECT_FALSE(fresh.persistent);
  EXPECT_EQ(fresh.mailbox.highest, 0u);
}

}  // namespace
}  // namespace actord::host
