// Law 1: a turn is a transaction. Its effects happen all, in order, after success; or none does.
#include "support/runtime_fixture.hpp"

namespace actord::host {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Turns : public RuntimeFixture {
 protected:
  Turns() {
    declare("/a");
    declare("/b");
    settle();
    factory.forget();
  }
};

void everything(Act& act) {
  ActorRef child;
  uint64_t ask = 0;
  EXPECT_EQ(act.turn.send(to("/b", "Sent")), ACTORD_OK);
  EXPECT_EQ(act.turn.publish("news.today", about("News")), ACTORD_OK);
  EXPECT_EQ(act.turn.ask(to("/b", "Asked"), 1'000, &ask), ACTORD_OK);
  EXPECT_EQ(act.turn.set_timer("tick", 10, 0, {}), ACTORD_OK);
  EXPECT_EQ(act.turn.spawn("child", "puppet", "", "", &child), ACTORD_OK);
  EXPECT_EQ(act.turn.watch(child), ACTORD_OK);
  EXPECT_EQ(act.turn.subscribe("news.*"), ACTORD_OK);
  EXPECT_EQ(act.turn.watch_file("/etc/hostname"), ACTORD_OK);
  EXPECT_EQ(act.turn.reject(nullptr, "no"), ACTORD_OK);
  act.turn.stop_self();
}

TEST_F(Turns, Law1AFailedTurnLeavesNoEffectAtAll) {
  post("/a", [](Act& act) {
    everything(act);
    return failed();
  });
  settle();
  EXPECT_THAT(seen("/b"), IsEmpty());
  EXPECT_EQ(status("/a/child"), "gone");
  EXPECT_TRUE(runtime->broker().list().empty());
  EXPECT_THAT(watched_files, IsEmpty());
  EXPECT_EQ(dead(DeadReason::kRejected), 0u);
  EXPECT_EQ(dead(DeadReason::kHandlerFailed), 1u);
  advance(1'000);
  EXPECT_THAT(seen("/a"), ElementsAre("start")) << "no timer, no answer; only the restart";
}

TEST_F(Turns, Law1ASuccessfulTurnReleasesItsEffectsInTheOrderRecorded) {
  in("/a", [](Act& act) {
    (void)act.turn.publish("news.today", about("TooEarly"));
    (void)act.turn.subscribe("news.*");
    (void)act.turn.publish("news.today", about("Heard"));
    (void)act.turn.unsubscribe("news.*");
    (void)act.turn.publish("news.today", about("TooLate"));
  });
  EXPECT_THAT(seen("/a"), ElementsAre("Heard"));
  EXPECT_EQ(dead(DeadReason::kNoSubscriber), 2u);
}

TEST_F(Turns, Law1NothingHappensWhileTheHandlerStillRuns) {
  in("/a", [&](Act& act) {
    (void)act.turn.send(to("/b", "Sent"));
    EXPECT_EQ(runtime->registry().cell(ref("/b"))->mailbox.depth().messages, 0u);
  });
  EXPECT_THAT(seen("/b"), ElementsAre("Sent"));
}

TEST_F(Turns, AReservedChildOfAFailedTurnIsGivenBack) {
  ActorRef child, again;
  post("/a", [&](Act& act) {
    EXPECT_EQ(act.turn.spawn("x", "puppet", "", "", &child), ACTORD_OK);
    return failed();
  });
  settle();
  advance(1'000);
  in("/a", [&](Act& act) { EXPECT_EQ(act.turn.spawn("x", "puppet", "", "", &again), ACTORD_OK); });
  EXPECT_EQ(again.slot, child.slot);
  EXPECT_NE(again.incarnation, child.incarnation);
  EXPECT_EQ(status("/a/x"), "running");
}

TEST_F(Turns, AFailedFirstTurnLeavesNothingTrap17) {
  factory.kinds["stillborn"].start = [](Act& act) {
    act.turn.set_timer("t", 1, 0, {});
    (void)act.turn.subscribe("*");
    ActorRef child;
    (void)act.turn.spawn("child", "puppet", "", "", &child);
    return failed("no", ACTORD_FAIL_CONFIG);
  };
  declare("/s", "stillborn");
  settle();
  EXPECT_EQ(status("/s"), "parked");
  EXPECT_EQ(view("/s").last_failure.failure, FailureClass::kConfig);
  EXPECT_EQ(status("/s/child"), "gone");
  EXPECT_TRUE(runtime->broker().list().empty());
  EXPECT_EQ(runtime->timers().size(), 0u);
}

TEST_F(Turns, ARejectedMessageEndsOnceWhateverTheHandlerAnswers) {
  for (const actord_status answer : {ACTORD_OK, ACTORD_UNHANDLED, ACTORD_DEFER}) {
    post("/a", [answer](Act& act) {
      EXPECT_EQ(act.turn.reject(nullptr, "no"), ACTORD_OK);
      EXPECT_EQ(act.turn.reject(nullptr, "no"), ACTORD_E_WRONG_PHASE) << "it is rejected already";
      return Outcome{answer, {}};
    });
  }
  settle();
  EXPECT_EQ(dead(DeadReason::kRejected), 3u);
  EXPECT_EQ(dead_total(), 3u);
  EXPECT_EQ(in_flight(), 0u);
}

TEST_F(Turns, ARejectionThatDoesNotFitRejectsNothing) {
  in("/a", [](Act& act) {
    while (act.turn.cancel_timer("x") == ACTORD_OK) {}
    EXPECT_EQ(act.turn.reject(nullptr, "no"), ACTORD_E_LIMIT);
  });
  EXPECT_EQ(dead_total(), 0u);
  EXPECT_EQ(in_flight(), 0u);
}

TEST_F(Turns, UnhandledIsADeadLetterForMessagesAndNoneForNotices) {
  factory.kinds["deaf"].receive = [](Act&) { return Outcome{ACTORD_UNHANDLED, {}}; };
  declare("/deaf", "deaf");
  settle();
  send("/deaf", "What");
  runtime->announce_shutdown();
  settle();
  EXPECT_EQ(dead(DeadReason::kUnhandled), 1u);
}

TEST_F(Turns, StopAnsweredByAHandlerEndsTheActorAfterThisMessage) {
  post("/a", [](Act& act) {
    (void)act.turn.send(to("/b", "Last"));
    return Outcome{ACTORD_STOP, {}};
  });
  send("/a", "TooLate");
  settle();
  EXPECT_THAT(seen("/b"), ElementsAre("Last"));
  EXPECT_THAT(seen("/a"), ElementsAre("stop 0"));
  EXPECT_EQ(dead(DeadReason::kStopped), 1u);
  EXPECT_EQ(status("/a"), "stopped");
}

TEST_F(Turns, TheCauseOfAFailureIsKept) {
  in("/a", [](Act& act) {
    act.turn.set_error("from set_error");
    return Outcome{ACTORD_FAIL_TRANSIENT, {}};
  });
  EXPECT_EQ(view("/a").last_failure.text, "from set_error");
  EXPECT_EQ(view("/a").last_failure.failure, FailureClass::kTransient);
  EXPECT_EQ(view("/a").last_failure.message_type, "do");
  EXPECT_NE(view("/a").last_failure.message_id, 0u);
  EXPECT_NE(view("/a").last_failure_unix_ms, 0);
}

TEST_F(Turns, CorrelationIsInheritedAndCausationNamesTheMessage) {
  Uuid outside, inside, edge;
  uint64_t cause = 0, id = 0;
  factory.kinds["puppet"].receive = [&](Act& act) {
    (act.message->type.name() == "Edge" ? edge : inside) = act.message->correlation;
    cause = act.message->causation;
    return Outcome{};
  };
  declare("/c");
  settle();
  in("/a", [&](Act& act) {
    outside = act.message->correlation;
    id = act.message->id;
    (void)act.turn.send(to("/c", "Inner"));
    SendRequest request = to("/c", "Edge");
    request.flags = ACTORD_SEND_EDGE;
    (void)act.turn.send(request);
  });
  EXPECT_FALSE(outside.is_nil());
  EXPECT_EQ(inside, outside);
  EXPECT_NE(edge, outside);
  EXPECT_EQ(cause, id);
}

TEST_F(Turns, ACircleOfForwardsEndsAtTheHopLimit) {
  factory.kinds["ring"].receive = [](Act& act) {
    EXPECT_EQ(act.turn.forward({}, act.turn.path().text() == "/r1" ? "/r2" : "/r1"), ACTORD_OK);
    return Outcome{};
  };
  declare("/r1", "ring");
  declare("/r2", "ring");
  settle();
  send("/r1", "Round");
  settle();
  EXPECT_EQ(dead(DeadReason::kHopLimit), 1u);
}

// Two that name each other know what they do; only what is published or forwarded is counted.
TEST_F(Turns, PlainSendsMayGoBackAndForthForEver) {
  int rounds = 0;
  factory.kinds["player"].receive = [&](Act& act) {
    if (++rounds < 1'000) {
      EXPECT_EQ(act.turn.send(to(act.message->reply_to, "Ball")), ACTORD_OK);
    }
    return Outcome{};
  };
  declare("/p1", "player");
  declare("/p2", "player");
  declare("/serve");
  settle();
  in("/serve", [&](Act& act) {
    SendRequest ball = to("/p1", "Ball");
    ball.reply_to = ref("/p2");
    EXPECT_EQ(act.turn.send(ball), ACTORD_OK);
  });
  EXPECT_EQ(rounds, 1'000);
  EXPECT_EQ(dead_total(), 0u);
}

TEST_F(Turns, EventsThatCauseEachOtherEndAtTheHopLimit) {
  factory.kinds["echo"].receive = [](Act& act) {
    EXPECT_EQ(act.turn.publish("storm.x", about("Again")), ACTORD_OK);
    return Outcome{};
  };
  declare("/e", "echo");
  settle();
  ASSERT_TRUE(runtime->broker().subscribe(*TopicPattern::parse("storm.*"), {{}, "/e"}));
  publish("storm.x", "Again");
  settle();
  EXPECT_EQ(dead(DeadReason::kHopLimit), 1u);
  runtime->broker().unsubscribe(*TopicPattern::parse("storm.*"), {{}, "/e"});
}

// A reader publishes the next line when the last one is acknowledged: that may go on for ever.
TEST_F(Turns, WhatIsBornOutsideBeginsANewChainOfHops) {
  int rounds = 0;
  factory.kinds["reader"].receive = [&](Act& act) {
    if (++rounds > 300) return Outcome{};
    SendRequest line = about("Line");
    line.flags = ACTORD_SEND_EDGE;
    EXPECT_EQ(act.turn.publish("lines", line), ACTORD_OK);
    return Outcome{};
  };
  factory.kinds["consumer"].receive = [](Act& act) {
    EXPECT_EQ(act.turn.send(to("/reader", "Ack")), ACTORD_OK);
    return Outcome{};
  };
  declare("/reader", "reader");
  declare("/consumer", "consumer");
  settle();
  ASSERT_TRUE(runtime->broker().subscribe(*TopicPattern::parse("lines"), {{}, "/consumer"}));
  send("/reader", "Go");
  settle();
  EXPECT_EQ(rounds, 301);
  EXPECT_EQ(dead_total(), 0u);
  runtime->broker().unsubscribe(*TopicPattern::parse("lines"), {{}, "/consumer"});
}

TEST_F(Turns, EveryMessageAnActorSeesHasAnIdOfItsOwn) {
  std::vector<uint64_t> ids;
  factory.kinds["puppet"].receive = [&](Act& act) {
    ids.push_back(act.message->id);
    return Outcome{};
  };
  declare("/c");
  settle();
  in("/c", [&](Act& act) {
    uint64_t ask = 0;
    (void)act.turn.watch({999'999, 999'999});
    (void)act.turn.ask(to("/nobody", "Q"), 100, &ask);
    act.turn.set_timer("t", 0, 0, {});
  });
  jump(1);
  ASSERT_EQ(ids.size(), 3u);
  for (const uint64_t id : ids) EXPECT_NE(id, 0u);
  EXPECT_NE(ids[0], ids[1]);
}

}  // namespace
}  // namespace actord::host
