// One actor's messages: order, stash, retry, expiry, asks and timers.
#include "runtime/cell_runner.hpp"

#include "support/runtime_fixture.hpp"

namespace actord::host {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class CellRunnerTest : public RuntimeFixture {
 protected:
  CellRunnerTest() {
    // Puts off what is called Later* until "Open".
    factory.kinds["gatekeeper"].receive = [](Act& act) {
      const std::string type(act.message->type.name());
      if (type == "Open") {
        act.self.number = 1;
        (void)act.turn.unstash_all();
      }
      if (type == "Bad") return failed();
      const bool later = type.starts_with("Later") || act.message->kind != MessageKind::kUser;
      return Outcome{later && act.self.number == 0 ? ACTORD_DEFER : ACTORD_OK, {}};
    };
    declare("/a");
    declare("/b");
    declare("/g", "gatekeeper");
    settle();
    factory.forget();
  }
  std::vector<std::string> last(const std::string& path, size_t count) {
    Lines lines = seen(path);
    return {lines.end() - static_cast<ptrdiff_t>(std::min(count, lines.size())), lines.end()};
  }
};

// ---- order, stash ----

TEST_F(CellRunnerTest, Law3MessagesAreHandledInTheOrderSentAlsoPastOneBatch) {
  declare("/many", "puppet");
  settle();
  factory.forget();
  Lines expected;
  for (int i = 0; i < 500; ++i) {
    send("/many", "N", std::to_string(i));
    expected.push_back("N " + std::to_string(i));
  }
  settle();
  EXPECT_EQ(seen("/many"), expected);
}

TEST_F(CellRunnerTest, Law3UnstashedMessagesComeFirstAndInOrder) {
  send("/g", "Later", "1");
  send("/g", "Now");
  send("/g", "Later", "2");
  send("/g", "Open");
  send("/g", "After");
  settle();
  EXPECT_THAT(last("/g", 4), ElementsAre("Open", "Later 1", "Later 2", "After"));
}

TEST_F(CellRunnerTest, Trap30TheStashSurvivesAFailureInOrder) {
  for (const char* n : {"1", "2", "3"}) send("/g", "Later", n);
  send("/g", "Bad");
  settle();
  factory.forget();
  advance(200);
  EXPECT_THAT(seen("/g"), ElementsAre("start", "Later 1", "Later 2", "Later 3"));
  send("/g", "Open");
  settle();
  EXPECT_THAT(last("/g", 3), ElementsAre("Later 1", "Later 2", "Later 3"));
}

TEST_F(CellRunnerTest, Trap30TheStashOfAStoppedActorBecomesDeadLetters) {
  for (const char* n : {"1", "2"}) send("/g", "Later", n);
  settle();
  ASSERT_TRUE(tree().stop("/g"));
  settle();
  EXPECT_EQ(dead(DeadReason::kStopped), 2u);
}

TEST_F(CellRunnerTest, Trap30AFailingUnstashedMessageLeavesTheRestInOrder) {
  factory.kinds["gatekeeper"].receive = [](Act& act) {
    const std::string type(act.message->type.name());
    if (type == "Open") {
      (void)act.turn.unstash_all();
      act.self.number = 1;
    } else if (act.self.number == 0 && act.message->payload.view() != "4") {
      return Outcome{
          act.message->attempt == 1 && act.message->lane == Lane::kUser ? ACTORD_DEFER : ACTORD_OK,
          {}};
    }
    return act.message->payload.view() == "2" ? failed() : Outcome{};
  };
  declare("/h", "gatekeeper");
  settle();
  for (const char* n : {"1", "2", "3"}) send("/h", "M", n);
  settle();
  factory.forget();
  send("/h", "Open");
  send("/h", "M", "4");
  settle();
  advance(200);
  EXPECT_THAT(seen("/h"), ElementsAre("Open", "M 1", "M 2", "start", "M 3", "M 4"));
}

TEST_F(CellRunnerTest, TheStashIsBounded) {
  for (uint64_t i = 0; i <= limits::kStashMax; ++i) {
    send("/g", "Later");
    if (i % 1'000 == 0) settle();
  }
  settle();
  EXPECT_EQ(dead(DeadReason::kStashFull), 1u);
}

TEST_F(CellRunnerTest, AMailboxOfOneKeepsWorking) {
  ActorOptions options = steady();
  options.mailbox.capacity = 1;
  declare("/tight", "gatekeeper", options);
  settle();
  for (int i = 0; i < 5; ++i) {
    send("/tight", "Now");
    settle();
    send("/tight", "Later");
    settle();
  }
  send("/tight", "Open");
  settle();
  EXPECT_EQ(dead_total(), 0u);
}

TEST_F(CellRunnerTest, Trap12APutOffDeathNoticeIsDeliveredAfterUnstash) {
  const ActorRef b = ref("/b");
  in("/g", [b](Act& act) { (void)act.turn.watch(b); });
  ASSERT_TRUE(tree().stop("/b"));
  settle();
  EXPECT_THAT(seen("/g"), ElementsAre("terminated 0"));
  send("/g", "Open");
  settle();
  EXPECT_THAT(seen("/g"), ElementsAre("terminated 0", "Open", "terminated 0"));
}

TEST_F(CellRunnerTest, Trap11UnwatchTakesBackAPutOffDeathNotice) {
  const ActorRef b = ref("/b");
  in("/g", [b](Act& act) { (void)act.turn.watch(b); });
  ASSERT_TRUE(tree().stop("/b"));
  settle();
  in("/g", [b](Act& act) { (void)act.turn.unwatch(b); });
  send("/g", "Open");
  settle();
  EXPECT_THAT(seen("/g"), ElementsAre("terminated 0", "Open"));
}

TEST_F(CellRunnerTest, APutOffReplyIsDeliveredAfterUnstashAndASecondAnswerIsNot) {
  factory.kinds["twice"].receive = [](Act& act) {
    (void)act.turn.reply(about("One"));
    (void)act.turn.reply(about("Two"));
    return Outcome{};
  };
  declare("/t", "twice");
  settle();
  in("/g", [](Act& act) {
    uint64_t ask = 0;
    EXPECT_EQ(act.turn.ask(to("/t", "Q"), 1'000, &ask), ACTORD_OK);
  });
  send("/g", "Open");
  settle();
  EXPECT_THAT(seen("/g"), ElementsAre("reply One ", "Open", "reply One "));
  EXPECT_EQ(dead_total(), 0u);
}

TEST_F(CellRunnerTest, APutOffTimerIsDeliveredAfterUnstashUnlessItWasCancelled) {
  in("/g", [](Act& act) {
    act.turn.set_timer("kept", 10, 0, Bytes("x"));
    act.turn.set_timer("cancelled", 10, 0, {});
    act.turn.set_timer("again", 10, 0, {});
  });
  advance(10);
  in("/g", [](Act& act) {
    act.turn.cancel_timer("cancelled");
    act.turn.set_timer("again", 50, 0, {});
  });
  factory.forget();
  send("/g", "Open");
  settle();
  EXPECT_THAT(seen("/g"), ElementsAre("Open", "timer kept x"));
  advance(50);
  EXPECT_THAT(last("/g", 1), ElementsAre("timer again"));
}

TEST_F(CellRunnerTest, APutOffTickOfAPeriodicTimerIsCoveredByTheNext) {
  in("/g", [](Act& act) { act.turn.set_timer("tick", 10, 10, {}); });
  advance(10);
  factory.forget();
  send("/g", "Open");
  settle();
  advance(10);
  EXPECT_THAT(seen("/g"), ElementsAre("Open", "timer tick"));
}

TEST_F(CellRunnerTest, NoticesAnOldInstancePutOffAreNotShownToTheNewOneTrap37) {
  const ActorRef b = ref("/b");
  in("/g", [b](Act& act) {
    (void)act.turn.watch(b);
    act.turn.set_timer("t", 0, 0, {});
  });
  ASSERT_TRUE(tree().stop("/b"));
  settle();
  jump(1);
  EXPECT_THAT(seen("/g"), ElementsAre("terminated 0", "timer t"));
  send("/g", "Bad");
  settle();
  factory.forget();
  advance(200);
  send("/g", "Open");
  settle();
  EXPECT_THAT(seen("/g"), ElementsAre("start", "Open"));
}

// ---- retry, expiry ----

class Retry : public CellRunnerTest {
 protected:
  Retry() {
    ActorOptions options = steady();
    options.supervision.max_attempts = 3;
    factory.kinds["flaky"].receive = [this](Act& act) {
      if (act.message->type.name() != "Bad") return Outcome{};
      attempts.push_back(act.message->attempt);
      return act.message->attempt < good_at ? failed("again", status) : Outcome{};
    };
    declare("/f", "flaky", options);
    settle();
    factory.forget();
  }
  std::vector<uint32_t> attempts;
  uint32_t good_at = 3;
  actord_status status = ACTORD_FAIL_TRANSIENT;
};

TEST_F(Retry, AFailedMessageIsTriedAgainInItsPlace) {
  send("/f", "Bad");
  send("/f", "Next");
  settle();
  advance(1'000);
  EXPECT_THAT(attempts, ElementsAre(1u, 2u, 3u));
  EXPECT_THAT(seen("/f"), ElementsAre("Bad", "start", "Bad", "start", "Bad", "Next"));
  EXPECT_EQ(dead_total(), 0u);
}

TEST_F(Retry, AfterTheLastAttemptItIsADeadLetterWithTheCount) {
  good_at = 99;
  send("/f", "Bad");
  settle();
  advance(1'000);
  EXPECT_EQ(dead(DeadReason::kAttemptsExhausted), 1u);
  EXPECT_EQ(letters().front().attempts, 3u);
  EXPECT_EQ(letters().front().error, "again");
}

TEST_F(Retry, PoisonIsNotTriedAgain) {
  good_at = 99;
  status = ACTORD_FAIL_POISON;
  send("/f", "Bad");
  settle();
  advance(1'000);
  EXPECT_THAT(attempts, ElementsAre(1u));
  EXPECT_EQ(dead(DeadReason::kHandlerFailed), 1u);
}

TEST_F(Retry, AMessageWaitingForItsNextAttemptStillFillsTheMailbox) {
  ActorOptions options = steady();
  options.supervision.max_attempts = 3;
  options.mailbox.capacity = 1;
  declare("/one", "flaky", options);
  settle();
  send("/one", "Bad");
  settle();
  send("/one", "Next");
  settle();
  EXPECT_EQ(dead(DeadReason::kMailboxFull), 1u);
  advance(1'000);
  send("/one", "Next");
  settle();
  EXPECT_EQ(dead_total(), 1u);
  EXPECT_EQ(view("/one").mailbox.bytes, 0u);
}

TEST_F(Retry, AStopWhileAMessageWaitsForItsNextAttemptMakesItADeadLetter) {
  send("/f", "Bad");
  settle();
  ASSERT_TRUE(tree().stop("/f"));
  settle();
  EXPECT_EQ(dead(DeadReason::kStopped), 1u);
}

TEST_F(Retry, Law3ARetriedMessageDoesNotOvertakeWhatWasPutOffBeforeIt) {
  factory.kinds["flaky"].receive = [](Act& act) {
    if (act.message->type.name() == "First" && act.turn.services().now_ms() < 1'100)
      return Outcome{ACTORD_DEFER, {}};
    return act.message->type.name() == "Bad" && act.message->attempt == 1 ? failed() : Outcome{};
  };
  ActorOptions options = steady();
  options.supervision.max_attempts = 2;
  declare("/o", "flaky", options);
  settle();
  factory.forget();
  for (const char* type : {"First", "Bad", "Last"}) send("/o", type);
  settle();
  factory.forget();
  advance(1'000);
  EXPECT_THAT(seen("/o"), ElementsAre("start", "First", "Bad", "Last"));
}

TEST_F(CellRunnerTest, Trap36AnExpiredMessageIsNotHandled) {
  ASSERT_TRUE(tree().park("/b"));
  settle();
  factory.forget();
  in("/a", [](Act& act) {
    SendRequest soon = to("/b", "Soon");
    soon.expires_in_ms = 50;
    soon.flags = ACTORD_SEND_NOTIFY;
    soon.token = 7;
    (void)act.turn.send(soon);
    SendRequest ages = to("/b", "Ages");
    ages.expires_in_ms = UINT64_MAX;
    (void)act.turn.send(ages);
  });
  advance(50);
  ASSERT_TRUE(tree().resume("/b"));
  settle();
  EXPECT_THAT(seen("/b"), ElementsAre("start", "Ages"));
  EXPECT_EQ(dead(DeadReason::kExpired), 1u);
  EXPECT_THAT(seen("/a"), ElementsAre("undelivered 6 token 7"));
}

// ---- asks ----

class Asks : public CellRunnerTest {
 protected:
  Asks() {
    factory.kinds["echo"].receive = [](Act& act) {
      const std::string type(act.message->type.name());
      if (type == "Echo") (void)act.turn.reply(about("Echoed", act.message->payload.view()));
      if (type == "Twice") {
        (void)act.turn.reply(about("Echoed", "1"));
        (void)act.turn.reply(about("Echoed", "2"));
      }
      if (type == "Reject") (void)act.turn.reject(nullptr, "no");
      if (type == "Unknown") return Outcome{ACTORD_UNHANDLED, {}};
      return type == "Fail" ? failed() : Outcome{};
    };
    declare("/e", "echo");
    settle();
    factory.forget();
  }
  void ask(const std::string& path, std::string_view type, uint64_t timeout_ms = 1'000) {
    in("/a", [=](Act& act) {
      uint64_t number = 0;
      EXPECT_EQ(act.turn.ask(to(path, type, "x"), timeout_ms, &number), ACTORD_OK);
      act.self.asks.push_back(number);
    });
  }
};

TEST_F(Asks, AnAnswerArrivesOnce) {
  ask("/e", "Echo");
  advance(5'000);
  EXPECT_THAT(seen("/a"), ElementsAre("reply Echoed x"));
  EXPECT_EQ(view("/a").asks, 0u);
}

TEST_F(Asks, Trap34ASecondReplyIsACountedNothing) {
  ask("/e", "Twice");
  EXPECT_THAT(seen("/a"), ElementsAre("reply Echoed 1"));
  EXPECT_EQ(dead_total(), 0u);
}

TEST_F(Asks, ATimeoutArrivesOnceAndALateReplyIsNothing) {
  factory.kinds["slow"].receive = [](Act& act) {
    if (act.message->type.name() == "Echo") return Outcome{ACTORD_DEFER, {}};
    return Outcome{};
  };
  declare("/slow", "slow");
  settle();
  ask("/slow", "Silent", 100);
  advance(99);
  EXPECT_THAT(seen("/a"), IsEmpty());
  advance(1);
  EXPECT_THAT(seen("/a"), ElementsAre("ask_failed -52"));
  advance(5'000);
  EXPECT_EQ(seen("/a").size(), 1u);
}

TEST_F(Asks, Trap38AReplyAndItsDeadlineTogetherGiveOneOutcome) {
  post("/a", [](Act& act) {
    uint64_t number = 0;
    (void)act.turn.ask(to("/e", "Echo"), 100, &number);
  });
  for (int i = 0; i < 2; ++i) steps->step();  // asked; answered; /a has not looked yet
  clock.advance_ms(100);
  runtime->fire_due();
  settle();
  EXPECT_EQ(seen("/a").size(), 1u);
}

TEST_F(Asks, ADeadLetteredRequestAnswersItsAskerAtOnce) {
  ask("/nobody", "Echo");
  ask("/e", "Unknown");
  ask("/e", "Reject");
  ask("/e", "Fail");
  EXPECT_THAT(seen("/a"),
              ElementsAre("ask_failed 1", "ask_failed 7", "ask_failed 14", "ask_failed 8"));
  advance(200);
  EXPECT_EQ(seen("/a").size(), 4u);
}

TEST_F(Asks, TheDeathOfTheTargetAnswersAtOnce) {
  ASSERT_TRUE(tree().park("/e"));
  settle();
  ask("/e", "Echo");
  ASSERT_TRUE(tree().stop("/e"));
  settle();
  EXPECT_THAT(seen("/a"), ElementsAre("ask_failed 3"));
}

TEST_F(Asks, Trap35EveryTimeoutIsClamped) {
  ask("/b", "Silent", 0);
  ask("/b", "Silent", UINT64_MAX);
  advance(1);
  EXPECT_THAT(seen("/a"), ElementsAre("ask_failed -52"));
  jump(limits::kAskTimeoutMsMax);
  EXPECT_EQ(seen("/a").size(), 2u);
}

TEST_F(Asks, Trap36AnExpiredRequestIsNotHandedToItsTarget) {
  ASSERT_TRUE(tree().park("/e"));
  settle();
  factory.forget();
  ask("/e", "Echo", 50);
  advance(50);
  ASSERT_TRUE(tree().resume("/e"));
  settle();
  EXPECT_THAT(seen("/e"), ElementsAre("start"));
  EXPECT_EQ(seen("/a").size(), 1u);
}

TEST_F(Asks, Trap37ARestartOfTheAskerForgetsItsAsks) {
  ASSERT_TRUE(tree().park("/e"));
  settle();
  ask("/e", "Echo");
  fail("/a");
  advance(200);
  EXPECT_EQ(runtime->timers().size(), 0u);
  factory.forget();
  ASSERT_TRUE(tree().resume("/e"));
  settle();
  advance(2'000);
  EXPECT_THAT(seen("/a"), IsEmpty());
  EXPECT_THAT(seen("/e"), ElementsAre("start", "Echo x"));
}

TEST_F(Asks, ACancelledAskBringsNothing) {
  ask("/b", "Silent", 100);
  ask("/e", "Echo");
  in("/a", [](Act& act) {
    (void)act.turn.cancel_ask(act.self.asks[0]);
    (void)act.turn.cancel_ask(12345);
  });
  EXPECT_EQ(view("/a").asks, 0u);
  advance(1'000);
  EXPECT_THAT(seen("/a"), ElementsAre("reply Echoed x"));
}

TEST_F(Asks, AForwardedRequestIsAnsweredToTheAsker) {
  in("/b", [](Act&) {});
  factory.kinds["mid"].receive = [](Act& act) {
    (void)act.turn.forward({}, "/e");
    return Outcome{};
  };
  declare("/m", "mid");
  settle();
  ask("/m", "Echo");
  EXPECT_THAT(seen("/a"), ElementsAre("reply Echoed x"));
}

TEST_F(Asks, TooManyPendingAsksFailAtOnceAndTheOthersStay) {
  ActorOptions large = steady();
  large.mailbox.capacity = 100'000;
  declare("/silent", "puppet", large);
  settle();
  factory.forget();
  for (int i = 0; i < 11; ++i) {
    in("/a", [&](Act& act) {
      uint64_t number = 0;
      for (int k = 0; k < 1'000; ++k) (void)act.turn.ask(to("/silent", "Q"), 1'000, &number);
    });
  }
  EXPECT_EQ(view("/a").asks, limits::kAsksPerActor);
  EXPECT_EQ(seen("/a").size(), 1'000u);
  EXPECT_EQ(seen("/a").front(), "ask_failed -21");
  advance(1'000);
  EXPECT_EQ(seen("/a").size(), 11'000u);
}

// ---- timers ----

class ActorTimers : public CellRunnerTest {};

TEST_F(ActorTimers, AOneShotTimerFiresOnceAtItsTime) {
  in("/a", [](Act& act) { act.turn.set_timer("once", 100, 0, Bytes("p")); });
  advance(99);
  EXPECT_THAT(seen("/a"), IsEmpty());
  advance(10'000);
  EXPECT_THAT(seen("/a"), ElementsAre("timer once p"));
  EXPECT_EQ(view("/a").timers, 0u);
}

TEST_F(ActorTimers, APeriodicTimerFiresAtItsRate) {
  in("/a", [](Act& act) { act.turn.set_timer("tick", 100, 50, {}); });
  advance(250);
  EXPECT_EQ(seen("/a").size(), 4u);  // 100, 150, 200, 250
  in("/a", [](Act& act) { act.turn.cancel_timer("tick"); });
  advance(1'000);
  EXPECT_EQ(seen("/a").size(), 4u);
}

TEST_F(ActorTimers, Trap33APauseBringsOneTickAndTheRateGoesOn) {
  in("/a", [](Act& act) { act.turn.set_timer("tick", 50, 50, {}); });
  jump(1'030);
  EXPECT_EQ(seen("/a").size(), 1u);
  advance(19);
  EXPECT_EQ(seen("/a").size(), 1u);
  advance(1);  // 1,050: on the old beat
  EXPECT_EQ(seen("/a").size(), 2u);
}

TEST_F(ActorTimers, SettingAKeyAgainReplacesTheTimer) {
  in("/a", [](Act& act) { act.turn.set_timer("t", 10, 0, Bytes("old")); });
  in("/a", [](Act& act) { act.turn.set_timer("t", 20, 0, Bytes("new")); });
  advance(100);
  EXPECT_THAT(seen("/a"), ElementsAre("timer t new"));
}

TEST_F(ActorTimers, Trap32AFireAlreadyQueuedIsNotDeliveredAfterCancelRearmOrRestart) {
  const auto arm = [](Act& act) {
    act.turn.set_timer("cancelled", 10, 0, {});
    act.turn.set_timer("rearmed", 10, 0, Bytes("old"));
  };
  const auto fire = [&] {
    clock.advance_ms(10);
    runtime->fire_due();  // queued, while the turn runs
  };
  in("/a", arm);
  in("/a", [&](Act& act) {
    fire();
    act.turn.cancel_timer("cancelled");
    act.turn.set_timer("rearmed", 10, 0, Bytes("new"));
  });
  in("/b", arm);
  in("/b", [&](Act&) {
    fire();
    return failed();
  });
  advance(500);
  EXPECT_THAT(seen("/a"), ElementsAre("timer rearmed new"));
  EXPECT_THAT(seen("/b"), ElementsAre("start"));
}

TEST_F(ActorTimers, ATimerOfTheFarFutureDoesNotFireNow) {
  in("/a", [](Act& act) {
    act.turn.set_timer("never", UINT64_MAX, 0, {});
    act.turn.set_timer("once", 5, UINT64_MAX, {});
  });
  advance(10);
  EXPECT_THAT(seen("/a"), ElementsAre("timer once"));
  EXPECT_EQ(view("/a").timers, 2u);
}

TEST_F(ActorTimers, AFailureInATimersTurnIsADeadLetterWithTheTimersName) {
  factory.kinds["bomb"].receive = [](Act&) { return failed(); };
  factory.kinds["bomb"].start = [](Act& act) {
    act.turn.set_timer("fuse", 10, 0, {});
    return Outcome{};
  };
  declare("/bomb", "bomb");
  settle();
  advance(10);
  EXPECT_EQ(status("/bomb"), "backoff");
  EXPECT_EQ(letters().front().type, "fuse");
}

TEST_F(ActorTimers, TheNumberOfTimersIsBounded) {
  for (int i = 0; i < 11; ++i) {
    in("/a", [i](Act& act) {
      for (int k = 0; k < 1'000; ++k)
        act.turn.set_timer(std::to_string(i * 1'000 + k), 1'000, 0, {});
    });
  }
  EXPECT_EQ(view("/a").timers, limits::kTimersPerActor);
}

TEST_F(CellRunnerTest, ANodeWithoutAKindHoldsChildrenAndHandlesNothing) {
  declare("/group", "");
  declare("/group/one");
  settle();
  EXPECT_EQ(status("/group/one"), "running");
  send("/group", "Hello");
  settle();
  EXPECT_EQ(dead(DeadReason::kUnhandled), 1u);
}

TEST_F(CellRunnerTest, FileChangesAndTheShutdownNoticeArrive) {
  in("/a", [](Act& act) { (void)act.turn.watch_file("/var/log/x"); });
  EXPECT_THAT(watched_files, ElementsAre("/var/log/x"));
  runtime->file_changed(ref("/a"), "/var/log/x");
  runtime->announce_shutdown();
  settle();
  EXPECT_THAT(seen("/a"), ElementsAre("file_changed /var/log/x", "shutdown_soon"));
}

}  // namespace
}  // namespace actord::host
