// The lanes, the bounds, and the one rule that keeps a cell on one thread. No runtime around it.
#include "runtime/mailbox.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "base/limits.hpp"

namespace actord::host {
namespace {

constexpr uint64_t kLife = 5;  // the incarnation that lives here

EnvelopePtr user(std::string_view body, Lane lane = Lane::kUser) {
  auto envelope = std::make_unique<Envelope>();
  envelope->lane = lane;
  envelope->payload = Bytes(body);
  return envelope;
}
EnvelopePtr notice(MessageKind kind = MessageKind::kTerminated) {
  auto envelope = std::make_unique<Envelope>();
  envelope->kind = kind;
  envelope->payload = Bytes("notice");
  return envelope;
}
SystemTask task(SystemTask::Kind kind = SystemTask::Kind::kOptions) { return {kind, 0, 0, {}, {}}; }

class MailboxTest : public ::testing::Test {
 protected:
  MailboxTest() { open({}); }

  void open(MailboxOptions options) {
    auto start = std::make_shared<ActorStart>();
    start->options.mailbox = options;
    EnvelopeQueue rest;
    mailbox.close(rest);
    mailbox.open(kLife, start);
    mailbox.set_accepting(true);
  }
  PushResult push(EnvelopePtr envelope) {
    evicted.clear();
    Displaced displaced;
    const PushResult result = mailbox.push(kLife, envelope, displaced);
    while (const auto one = displaced.dropped.pop_front())
      evicted.emplace_back(one->payload.view());
    superseded = displaced.superseded == nullptr ? "" : displaced.superseded->payload.view();
    full = displaced.full;
    rose = displaced.rose;
    EXPECT_EQ(envelope == nullptr,
              result == PushResult::kQueued || result == PushResult::kQueuedWake);
    return result;
  }
  std::vector<std::string> take(uint32_t max = 64) {
    std::vector<std::string> bodies;
    Mailbox::Work work;
    EnvelopeQueue urgent;
    mailbox.take(max, work, urgent, out);
    out.prepend(urgent);
    tasks = work.tasks.size();
    woken = work.woken;
    while (const auto one = out.pop_front()) {
      if (one->counts) done.of(*one).add(*one);
      bodies.emplace_back(one->payload.view());
    }
    return bodies;
  }
  bool finish(bool more = false) {
    const RunEnd end = mailbox.finish_run(std::exchange(done, {}), more);
    calm = end.calm;
    return end.more;
  }

