#include "core/envelope.hpp"

#include <gtest/gtest.h>

#include "actord/abi.h"
#include "core/failure.hpp"

namespace actord::host {
namespace {

Envelope message() {
  Envelope envelope;
  envelope.to = {1, 1};
  envelope.from = {2, 2};
  envelope.reply_to = {3, 3};
  envelope.id = 9;
  envelope.token = 42;
  envelope.correlation = {5, 5};
  envelope.type = Symbol::of("order.Create");
  return envelope;
}

TEST(UndeliverableNotice, NobodyIsToldUnlessItWasAskedFor) {
  EXPECT_EQ(undeliverable_notice(message(), ACTORD_DEAD_STOPPED, "x"), nullptr);
}

TEST(UndeliverableNotice, ASenderThatAskedIsToldWithItsToken) {
  Envelope lost = message();
  lost.notify = true;
  const auto notice = undeliverable_notice(lost, ACTORD_DEAD_STOPPED, "the actor has stopped");
  ASSERT_NE(notice, nullptr);
  EXPECT_EQ(notice->kind, MessageKind::kUndelivered);
  EXPECT_EQ(notice->to, lost.from);
  EXPECT_EQ(notice->from, lost.to);
  EXPECT_EQ(notice->token, 42u);
  EXPECT_EQ(notice->reason, ACTORD_DEAD_STOPPED);
  EXPECT_EQ(notice->causation, 9u);
  EXPECT_EQ(notice->correlation, lost.correlation);
  EXPECT_EQ(notice->type, lost.type);
  EXPECT_EQ(notice->extra->text, "the actor has stopped");
}

TEST(UndeliverableNotice, AnAskerIsToldWhoeverForwardedTheRequest) {
  Envelope request = message();
  request.ask = 7;
  const auto notice = undeliverable_notice(request, ACTORD_DEAD_EXPIRED, "");
  ASSERT_NE(notice, nullptr);
  EXPECT_EQ(notice->kind, MessageKind::kAskFailed);
  EXPECT_EQ(notice->to, request.reply_to);
  EXPECT_EQ(notice->ask, 7u);
  EXPECT_EQ(notice->token, 7u);
  EXPECT_EQ(notice->extra, nullptr);
}

TEST(UndeliverableNotice, ALostReplyOrNoticeTellsNobody) {
  Envelope reply = message();
  reply.kind = MessageKind::kReply;
  reply.ask = 7;
  EXPECT_EQ(undeliverable_notice(reply, ACTORD_DEAD_STOPPED, ""), nullptr);
  Envelope outside = message();
  outside.from = {};
  outside.notify = true;
  EXPECT_EQ(undeliverable_notice(outside, ACTORD_DEAD_STOPPED, ""), nullptr)
      << "there is nobody to tell";
}

TEST(Envelope, ItsWeightCountsThePayload) {
  Envelope envelope;
  const uint64_t bare = envelope.weight();
  envelope.payload = Bytes("12345");
  EXPECT_EQ(envelope.weight(), bare + 5);
}

TEST(Failure, EveryStatusHasItsClassAndUnknownOnesArePermanent) {
  EXPECT_EQ(failure_class_of(ACTORD_FAIL_TRANSIENT), FailureClass::kTransient);
  EXPECT_EQ(failure_class_of(ACTORD_FAIL_PERMANENT), FailureClass::kPermanent);
  EXPECT_EQ(failure_class_of(ACTORD_FAIL_POISON), FailureClass::kPoison);
  EXPECT_EQ(failure_class_of(ACTORD_FAIL_CONFIG), FailureClass::kConfig);
  EXPECT_EQ(failure_class_of(ACTORD_FAIL_TIMEOUT), FailureClass::kTimeout);
  EXPECT_EQ(failure_class_of(ACTORD_FAIL_STATE), FailureClass::kHydration);
  EXPECT_EQ(failure_class_of(ACTORD_FAIL_INTERNAL), FailureClass::kPermanent);
  EXPECT_EQ(failure_class_of(-12345), FailureClass::kPermanent);
  EXPECT_EQ(failure_class_name(FailureClass::kHydration), "hydration");
}

}  // namespace
}  // namespace actord::host
