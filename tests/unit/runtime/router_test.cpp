// The only entrance: where a message goes, and what becomes of one that cannot.
#include "runtime/router.hpp"

#include "support/runtime_fixture.hpp"

namespace actord::host {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class RouterTest : public RuntimeFixture {
 protected:
  RouterTest() {
    ActorOptions small = steady();
    small.mailbox.capacity = 2;
    declare("/a");
    declare("/b");
    declare("/small", "puppet", small);
    small.mailbox.overflow = Overflow::kDropOldest;
    declare("/newest", "puppet", small);
    settle();
    factory.forget();
  }
  void subscribe(const std::string& path, const std::string& pattern) {
    in(path, [pattern](Act& act) { EXPECT_EQ(act.turn.subscribe(pattern), ACTORD_OK); });
  }
};

TEST_F(RouterTest, APathAndAReferenceLeadToTheSameActor) {
  send("/a", "ByPath");
  send(ref("/a"), "ByRef");
  settle();
  EXPECT_THAT(seen("/a"), ElementsAre("ByPath", "ByRef"));
}

TEST_F(RouterTest, EachRefusalHasItsReasonAndTheRightRecipientTrap4) {
  send("/nobody", "M");
  send(ActorRef{5'000, 7}, "M");
  for (int i = 0; i < 3; ++i) send("/small", "M", std::to_string(i));
  for (int i = 0; i < 3; ++i) send("/newest", "M", std::to_string(i));
  settle();
  EXPECT_EQ(dead(DeadReason::kNoSuchActor), 2u);
  EXPECT_EQ(dead(DeadReason::kMailboxFull), 1u);
  EXPECT_EQ(dead(DeadReason::kDroppedOldest), 1u);
  EXPECT_THAT(seen("/small"), ElementsAre("M 0", "M 1"));
  EXPECT_THAT(seen("/newest"), ElementsAre("M 1", "M 2"));
  const auto stored = letters();
  ASSERT_EQ(stored.size(), 4u);
  EXPECT_EQ(stored[3].to, "/nobody");
  EXPECT_EQ(stored[1].to, "/small");
  EXPECT_EQ(stored[0].to, "/newest");
}

TEST_F(RouterTest, UrgentMessagesPassAFullMailboxAndGoAhead) {
  ASSERT_TRUE(tree().park("/small"));
  settle();
  factory.forget();
  for (int i = 0; i < 3; ++i) send("/small", "M", std::to_string(i));
  in("/a", [](Act& act) {
    SendRequest request = to("/small", "Urgent");
    request.flags = ACTORD_SEND_URGENT;
    EXPECT_EQ(act.turn.send(request), ACTORD_OK);
  });
  ASSERT_TRUE(tree().resume("/small"));
  settle();
  EXPECT_THAT(seen("/small"), ElementsAre("start", "Urgent", "M 0", "M 1"));
}

TEST_F(RouterTest, ASenderThatAskedIsToldOfItsDeadLetter) {
  in("/a", [](Act& act) {
    SendRequest request = to("/nobody", "M");
    (void)act.turn.send(request);
    request.flags = ACTORD_SEND_NOTIFY;
    request.token = 42;
    (void)act.turn.send(request);
  });
  EXPECT_THAT(seen("/a"), ElementsAre("undelivered 1 token 42"));
}

TEST_F(RouterTest, ASourceOutsideIsToldFullOrClosedAndNothingBecomesADeadLetter) {
  Router& router = runtime->router();
  const ActorRef small = ref("/newest");
  EXPECT_EQ(router.post(small, message("M", "0")), ACTORD_OK);
  EXPECT_EQ(router.post(small, message("M", "1")), ACTORD_OK);
  EXPECT_EQ(router.post(small, message("M", "2")), ACTORD_E_FULL);
  settle();
  EXPECT_THAT(seen("/newest"), ElementsAre("M 0", "M 1"));
  ASSERT_TRUE(tree().stop("/newest"));
  settle();
  EXPECT_EQ(router.post(small, message("M")), ACTORD_E_CLOSED);
  EXPECT_EQ(router.post({5'000, 1}, message("M")), ACTORD_E_CLOSED);
  EXPECT_EQ(dead_total(), 0u);
}

// ---- topics ----

TEST_F(RouterTest, Trap8OneCopyPerSubscriberHoweverManyPatternsMatch) {
  subscribe("/a", "news.*");
  subscribe("/a", "*.today");
  subscribe("/b", "news.today");
  EXPECT_EQ(publish("news.today", "News"), 2u);
  settle();
  EXPECT_THAT(seen("/a"), ElementsAre("News"));
  EXPECT_THAT(seen("/b"), ElementsAre("News"));
}

TEST_F(RouterTest, APathAndAnActorBehindItAreOneSubscriber) {
  subscribe("/a", "news.*");
  ASSERT_TRUE(runtime->broker().subscribe(*TopicPattern::parse("news.*"), {{}, "/a"}));
  EXPECT_EQ(publish("news.today", "News"), 1u);
  runtime->broker().unsubscribe(*TopicPattern::parse("news.*"), {{}, "/a"});
}

TEST_F(RouterTest, ASubscriptionByPathReachesWhoeverLivesThere) {
  const auto pattern = *TopicPattern::parse("news.*");
  ASSERT_TRUE(runtime->broker().subscribe(pattern, {{}, "/a"}));
  ASSERT_TRUE(tree().stop("/a"));
  settle();
  publish("news.today", "Lost");
  settle();
  EXPECT_EQ(dead(DeadReason::kNoSuchActor), 1u);
  EXPECT_EQ(letters().front().to, "/a");
  factory.forget();
  ASSERT_TRUE(tree().start("/a"));
  publish("news.today", "Found");
  settle();
  EXPECT_THAT(seen("/a"), ElementsAre("start", "Found"));
  runtime->broker().unsubscribe(pattern, {{}, "/a"});
}

// ---- before anybody runs ----

TEST_F(RouterTest, WhatIsPublishedBeforeASubscriberRunsWaitsForIt) {
  factory.kinds["early"].start = [](Act& act) {
    return Outcome{act.turn.publish("news.today", about("First")), {}};
  };
  for (const char* path : {"/x/late", "/later"})
    ASSERT_TRUE(runtime->broker().subscribe(*TopicPattern::parse("news.*"), {{}, path}));
  tree().declare({{{*ActorPath::parse("/early"), "early", "{}", steady()}, {}},
                  {{*ActorPath::parse("/x"), "ledger", "{}", steady()}, {}},
                  {{*ActorPath::parse("/x/late"), "puppet", "{}", steady()}, {"/early"}},
                  {{*ActorPath::parse("/later"), "puppet", "{}", steady()}, {"/x"}}});
  settle();
  EXPECT_THAT(seen("/x/late"), ElementsAre("start", "First"));
  EXPECT_THAT(seen("/later"), ElementsAre("start", "First"));
  EXPECT_EQ(dead_total(), 0u);
  for (const char* path : {"/x/late", "/later"})
    runtime->broker().unsubscribe(*TopicPattern::parse("news.*"), {{}, path});
}

TEST_F(RouterTest, NobodyListeningIsADeadLetterNamedAfterTheTopic) {
  EXPECT_EQ(publish("news.today", "News"), 0u);
  EXPECT_EQ(dead(DeadReason::kNoSubscriber), 1u);
  EXPECT_EQ(letters().front().to, "news.today");
}

TEST_F(RouterTest, Trap7APublisherHearsItselfInALaterTurnAndTheRecipientsAreFixedAtPublish) {
  in("/a", [&](Act& act) {
    (void)act.turn.subscribe("t.*");
    (void)act.turn.publish("t.x", about("One"));
    (void)act.turn.unsubscribe("t.*");
  });
  EXPECT_THAT(seen("/a"), ElementsAre("One"));
  subscribe("/b", "t.*");
  publish("t.x", "Two");
  post("/b", [](Act& act) { (void)act.turn.unsubscribe("t.*"); });
  settle();
  EXPECT_THAT(seen("/b"), ElementsAre("Two"));
}

TEST_F(RouterTest, SubscriptionsEndWithTheInstanceTrap13) {
  subscribe("/a", "t.*");
  fail("/a");
  EXPECT_TRUE(runtime->broker().list().empty());
  advance(200);
  EXPECT_EQ(publish("t.x", "T"), 0u);
}

TEST_F(RouterTest, CopiesShareThePayload) {
  const Buffer* first = nullptr;
  const Buffer* second = nullptr;
  factory.kinds["looker"].receive = [&](Act& act) {
    (act.turn.path().text() == "/l1" ? first : second) = act.message->payload.buffer();
    EXPECT_EQ(act.message->extra->topic, "t.x");
    return Outcome{};
  };
  declare("/l1", "looker");
  declare("/l2", "looker");
  settle();
  subscribe("/l1", "t.*");
  subscribe("/l2", "t.*");
  publish("t.x", "T", "payload");
  settle();
  EXPECT_NE(first, nullptr);
  EXPECT_EQ(first, second);
}

// ---- asks from outside ----

class OutsideTest : public RouterTest {
 protected:
  OutsideTest() {
    factory.kinds["echo"].receive = [](Act& act) {
      const std::string type(act.message->type.name());
      if (type == "Echo") (void)act.turn.reply(about("Echoed", act.message->payload.view()));
      return type == "Fail" ? failed("cannot")
                            : Outcome{type == "Unknown" ? ACTORD_UNHANDLED : ACTORD_OK, {}};
    };
    declare("/e", "echo");
    settle();
  }
  void ask(const std::string& path, std::string_view type) {
    EnvelopePtr request = message(type, "x");
    request->with_extra().to_path = path;
    runtime->outside().ask(
        std::move(request), clock.now_ms() + 100, [this](Result<OutsideReply> result) {
          answers.push_back(
              result ? std::string(result->type.name()) + " " + std::string(result->payload.view())
                     : std::string(status_name(result.error().code)) + " " + result.error().text);
        });
  }
  Lines answers;
};

TEST_F(OutsideTest, AnAnswerComesOnce) {
  ask("/e", "Echo");
  settle();
  advance(1'000);
  EXPECT_THAT(answers, ElementsAre("Echoed x"));
}

TEST_F(OutsideTest, NoAnswerIsATimeout) {
  ask("/a", "Silent");
  advance(99);
  EXPECT_THAT(answers, IsEmpty());
  advance(1);
  EXPECT_THAT(answers, ElementsAre("E_TIMEOUT no answer before the deadline"));
}

TEST_F(OutsideTest, ADeadLetterIsAnsweredAtOnceWithItsReason) {
  ask("/nobody", "Echo");
  EXPECT_THAT(answers, ElementsAre("FAIL_PERMANENT /nobody: no_such_actor: no actor has the path "
                                   "/nobody"));
  answers.clear();
  ask("/e", "Unknown");
  ask("/e", "Fail");
  settle();
  EXPECT_THAT(answers,
              ElementsAre("FAIL_PERMANENT /e: unhandled: the actor does not know this message",
                          "FAIL_PERMANENT /e: handler_failed: cannot"));
}

TEST_F(OutsideTest, AFailureBehindAnAskIsBlamedOnWhoDidNotTakeTheMessage) {
  factory.kinds["door"].receive = [](Act& act) {
    (void)act.turn.forward(ActorRef(), "/a/missing");
    return Outcome{};
  };
  declare("/door", "door");
  settle();
  ask("/door", "Echo");
  settle();
  EXPECT_THAT(answers,
              ElementsAre("FAIL_PERMANENT /a/missing: no_such_actor: no actor has the path "
                          "/a/missing"));
}

TEST_F(OutsideTest, AtTheEndEverybodyIsAnsweredAndNoTimerIsLeft) {
  ask("/a", "Silent");
  ask("/a", "Silent");
  settle();
  runtime->outside().cancel_all();
  EXPECT_THAT(answers, ElementsAre("E_CLOSED the host is shutting down",
                                   "E_CLOSED the host is shutting down"));
  EXPECT_EQ(runtime->timers().size(), 0u);
  advance(1'000);
  EXPECT_EQ(answers.size(), 2u);
}

TEST_F(OutsideTest, AReplyThatSendsPlainMessagesOutsideIsNothing) {
  factory.kinds["chatty"].receive = [](Act& act) {
    SendRequest request = to(act.message->reply_to, "NotAReply");
    (void)act.turn.send(request);
    (void)act.turn.reply(about("Reply"));
    return Outcome{};
  };
  declare("/c", "chatty");
  settle();
  ask("/c", "Q");
  settle();
  EXPECT_THAT(answers, ElementsAre("Reply "));
}

// ---- the sums ----

class Routing : public RuntimeFixture {
 protected:
  MessageSums sums() { return runtime->counters().sums(); }
  ActorOptions bounded(uint64_t capacity, Overflow overflow) {
    ActorOptions options = steady();
    options.mailbox = {capacity, 1 << 20, overflow};
    return options;
  }
};

TEST_F(Routing, Law4TheSumsCloseWhateverHappens) {
  declare("/a");
  declare("/b");
  settle();
  const MessageSums before = sums();
  fail("/a");
  send("/a", "unknown");
  send("/nobody", "any");
  in("/b", [](Act&) {});
  advance(1'000);
  EXPECT_EQ(sums().in_flight(), 0u);
  EXPECT_EQ(sums().accepted - before.accepted, 4u);
  EXPECT_EQ((sums().handled - before.handled) + (sums().dead - before.dead), 4u);
  EXPECT_EQ(dead(DeadReason::kHandlerFailed), 1u);
  EXPECT_EQ(dead(DeadReason::kNoSuchActor), 1u);
}

TEST_F(Routing, Trap4AFullMailboxMakesDeadLettersAndNothingElse) {
  declare("/small", "puppet", bounded(2, Overflow::kReject));
  settle();
  for (int i = 0; i < 5; ++i) post("/small", [](Act&) {});
  EXPECT_EQ(dead(DeadReason::kMailboxFull), 3u);
  settle();
  EXPECT_EQ(view("/small").handled, 2u);
}

TEST_F(Routing, DropOldestMakesDeadLettersOfTheOldest) {
  declare("/small", "puppet", bounded(2, Overflow::kDropOldest));
  settle();
  std::string order;
  for (const char* name : {"a", "b", "c"}) post("/small", [&order, name](Act&) { order += name; });
  EXPECT_EQ(dead(DeadReason::kDroppedOldest), 1u);
  settle();
  EXPECT_EQ(order, "bc");
}

TEST_F(Routing, AMessageSentInTheTurnThatSpawnsReachesTheChild) {
  declare("/p");
  settle();
  in("/p", [](Act& act) {
    ActorRef child;
    EXPECT_EQ(act.turn.spawn("c", "ledger", "{}", "", &child), ACTORD_OK);
    EXPECT_EQ(act.turn.send(to(child, "add", "x")), ACTORD_OK);
  });
  EXPECT_EQ(state("/p/c"), "x");
}

}  // namespace
}  // namespace actord::host