  Mailbox mailbox;
  EnvelopeQueue out;
  std::vector<std::string> evicted;
  std::string superseded, full;
  size_t tasks = 0;
  bool woken = false, rose = false, calm = false;
  LaneLoad done;
};

using Bodies = std::vector<std::string>;

TEST_F(MailboxTest, UrgentGoesAheadAndEachLaneKeepsItsOrder) {
  push(user("1"));
  push(user("2"));
  push(user("u1", Lane::kUrgent));
  push(user("u2", Lane::kUrgent));
  EXPECT_EQ(take(), (Bodies{"u1", "u2", "1", "2"}));
}

TEST_F(MailboxTest, OnlyTheFirstPushWakesUntilTheRunHasFinished) {
  EXPECT_EQ(push(user("1")), PushResult::kQueuedWake);
  EXPECT_EQ(push(user("2")), PushResult::kQueued);
  EXPECT_EQ(mailbox.push_task(kLife, task()), PushResult::kQueued);
  take();
  EXPECT_EQ(push(user("3")), PushResult::kQueued);  // while it runs
  EXPECT_TRUE(finish()) << "the push during the run would be lost";
  take();
  EXPECT_FALSE(finish());
  EXPECT_EQ(push(user("4")), PushResult::kQueuedWake);
}

TEST_F(MailboxTest, WhatTheStrandStillHoldsKeepsItRunnable) {
  push(user("1"));
  take();
  EXPECT_TRUE(finish(true));
  EXPECT_FALSE(finish(false));
}

TEST_F(MailboxTest, MessagesWaitWhileNotAcceptingAndTasksDoNot) {
  mailbox.set_accepting(false);
  EXPECT_EQ(push(user("1")), PushResult::kQueued);
  EXPECT_EQ(mailbox.push_task(kLife, task()), PushResult::kQueuedWake);
  EXPECT_EQ(take(), Bodies{});
  EXPECT_EQ(tasks, 1u);
  EXPECT_FALSE(finish());
  EXPECT_EQ(mailbox.wake(kLife), PushResult::kQueuedWake);
  take();
  EXPECT_TRUE(woken);
  mailbox.set_accepting(true);
  EXPECT_TRUE(finish()) << "what waited must be looked at now";
  EXPECT_EQ(take(), Bodies{"1"});
}

TEST_F(MailboxTest, AWakeDuringARunIsNotLost) {
  push(user("1"));
  take();
  EXPECT_EQ(mailbox.wake(kLife), PushResult::kQueued);
  EXPECT_TRUE(finish());
}

TEST_F(MailboxTest, Trap6RejectRefusesTheNewestAlsoWhileNothingIsTaken) {
  open({2, 1 << 20, Overflow::kReject});
  mailbox.set_accepting(false);
  push(user("1"));
  push(user("2"));
  EXPECT_EQ(push(user("3")), PushResult::kFull);
  EXPECT_EQ(mailbox.depth().messages, 2u);
}

TEST_F(MailboxTest, AMessageCountsUntilItIsDone) {
  open({2, 1 << 20, Overflow::kReject});
  push(user("1"));
  push(user("2"));
  take();
  EXPECT_EQ(push(user("3")), PushResult::kFull) << "both are still being handled";
}

TEST_F(MailboxTest, AnIdleMailboxIsEmptySoTheNextMessageHasRoom) {
  open({1, 1 << 20, Overflow::kReject});
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(push(user("x")), PushResult::kQueuedWake) << i;
    take();
    EXPECT_FALSE(finish());
    EXPECT_EQ(mailbox.depth().bytes, 0u);
  }
}

TEST_F(MailboxTest, Trap5NoticesUrgentMessagesAndTasksAreNeverRefusedOrDropped) {
  open({1, 1, Overflow::kDropOldest});
  push(user("1"));
  for (int i = 0; i < 10; ++i) {
    EXPECT_NE(push(notice()), PushResult::kFull);
    EXPECT_NE(push(notice(MessageKind::kReply)), PushResult::kFull);
    EXPECT_NE(push(user("u", Lane::kUrgent)), PushResult::kFull);
    EXPECT_NE(mailbox.push_task(kLife, task()), PushResult::kFull);
  }
  EXPECT_EQ(evicted, Bodies{});
  EXPECT_EQ(push(user("2")), PushResult::kQueued);
  EXPECT_EQ(evicted, Bodies{"1"}) << "the oldest user message, past the notices";
  EXPECT_EQ(take(100).size(), 31u);
}

TEST_F(MailboxTest, Law5TheUrgentLaneHasABoundOfItsOwn) {
  open({1, 1, Overflow::kDropOldest});
  for (uint64_t i = 0; i < limits::kUrgentMessagesMax; ++i) {
    ASSERT_NE(push(user("u", Lane::kUrgent)), PushResult::kFull);
  }
  EXPECT_EQ(push(user("u", Lane::kUrgent)), PushResult::kFull);
  EXPECT_NE(push(user("1")), PushResult::kFull) << "it takes no room from the user lane";
  EXPECT_NE(push(notice()), PushResult::kFull);
  EXPECT_EQ(take(1).size(), limits::kBatchMessages + 1);
  finish(true);
  EXPECT_NE(push(user("u", Lane::kUrgent)), PushResult::kFull);
  open({1, 1 << 20, Overflow::kReject});
  EXPECT_NE(push(user(std::string(limits::kUrgentBytesMax, 'x'), Lane::kUrgent)),
            PushResult::kFull);
  EXPECT_EQ(push(user("u", Lane::kUrgent)), PushResult::kFull);
}

TEST_F(MailboxTest, DropOldestKeepsTheOrderOfTheRest) {
  open({2, 1 << 20, Overflow::kDropOldest});
  push(notice());
  push(user("1"));
  push(user("2"));
  push(user("3"));
  EXPECT_EQ(evicted, Bodies{"1"});
  EXPECT_EQ(take(), (Bodies{"notice", "2", "3"}));
}

TEST_F(MailboxTest, DropOldestMakesRoomForALargeMessageWithSeveralSmallOnes) {
  open({100, 10 * sizeof(Envelope), Overflow::kDropOldest});
  for (int i = 0; i < 8; ++i) push(user(std::to_string(i)));
  const std::string large(5 * sizeof(Envelope), 'x');
  push(user(large));
  EXPECT_EQ(evicted, (Bodies{"0", "1", "2", "3", "4"}));
  EXPECT_LE(mailbox.depth().bytes, 10 * sizeof(Envelope)) << "law 5: bounded by bytes too";
}

TEST_F(MailboxTest, DropOldestCannotDropWhatIsBeingHandled) {
  open({1, 1 << 20, Overflow::kDropOldest});
  push(user("1"));
  take();
  EXPECT_EQ(push(user("2")), PushResult::kFull);
}

TEST_F(MailboxTest, OneMessageLargerThanTheWholeBoundPassesAlone) {
  open({10, 100, Overflow::kReject});
  EXPECT_EQ(push(user(std::string(1'000, 'x'))), PushResult::kQueuedWake);
  EXPECT_EQ(push(user("y")), PushResult::kFull);
}

TEST_F(MailboxTest, ASourceThatCanWaitIsToldFullAndNothingIsDroppedForIt) {
  open({1, 1 << 20, Overflow::kDropOldest});
  push(user("1"));
  EnvelopePtr second = user("2");
  Displaced nothing;
  EXPECT_EQ(mailbox.push_or_full(kLife, second, nothing), PushResult::kFull);
  EXPECT_NE(second, nullptr);
  EXPECT_EQ(take(), Bodies{"1"});
}

TEST_F(MailboxTest, PushesNameTheirIncarnation) {
  EnvelopePtr envelope = user("1");
  Displaced dropped;
  EXPECT_EQ(mailbox.push(kLife - 1, envelope, dropped), PushResult::kStale);
  EXPECT_EQ(mailbox.push_or_full(kLife + 1, envelope, dropped), PushResult::kStale);
  EXPECT_EQ(mailbox.push_task(kLife - 1, task()), PushResult::kStale);
  EXPECT_EQ(mailbox.wake(kLife - 1), PushResult::kStale);
  EXPECT_NE(envelope, nullptr) << "a refused envelope is still the caller's";
  EXPECT_EQ(mailbox.start_of(kLife - 1), nullptr);
  EXPECT_NE(mailbox.start_of(kLife), nullptr);
}

TEST_F(MailboxTest, PushAfterCloseReportsClosedAndCloseHandsOutTheRest) {
  push(user("1"));
  push(user("u", Lane::kUrgent));
  EnvelopeQueue rest;
  mailbox.close(rest);
  EXPECT_EQ(rest.size(), 2u);
  EnvelopePtr envelope = user("2");
  Displaced dropped;
  EXPECT_EQ(mailbox.push(kLife, envelope, dropped), PushResult::kClosed);
  EXPECT_EQ(mailbox.push_task(kLife, task()), PushResult::kClosed);
  EXPECT_EQ(mailbox.wake(kLife), PushResult::kClosed);
  EXPECT_FALSE(finish(true)) << "a closed mailbox never runs again";
}

TEST_F(MailboxTest, TakeGivesAtMostWhatWasAskedFor) {
  for (int i = 0; i < 5; ++i) push(user(std::to_string(i)));
  EXPECT_EQ(take(2), (Bodies{"0", "1"}));
  EXPECT_TRUE(finish());
  EXPECT_EQ(take(64), (Bodies{"2", "3", "4"}));
}

TEST_F(MailboxTest, OtherOptionsHoldFromTheNextPushOn) {
  auto start = std::make_shared<ActorStart>();
  start->options.mailbox.capacity = 1;
  push(user("1"));
  push(user("2"));
  mailbox.set_options(start);
  EXPECT_EQ(push(user("3")), PushResult::kFull);
  EXPECT_EQ(mailbox.depth().highest, 2u);
}

TEST(EnvelopeQueue, PrependPutsAllAheadInOrder) {
  EnvelopeQueue a, b;
  for (const char* body : {"1", "2"}) a.push_back(user(body));
  for (const char* body : {"3", "4"}) b.push_back(user(body));
  b.prepend(a);
  b.push_front(user("0"));
  b.push_back(user("5"));
  EXPECT_TRUE(a.empty());
  std::string all;
  while (const auto one = b.pop_front()) all += one->payload.view();
  EXPECT_EQ(all, "012345");
  b.prepend(a);
  EXPECT_TRUE(b.empty());
  a.push_back(user("6"));
  b.prepend(a);
  EXPECT_EQ(b.size(), 1u);
}

// ---- rules for types ----------------------------------------------------------------------------

EnvelopePtr typed(std::string_view type, std::string_view body, std::string_view key = "") {
  EnvelopePtr envelope = user(body);
  envelope->type = Symbol::of(type);
  if (!key.empty()) envelope->with_extra().key = key;
  return envelope;
}

class TypeRulesTest : public MailboxTest {
 protected:
  void rules(std::vector<TypeRule> types, MailboxOptions options = {}) {
    options.types = std::move(types);
    open(options);
  }
  // One by one, as the strand does.
  Bodies all() {
    Bodies bodies;
    for (Bodies some = take(); !some.empty(); some = take())
      bodies.insert(bodies.end(), some.begin(), some.end());
    return bodies;
  }
};

TEST_F(TypeRulesTest, TheMoreImportantGoesFirstAndOfEqualOnesTheOldest) {
  rules({{"high", 5}, {"low", -5}, {"same", 0}});
  push(typed("low", "l1"));
  push(typed("other", "o1"));
  push(typed("same", "s1"));
  push(typed("high", "h1"));
  push(typed("other", "o2"));
  push(typed("high", "h2"));
  push(user("urgent", Lane::kUrgent));
  EXPECT_EQ(all(), (Bodies{"urgent", "h1", "h2", "o1", "s1", "o2", "l1"}));
}

TEST_F(TypeRulesTest, WhatComesMeanwhileIsStillInTime) {
  rules({{"high", 5}});
  for (int i = 0; i < 3; ++i) push(typed("other", std::to_string(i)));
  EXPECT_EQ(take(), Bodies{"0"});
  EXPECT_TRUE(mailbox.calls()) << "the next one is to be asked for";
  push(typed("high", "now"));
  EXPECT_EQ(all(), (Bodies{"now", "1", "2"}));
  EXPECT_FALSE(mailbox.calls());
}

TEST_F(TypeRulesTest, Trap3AStarvedPriorityIsServedWithinItsBound) {
  rules({{"high", 5}, {"low", -5}});
  push(typed("low", "low"));
  push(typed("other", "middle"));
  uint32_t passed = 0;
  std::map<std::string, uint32_t> served;
  for (; served.size() < 2 && passed < 1'000; ++passed) {
    push(typed("high", "high"));
    const Bodies next = take();
    finish();
    ASSERT_EQ(next.size(), 1u);
    if (next[0] != "high") served[next[0]] = passed;
  }
  EXPECT_EQ(served["middle"], limits::kPriorityPassesMax);
  EXPECT_EQ(served["low"], limits::kPriorityPassesMax + 1);
}

TEST_F(TypeRulesTest, ATypeHasABoundOfItsOwn) {
  rules({{"tick", 0, 2}});
  push(typed("tick", "1"));
  push(typed("tick", "2"));
  EXPECT_EQ(push(typed("tick", "3")), PushResult::kFull);
  EXPECT_EQ(full, "2 of type tick wait already (mailbox.types)");
  EXPECT_NE(push(typed("other", "o")), PushResult::kFull);
  EXPECT_EQ(all(), (Bodies{"1", "2", "o"}));
  finish();
  EXPECT_NE(push(typed("tick", "4")), PushResult::kFull);
}

TEST_F(TypeRulesTest, DropOldestGoesByTypeThenByPriority) {
  rules({{"low", -1}, {"tick", 1, 2}}, {4, 1 << 20, Overflow::kDropOldest});
  push(typed("other", "o1"));
  push(typed("tick", "1"));
  push(typed("tick", "2"));
  push(typed("tick", "3"));
  EXPECT_EQ(evicted, Bodies{"1"}) << "of its own type";
  push(typed("low", "l1"));
  push(typed("other", "o2"));
  EXPECT_EQ(evicted, Bodies{"l1"}) << "the least important";
  push(typed("other", "o3"));
  EXPECT_EQ(evicted, Bodies{"o1"});
  EXPECT_EQ(all(), (Bodies{"2", "3", "o2", "o3"}));
}

TEST_F(TypeRulesTest, OfAKeyOnlyTheNewestWaitsInThePlaceOfTheOlder) {
  rules({{"price", 0, 0, true}});
  push(typed("price", "eur 1", "eur"));
  push(typed("price", "usd 1", "usd"));
  push(typed("other", "o"));
  push(typed("price", "eur 2", "eur"));
  EXPECT_EQ(superseded, "eur 1");
  push(typed("price", "eur 3", "eur"));
  EXPECT_EQ(superseded, "eur 2");
  push(typed("price", "no key"));
  push(typed("price", "no key 2"));
  EXPECT_EQ(superseded, "no key");
  EXPECT_EQ(mailbox.depth().superseded, 3u);
  EXPECT_EQ(all(), (Bodies{"eur 3", "usd 1", "o", "no key 2"}));
  finish();
  EXPECT_EQ(mailbox.depth().bytes, 0u);
  push(typed("price", "eur 4", "eur"));
  EXPECT_EQ(superseded, "") << "the one before is being handled, or was";
}

TEST_F(TypeRulesTest, ConflationTakesNoRoomAndKeepsToTheBytes) {
  rules({{"price", 0, 0, true}}, {2, 4 * sizeof(Envelope), Overflow::kReject});
  push(typed("price", "1", "eur"));
  push(typed("price", "1", "usd"));
  EXPECT_NE(push(typed("price", "2", "eur")), PushResult::kFull);
  EXPECT_EQ(push(typed("price", std::string(3 * sizeof(Envelope), 'x'), "eur")), PushResult::kFull);
  EXPECT_EQ(push(typed("price", "1", "gbp")), PushResult::kFull);
}

TEST_F(TypeRulesTest, WhoseEndIsAwaitedIsNotConflated) {
  rules({{"price", 0, 0, true}});
  for (int i = 0; i < 2; ++i) {
    EnvelopePtr ask = typed("price", "ask", "eur");
    ask->ask = 7;
    push(std::move(ask));
    EnvelopePtr told = typed("price", "notify", "eur");
    told->notify = true;
    push(std::move(told));
  }
  push(typed("price", "plain", "eur"));
  push(typed("price", "plain 2", "eur"));
  EXPECT_EQ(all(), (Bodies{"ask", "notify", "ask", "notify", "plain 2"}));
}

TEST_F(TypeRulesTest, OtherRulesHoldForThoseThatWait) {
  rules({{"high", 5}});
  push(typed("other", "o"));
  push(typed("high", "h"));
  push(typed("late", "l"));
  const auto with = [&](std::vector<TypeRule> types) {
    auto start = std::make_shared<ActorStart>();
    start->options.mailbox.types = std::move(types);
    mailbox.set_options(start);
  };
  with({{"late", 7}});
  EXPECT_EQ(take(), Bodies{"l"});
  with({});
  EXPECT_EQ(take(), (Bodies{"h", "o"})) << "as they would have come";
  EXPECT_FALSE(mailbox.calls());
}

TEST_F(TypeRulesTest, NoticesHaveNoRule) {
  rules({{"actord.x", 10, 1}});
  for (int i = 0; i < 3; ++i) {
    EnvelopePtr one = notice();
    one->type = Symbol::of("actord.x");
    EXPECT_NE(push(std::move(one)), PushResult::kFull);
  }
  EXPECT_EQ(all().size(), 3u);
}

// ---- high water ---------------------------------------------------------------------------------

TEST_F(MailboxTest, HighWaterIsSaidOnceAndCalmBelowHalfOfIt) {
  open({100, 1 << 20, Overflow::kReject, 0.5});
  for (int i = 0; i < 49; ++i) {
    push(user("x"));
    EXPECT_FALSE(rose);
  }
  push(user("x"));
  EXPECT_TRUE(rose);
  push(user("x"));
  EXPECT_FALSE(rose);
  EXPECT_TRUE(mailbox.depth().high);
  take(26);
  finish(true);
  EXPECT_FALSE(calm) << "25 are half of it, and not below";
  take(1);
  finish(true);
  EXPECT_TRUE(calm);
  take(1);
  finish(true);
  EXPECT_FALSE(calm);
}

TEST_F(MailboxTest, HighWaterIsReachedByBytesAndNotByAFewMessages) {
  open({4, 1'000'000, Overflow::kReject});
  for (int i = 0; i < 4; ++i) {
    push(user("x"));
    EXPECT_FALSE(rose) << "a small mailbox is full now and then";
  }
  open({4, 1'000'000, Overflow::kReject});
  push(user(std::string(760'000, 'x')));
  EXPECT_TRUE(rose);
  open({100, 1'000'000, Overflow::kReject, 0});
  for (int i = 0; i < 100; ++i) push(user("x"));
  EXPECT_FALSE(rose) << "switched off";
}

TEST_F(MailboxTest, TasksAndUrgentMessagesCallBetweenTwoTurns) {
  push(user("1"));
  EXPECT_FALSE(mailbox.calls());
  push(user("u", Lane::kUrgent));
  EXPECT_TRUE(mailbox.calls());
  take();
  EXPECT_FALSE(mailbox.calls());
  EXPECT_NE(mailbox.push_task(kLife, task()), PushResult::kFull);
  EXPECT_TRUE(mailbox.calls());
}

}  // namespace
}  // namespace actord::host
