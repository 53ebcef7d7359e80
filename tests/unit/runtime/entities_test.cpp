// Entities: there when a message comes for them, gone when they have been idle.
#include "support/runtime_fixture.hpp"

namespace actord::host {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr uint64_t kAfterMs = 1'000;

class Entities : public RuntimeFixture {
 protected:
  Entities() {
    Script cart = factory.kinds["ledger"];
    factory.kinds["cart"] = cart;
    declare("/client");
    hold_carts({});
    settle();
    factory.forget();
  }
  EntityOptions carts(const std::string& kind = "cart", uint64_t max_active = 100) {
    EntityOptions entities;
    entities.kind = kind;
    entities.options = steady();
    entities.passivate_after_ms = kAfterMs;
    entities.max_active = max_active;
    return entities;
  }
  void hold_carts(std::optional<EntityOptions> entities) {
    tree().declare(
        {{{*ActorPath::parse("/carts"), "", "{}", steady()}, {}, entities ? *entities : carts()}});
  }
  void set(const EntityOptions& entities) {
    tree().set_entities("/carts", entities, false);
    settle();
  }
  void add(const std::string& path, const std::string& what) {
    send(path, "add", what);
    settle();
  }
  void pass_time() { advance(kAfterMs + kAfterMs / 8); }
  size_t there() { return view("/carts").children.size(); }
};

TEST_F(Entities, TheFirstMessageBringsOneUpAndIdlenessTakesItDown) {
  EXPECT_EQ(there(), 0u);
  add("/carts/7", "apple");
  EXPECT_EQ(status("/carts/7"), "running");
  EXPECT_EQ(state("/carts/7"), "apple");
  pass_time();
  EXPECT_EQ(status("/carts/7"), "gone");
  EXPECT_EQ(factory.alive(), 1);  // the client
  EXPECT_THAT(seen("/carts/7"), ElementsAre("recovered ", "start", "add apple", "stop 5"));
}

TEST_F(Entities, ItComesBackWithItsStateAndFromItsSnapshot) {
  add("/carts/7", "apple");
  add("/carts/7", "pear");
  pass_time();
  factory.forget();
  add("/carts/7", "fig");
  EXPECT_EQ(state("/carts/7"), "apple,pear,fig");
  EXPECT_THAT(seen("/carts/7"),
              ElementsAre("snapshot 2", "recovered apple,pear", "start", "add fig"));
  crash();
  hold_carts({});
  add("/carts/7", "kiwi");
  EXPECT_EQ(state("/carts/7"), "apple,pear,fig,kiwi");
}

TEST_F(Entities, EachKeyIsAnActorOfItsOwn) {
  add("/carts/a", "1");
  add("/carts/b", "2");
  EXPECT_EQ(state("/carts/a"), "1");
  EXPECT_EQ(state("/carts/b"), "2");
  EXPECT_EQ(there(), 2u);
}

TEST_F(Entities, WhatIsNoKeyIsADeadLetter) {
  send("/carts/a/b", "add");
  publish("nobody.listens", "x");
  send("/no/such", "add");
  settle();
  EXPECT_EQ(dead(DeadReason::kNoSuchActor), 2u);
}

TEST_F(Entities, AnAskBringsItUpAndIsAnswered) {
  factory.kinds["echo"].receive = [](Act& act) {
    (void)act.turn.reply(about("answer", act.message->payload.view()));
    return Outcome{};
  };
  tree().declare({{{*ActorPath::parse("/echoes"), "", "{}", steady()}, {}, carts("echo")}});
  in("/client", [](Act& act) {
    uint64_t ask = 0;
    EXPECT_EQ(act.turn.ask(to("/echoes/1", "q", "x"), 1'000, &ask), ACTORD_OK);
  });
  EXPECT_THAT(seen("/client"), ElementsAre("reply answer x"));
}

// ---- never two at once, in order -------------------------------------------------------------------

TEST_F(Entities, AMessageWhileItIsBeingPassivatedWakesItAgain) {
  add("/carts/7", "apple");
  store.hold_commits(true);  // the stop hook's snapshot waits, and so does the end
  clock.advance_ms(2 * kAfterMs);
  runtime->fire_due();
  send("/carts/7", "add", "pear");
  send("/carts/7", "add", "fig");
  settle();
  store.hold_commits(false);
  settle();
  EXPECT_EQ(state("/carts/7"), "apple,pear,fig");
  EXPECT_EQ(factory.alive(), 2);
  EXPECT_EQ(dead_total(), 0u);
}

// All interleavings of a passivation with messages that come meanwhile, drawn from seeds.
TEST_F(Entities, Law3OrderIsKeptAndNothingIsLostAcrossPassivationsWithManySeeds) {
  runtime.reset();
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    store.crash();
    boot(seed);
    Random random(seed);
    hold_carts(carts("cart", 2));
    declare("/client");
    settle();
    const std::string tag = "s" + std::to_string(seed);
    int sent = 0;
    for (int round = 0; round < 40; ++round) {
      for (uint64_t n = random.next() % 4; n > 0; --n) {
        const std::string key = std::to_string(random.next() % 4);
        send("/carts/" + tag + key, "add", std::to_string(sent++));
      }
      for (uint64_t n = random.next() % 6; n > 0; --n) steps->step();
      if (random.next() % 3 == 0) store.step();
      if (random.next() % 4 == 0) {
        clock.advance_ms(random.next() % (2 * kAfterMs));
        runtime->fire_due();
      }
    }
    settle();
    int found = 0;
    for (int key = 0; key < 4; ++key) {
      const auto* const stored = store.stored("/carts/" + tag + std::to_string(key));
      if (stored == nullptr) continue;
      int last = -1;
      for (const auto& event : stored->events) {
        const int number = std::stoi(std::string(event.record.body.view()));
        EXPECT_GT(number, last) << "seed " << seed;
        last = number;
        ++found;
      }
    }
    EXPECT_EQ(found, sent) << "seed " << seed;
    EXPECT_EQ(dead_total(), 0u) << "seed " << seed;
    EXPECT_LE(factory.alive(), 3) << "seed " << seed;
    tree().stop_all();
    settle();
    EXPECT_EQ(in_flight(), 0u) << "seed " << seed;
    EXPECT_EQ(runtime->timers().size(), 0u) << "seed " << seed;
    runtime.reset();
  }
  EXPECT_THAT(log_failures, IsEmpty());
}

TEST_F(Entities, Law2ANewActivationSpeaksAfterTheOldOne) {
  factory.kinds["talker"].persistent = true;
  factory.kinds["talker"].receive = [](Act& act) {
    (void)act.turn.persist("e", 1, "x");
    (void)act.turn.send(to("/client", "said", act.message->payload.view()));
    return Outcome{};
  };
  tree().declare({{{*ActorPath::parse("/talkers"), "", "{}", steady()}, {}, carts("talker")}});
  settle();
  in("/talkers/1", [](Act& act) { (void)act.turn.passivate(); });
  store.hold_commits(true);
  send("/talkers/1", "x", "1");
  settle();
  clock.advance_ms(2 * kAfterMs);
  runtime->fire_due();
  send("/talkers/1", "x", "2");
  settle();
  EXPECT_THAT(seen("/client"), IsEmpty());
  store.hold_commits(false);
  settle();
  EXPECT_THAT(seen("/client"), ElementsAre("said 1", "said 2"));
}

// ---- what is idle ----------------------------------------------------------------------------------

TEST_F(Entities, AMessageStartsTheTimeAnew) {
  add("/carts/7", "apple");
  for (int i = 0; i < 5; ++i) {
    advance(kAfterMs * 3 / 4);
    add("/carts/7", "more");
  }
  EXPECT_THAT(seen("/carts/7"), Not(Contains("stop 5")));
  pass_time();
  EXPECT_EQ(status("/carts/7"), "gone");
}

TEST_F(Entities, ATimerKeepsItAwakeUntilItHasFired) {
  in("/carts/7", [](Act& act) { (void)act.turn.set_timer("t", 5 * kAfterMs, 0, {}); });
  advance(4 * kAfterMs);
  EXPECT_EQ(status("/carts/7"), "running");
  advance(kAfterMs + 1);
  EXPECT_THAT(seen("/carts/7"), Contains("timer t"));
  pass_time();
  EXPECT_EQ(status("/carts/7"), "gone");
}

TEST_F(Entities, WhatIsUnderWayKeepsItAwake) {
  struct Case {
    const char* what;
    std::function<void(Act&)> begin, end;
  };
  const std::vector<Case> cases = {
      {"ask",
       [this](Act& act) {
         uint64_t ask = 0;
         (void)act.turn.ask(to(ref("/client"), "q"), 10'000, &ask);
         act.self.asks.push_back(ask);
       },
       [](Act& act) { (void)act.turn.cancel_ask(act.self.asks.back()); }},
      {"watch", [this](Act& act) { (void)act.turn.watch(ref("/client")); },
       [this](Act& act) { (void)act.turn.unwatch(ref("/client")); }},
      {"subscription", [](Act& act) { (void)act.turn.subscribe("a.b"); },
       [](Act& act) { (void)act.turn.unsubscribe("a.b"); }},
      {"tag", [](Act& act) { (void)act.turn.tag("blue"); },
       [](Act& act) { (void)act.turn.untag("blue"); }},
      {"following", [](Act& act) { (void)act.turn.follow("blue"); },
       [](Act& act) { (void)act.turn.unfollow("blue"); }},
      {"child",
       [](Act& act) { (void)act.turn.spawn("c", "puppet", "{}", "", &act.self.refs["c"]); },
       [](Act& act) { (void)act.turn.stop(act.self.refs["c"]); }},
      {"link", [this](Act& act) { (void)act.turn.link(ref("/client")); },
       [this](Act& act) { (void)act.turn.unlink(ref("/client")); }},
  };
  for (const Case& one : cases) {
    in("/carts/7", one.begin);
    advance(3 * kAfterMs);
    EXPECT_EQ(status("/carts/7"), "running") << one.what;
    in("/carts/7", one.end);
    pass_time();
    EXPECT_EQ(status("/carts/7"), "gone") << one.what;
  }
}

TEST_F(Entities, WhatIsPutOffKeepsItAwake) {
  in("/carts/7", [](Act&) { return Outcome{ACTORD_DEFER, {}}; });
  advance(3 * kAfterMs);
  EXPECT_EQ(status("/carts/7"), "running");
  in("/carts/7", [](Act& act) { (void)act.turn.reject_stashed(act.message->id, "x"); });
  EXPECT_EQ(status("/carts/7"), "running");
}

TEST_F(Entities, ASuspendedOneStays) {
  add("/carts/7", "apple");
  ASSERT_TRUE(tree().suspend("/carts/7"));
  settle();
  advance(3 * kAfterMs);
  EXPECT_EQ(status("/carts/7"), "suspended");
  ASSERT_TRUE(tree().resume("/carts/7"));
  settle();
  pass_time();
  EXPECT_EQ(status("/carts/7"), "gone");
}

TEST_F(Entities, OneMayAskForItItself) {
  in("/carts/7", [](Act& act) {
    (void)act.turn.set_timer("t", 10, 0, {});
    EXPECT_EQ(act.turn.passivate(), ACTORD_OK);
  });
  EXPECT_EQ(status("/carts/7"), "gone");
  in("/client", [](Act& act) { EXPECT_EQ(act.turn.passivate(), ACTORD_E_UNSUPPORTED); });
  in("/carts/7", [](Act& act) {
    (void)act.turn.passivate();
    return failed();
  });
  EXPECT_EQ(status("/carts/7"), "backoff");
  advance(200);
  EXPECT_EQ(status("/carts/7"), "running");
}

// ---- bounds ----------------------------------------------------------------------------------------

TEST_F(Entities, WhenThePlacesAreTakenTheLongestIdleGoes) {
  set(carts("cart", 2));
  add("/carts/a", "1");
  clock.advance_ms(10);
  add("/carts/b", "1");
  clock.advance_ms(10);
  add("/carts/a", "2");
  add("/carts/c", "1");
  EXPECT_EQ(status("/carts/a"), "running");
  EXPECT_EQ(status("/carts/b"), "gone");
  EXPECT_EQ(status("/carts/c"), "running");
}

TEST_F(Entities, WhenNoneIsIdleAMessageWaitsUntilOneIs) {
  set(carts("cart", 2));
  for (const char* path : {"/carts/a", "/carts/b"})
    in(path, [](Act& act) { (void)act.turn.set_timer("t", 500, 0, {}); });
  add("/carts/c", "1");
  add("/carts/d", "1");
  add("/carts/c", "2");
  EXPECT_EQ(status("/carts/c"), "waiting");
  EXPECT_EQ(view("/carts/c").mailbox.messages, 2u);
  EXPECT_EQ(factory.alive(), 3);
  advance(500);  // both timers fire, and their owners become idle
  EXPECT_EQ(state("/carts/c"), "1,2");
  EXPECT_EQ(state("/carts/d"), "1");
  EXPECT_EQ(factory.alive(), 3);
  EXPECT_EQ(dead_total(), 0u);
}

TEST_F(Entities, Law15OnlySoManyWait) {
  EntityOptions one = carts("cart", 1);
  set(one);
  in("/carts/a", [](Act& act) { (void)act.turn.set_timer("t", 500, 0, {}); });
  for (uint64_t i = 0; i < limits::kEntitiesWaiting; ++i)
    send("/carts/w" + std::to_string(i), "add", "x");
  settle();
  EXPECT_EQ(dead_total(), 0u);
  send("/carts/over", "add", "x");
  settle();
  EXPECT_EQ(dead(DeadReason::kMailboxFull), 1u);
  EXPECT_THAT(letters().front().error, HasSubstr("entity.max_active"));
  one.max_active = 20'000;
  factory.quiet = true;
  set(one);
  EXPECT_EQ(there(), limits::kEntitiesWaiting + 1);
}

TEST_F(Entities, Law15TheParentHasOnlySoManyChildren) {
  ActorOptions options = steady();
  options.supervision.max_children = 2;
  ASSERT_TRUE(tree().set_options("/carts", options));
  for (const char* path : {"/carts/a", "/carts/b", "/carts/c"}) add(path, "1");
  EXPECT_EQ(dead(DeadReason::kMailboxFull), 1u);
}

// ---- failures and operators ------------------------------------------------------------------------

TEST_F(Entities, AFailureRestartsItInItsPlaceAndItsMailWaits) {
  add("/carts/7", "apple");
  fail("/carts/7");
  EXPECT_EQ(status("/carts/7"), "backoff");
  send("/carts/7", "add", "pear");
  advance(200);
  EXPECT_EQ(state("/carts/7"), "apple,pear");
  EXPECT_EQ(view("/carts/7").restarts, 1u);
}

TEST_F(Entities, AParkedOneStaysParkedAndItsMessagesAreDeadLettersThatSayWhy) {
  EntityOptions entities = carts();
  entities.options.supervision.on[static_cast<size_t>(FailureClass::kPermanent)] = Directive::kPark;
  set(entities);
  add("/carts/7", "apple");
  const ActorRef known = ref("/carts/7");
  post("/carts/7", [](Act&) { return failed("rotten"); });
  send("/carts/7", "add", "waiting");
  settle();
  EXPECT_EQ(status("/carts/7"), "parked");
  send("/carts/7", "add", "later");
  send(known, "add", "by reference");
  settle();
  EXPECT_EQ(dead(DeadReason::kStopped), 3u);
  for (const DeadLetter& letter : letters()) {
    if (letter.reason != DeadReason::kStopped) continue;
    EXPECT_THAT(letter.error, AllOf(HasSubstr("parked"), HasSubstr("rotten")));
  }
  advance(10 * kAfterMs);
  EXPECT_EQ(status("/carts/7"), "parked");
  ASSERT_TRUE(tree().resume("/carts/7"));
  settle();
  add("/carts/7", "pear");
  EXPECT_EQ(state("/carts/7"), "apple,pear");
}

TEST_F(Entities, AParkedOneTakesNoPlace) {
  set(carts("cart", 1));
  add("/carts/a", "1");
  ASSERT_TRUE(tree().park("/carts/a"));
  settle();
  add("/carts/b", "1");
  EXPECT_EQ(status("/carts/a"), "parked");
  EXPECT_EQ(status("/carts/b"), "running");
}

TEST_F(Entities, OneThatIsStoppedComesUpAgainForTheNextMessage) {
  add("/carts/7", "apple");
  ASSERT_TRUE(tree().stop("/carts/7"));
  settle();
  EXPECT_EQ(status("/carts/7"), "gone");
  add("/carts/7", "pear");
  EXPECT_EQ(state("/carts/7"), "apple,pear");
}

TEST_F(Entities, ARestartOfTheirNodeKeepsTheirMail) {
  add("/carts/a", "1");
  add("/carts/b", "1");
  const ActorRef before = ref("/carts/a");
  ASSERT_TRUE(tree().restart("/carts"));
  send("/carts/a", "add", "2");
  send("/carts/new", "add", "1");
  settle();
  EXPECT_EQ(ref("/carts/a"), before);
  EXPECT_EQ(state("/carts/a"), "1,2");
  EXPECT_EQ(state("/carts/new"), "1");
  EXPECT_EQ(dead_total(), 0u);
}

TEST_F(Entities, WhileTheirNodeIsParkedMessagesWait) {
  ASSERT_TRUE(tree().park("/carts"));
  settle();
  add("/carts/a", "1");
  EXPECT_EQ(status("/carts/a"), "waiting");
  ASSERT_TRUE(tree().resume("/carts"));
  settle();
  EXPECT_EQ(state("/carts/a"), "1");
}

TEST_F(Entities, OfAStoppedNodeTheyAreDeadLetters) {
  add("/carts/a", "1");
  ASSERT_TRUE(tree().stop("/carts"));
  settle();
  add("/carts/a", "2");
  EXPECT_EQ(dead(DeadReason::kStopped), 1u);
  ASSERT_TRUE(tree().start("/carts"));
  settle();
  add("/carts/a", "3");
  EXPECT_EQ(state("/carts/a"), "1,3");
}

TEST_F(Entities, WhatIsNoLongerDeclaredIsNotActivated) {
  add("/carts/a", "1");
  tree().undeclare("/carts");
  settle();
  add("/carts/a", "2");
  EXPECT_EQ(dead(DeadReason::kNoSuchActor), 1u);
  hold_carts({});
  add("/carts/a", "3");
  EXPECT_EQ(state("/carts/a"), "1,3");
}

TEST_F(Entities, AReloadChangesLimitsInPlaceAndSettingsByARestart) {
  add("/carts/a", "1");
  const ActorRef before = ref("/carts/a");
  EntityOptions entities = carts();
  entities.passivate_after_ms = 10 * kAfterMs;
  entities.options.mailbox.capacity = 7;
  set(entities);
  EXPECT_EQ(view("/carts/a").options.mailbox.capacity, 7u);
  EXPECT_EQ(view("/carts/a").restarts, 0u);
  advance(5 * kAfterMs);
  EXPECT_EQ(status("/carts/a"), "running");
  entities.settings = R"({"x":1})";
  set(entities);
  EXPECT_EQ(view("/carts/a").settings, R"({"x":1})");
  EXPECT_EQ(view("/carts/a").restarts, 1u);
  EXPECT_EQ(ref("/carts/a"), before);
  add("/carts/b", "1");
  EXPECT_EQ(view("/carts/b").settings, R"({"x":1})");
}

TEST_F(Entities, FewerPlacesPassivateThoseThatAreIdle) {
  for (const char* path : {"/carts/a", "/carts/b", "/carts/c"}) {
    add(path, "1");
    clock.advance_ms(1);
  }
  set(carts("cart", 1));
  EXPECT_EQ(there(), 1u);
  EXPECT_EQ(status("/carts/c"), "running");
}

TEST_F(Entities, AShutdownWaitsForNoneThatIsParkedMeanwhile) {
  EntityOptions entities = carts();
  entities.options.supervision.on[static_cast<size_t>(FailureClass::kPermanent)] = Directive::kPark;
  set(entities);
  add("/carts/a", "1");
  post("/carts/a", [](Act&) { return failed(); });
  send("/carts/a", "add", "2");
  send("/carts/passive", "add", "1");
  runtime->announce_shutdown();
  settle();
  EXPECT_TRUE(runtime->quiet());
  EXPECT_EQ(state("/carts/passive"), "1");
}

TEST_F(Entities, OneThatDoesNotStopInTimeIsAbandonedAndItsMailGoesToItsHeir) {
  bool stuck = true;
  factory.kinds["slow"] = factory.kinds["cart"];
  factory.kinds["slow"].stop = [&](Act&, int32_t) {
    if (!std::exchange(stuck, false)) return;
    send("/slow/1", "add", "2");
    for (uint64_t passed = 0; passed < 6'000; passed += limits::kWatchdogMs) {
      runtime->watch();
      clock.advance_ms(limits::kWatchdogMs);
      settle();
    }
    EXPECT_EQ(state("/slow/1"), "1,2");
  };
  tree().declare({{{*ActorPath::parse("/slow"), "", "{}", steady()}, {}, carts("slow")}});
  settle();
  add("/slow/1", "1");
  pass_time();
  EXPECT_EQ(state("/slow/1"), "1,2");
  EXPECT_EQ(tree().counts().abandoned, 1u);
  pass_time();
  EXPECT_EQ(status("/slow/1"), "gone");
}

// ---- who watches -----------------------------------------------------------------------------------

TEST_F(Entities, APassivationIsNoDeath) {
  add("/carts/7", "apple");
  in("/client", [this](Act& act) { (void)act.turn.watch(ref("/carts/7")); });
  pass_time();
  EXPECT_EQ(status("/carts/7"), "gone");
  EXPECT_THAT(seen("/client"), IsEmpty());
  add("/carts/7", "pear");
  EXPECT_THAT(seen("/client"), IsEmpty());
  ASSERT_TRUE(tree().stop("/carts/7"));
  settle();
  EXPECT_THAT(seen("/client"), ElementsAre("terminated 0"));
}

TEST_F(Entities, WithItsNodeAPassiveOneHasEnded) {
  add("/carts/7", "apple");
  in("/client", [this](Act& act) { (void)act.turn.watch(ref("/carts/7")); });
  pass_time();
  ASSERT_TRUE(tree().stop("/carts"));
  settle();
  EXPECT_THAT(seen("/client"), ElementsAre("terminated 0"));
}

TEST_F(Entities, WhoNoLongerWatchesIsNotTold) {
  add("/carts/7", "apple");
  in("/client", [this](Act& act) {
    act.self.refs["cart"] = ref("/carts/7");
    (void)act.turn.watch(ref("/carts/7"));
  });
  pass_time();
  in("/client", [](Act& act) { (void)act.turn.unwatch(act.self.refs["cart"]); });
  add("/carts/7", "pear");
  ASSERT_TRUE(tree().stop("/carts/7"));
  settle();
  EXPECT_THAT(seen("/client"), IsEmpty());
}

TEST_F(Entities, Trap13AReferenceMeansOneActivation) {
  add("/carts/7", "apple");
  const ActorRef known = ref("/carts/7");
  pass_time();
  add("/carts/7", "pear");
  send(known, "add", "stale");
  settle();
  EXPECT_EQ(state("/carts/7"), "apple,pear");
  EXPECT_EQ(dead(DeadReason::kStaleIncarnation) + dead(DeadReason::kNoSuchActor), 1u);
}

// ---- subscriptions by path -------------------------------------------------------------------------

TEST_F(Entities, WhatIsPublishedToAPathBringsItUp) {
  ASSERT_TRUE(runtime->broker().subscribe(*TopicPattern::parse("fruit.*"), {{}, "/carts/7"}));
  publish("fruit.red", "add", "cherry");
  settle();
  EXPECT_EQ(state("/carts/7"), "cherry");
  (void)runtime->broker().unsubscribe(*TopicPattern::parse("fruit.*"), {{}, "/carts/7"});
}

}  // namespace
}  // namespace actord::host
