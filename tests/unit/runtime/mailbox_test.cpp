// The lanes, the bounds, and the one rule that keeps a cell on one thread. No runtime around it.
#include "runtime/mailbox.hpp"

#include <gtest/gtest.h>

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
    EnvelopeQueue dropped;
    const PushResult result = mailbox.push(kLife, envelope, dropped);
    while (const auto one = dropped.pop_front()) evicted.emplace_back(one->payload.view());
    EXPECT_EQ(envelope == nullptr,
              result == PushResult::kQueued || result == PushResult::kQueuedWake);
    return result;
  }
  std::vector<std::string> take(uint32_t max = 64) {
    std::vector<std::string> bodies;
    Mailbox::Work work;
    mailbox.take(max, work, out);
    tasks = work.tasks.size();
    woken = work.woken;
    while (const auto one = out.pop_front()) {
      if (one->counts) done.of(*one).add(*one);
      bodies.emplace_back(one->payload.view());
    }
    return bodies;
  }
  bool finish(bool more = false) { return mailbox.finish_run(std::exchange(done, {}), more); }

  Mailbox mailbox;
  EnvelopeQueue out;
  std::vector<std::string> evicted;
  size_t tasks = 0;
  bool woken = false;
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
  EXPECT_EQ(take(1).size(), 1u);
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
  EXPECT_EQ(mailbox.push_or_full(kLife, second), PushResult::kFull);
  EXPECT_NE(second, nullptr);
  EXPECT_EQ(take(), Bodies{"1"});
}

TEST_F(MailboxTest, PushesNameTheirIncarnation) {
  EnvelopePtr envelope = user("1");
  EnvelopeQueue dropped;
  EXPECT_EQ(mailbox.push(kLife - 1, envelope, dropped), PushResult::kStale);
  EXPECT_EQ(mailbox.push_or_full(kLife + 1, envelope), PushResult::kStale);
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
  EnvelopeQueue dropped;
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
  EXPECT_EQ(mailbox.depth().high_water, 2u);
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

}  // namespace
}  // namespace actord::host
