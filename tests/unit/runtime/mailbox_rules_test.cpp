// What the rules of a mailbox mean for an actor: batches that are interrupted, sums that come out even,
// alarms.
#include "base/limits.hpp"
#include "support/runtime_fixture.hpp"

namespace actord::host {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class MailboxRules : public RuntimeFixture {
 protected:
  static ActorOptions with(MailboxOptions mailbox) {
    ActorOptions options = steady();
    options.mailbox = std::move(mailbox);
    return options;
  }
  static ActorOptions with_types(std::vector<TypeRule> types) {
    MailboxOptions mailbox;
    mailbox.types = std::move(types);
    return with(std::move(mailbox));
  }
  EnvelopePtr keyed(ActorRef to, std::string_view type, std::string_view payload,
                    std::string_view key) {
    EnvelopePtr envelope = message(type, payload);
    envelope->to = to;
    envelope->with_extra().key = key;
    return envelope;
  }
};

TEST_F(MailboxRules, AStopDoesNotWaitForTheRestOfABatch) {
  declare("/a");
  settle();
  factory.forget();
  post("/a", [this](Act&) { ASSERT_TRUE(tree().stop("/a")); });
  for (int i = 0; i < 10; ++i) send("/a", "more");
  settle();
  EXPECT_THAT(seen("/a"), ElementsAre("stop 0"));
  EXPECT_EQ(dead(DeadReason::kStopped), 10u);
}

TEST_F(MailboxRules, AnUrgentMessageDoesNotWaitForTheRestOfABatch) {
  declare("/a");
  settle();
  factory.forget();
  post("/a", [this](Act&) {
    EnvelopePtr urgent = message("urgent");
    urgent->to = ref("/a");
    urgent->lane = Lane::kUrgent;
    runtime->router().route(std::move(urgent));
  });
  send("/a", "1");
  send("/a", "2");
  settle();
  EXPECT_THAT(seen("/a"), ElementsAre("urgent", "1", "2"));
}

TEST_F(MailboxRules, AnUrgentMessageThatIsTriedAgainStaysAhead) {
  ActorOptions options = steady();
  options.supervision.max_attempts = 2;
  int times = 0;
  factory.kinds["shaky"].receive = [&](Act& act) {
    return act.message->type.name() == "urgent" && times++ == 0 ? failed() : Outcome{};
  };
  declare("/a", "shaky", options);
  settle();
  factory.forget();
  send("/a", "1");
  EnvelopePtr urgent = message("urgent");
  urgent->to = ref("/a");
  urgent->lane = Lane::kUrgent;
  runtime->router().route(std::move(urgent));
  settle();
  advance(100);
  EXPECT_THAT(seen("/a"), ElementsAre("urgent", "start", "urgent", "1"));
}

TEST_F(MailboxRules, PrioritiesHoldInTheMiddleOfABatch) {
  declare("/a", "puppet", with_types({{"high", 5}}));
  settle();
  factory.forget();
  post("/a", [this](Act&) { send("/a", "high"); });
  send("/a", "1");
  send("/a", "2");
  settle();
  EXPECT_THAT(seen("/a"), ElementsAre("high", "1", "2"));
}

TEST_F(MailboxRules, Law4ASupersededMessageIsAnEndOfItsOwn) {
  declare("/a", "puppet", with_types({{"price", 0, 0, true}}));
  settle();
  factory.forget();
  for (int i = 0; i < 5; ++i)
    runtime->router().route(keyed(ref("/a"), "price", std::to_string(i), "eur"));
  EXPECT_EQ(runtime->counters().sums().superseded, 4u);
  settle();
  EXPECT_THAT(seen("/a"), ElementsAre("price 4"));
  EXPECT_EQ(in_flight(), 0u);
  EXPECT_EQ(dead_total(), 0u);
  EXPECT_EQ(view("/a").mailbox.superseded, 4u);
}

TEST_F(MailboxRules, AReloadSortsThoseThatWait) {
  declare("/a");
  settle();
  ASSERT_TRUE(tree().park("/a"));
  settle();
  send("/a", "low");
  send("/a", "high");
  ASSERT_TRUE(tree().set_options("/a", with_types({{"high", 5}})));
  factory.forget();
  ASSERT_TRUE(tree().resume("/a"));
  settle();
  EXPECT_THAT(seen("/a"), ElementsAre("start", "high", "low"));
}

TEST_F(MailboxRules, TheDeadLetterNamesTheBound) {
  declare("/a", "puppet", with({3, 1 << 20, Overflow::kReject, 0, {{"tick", 0, 1}}}));
  settle();
  ASSERT_TRUE(tree().park("/a"));
  settle();
  send("/a", "tick");
  send("/a", "tick");
  for (int i = 0; i < 3; ++i) send("/a", "x");
  const auto found = letters();
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_EQ(found[0].error, "the mailbox is full: 3 messages (mailbox.capacity)");
  EXPECT_EQ(found[1].error, "1 of type tick wait already (mailbox.types)");
  EXPECT_EQ(found[1].reason, DeadReason::kMailboxFull);
}

TEST_F(MailboxRules, AFullMailboxIsSaidBeforeItIsFullAndWhenItHasRoomAgain) {
  declare("/watcher");
  declare("/a", "puppet", with({100, 1 << 20, Overflow::kReject, 0.5}));
  settle();
  in("/watcher", [](Act& act) { (void)act.turn.subscribe("actord.mailbox"); });
  factory.forget();
  ASSERT_TRUE(tree().park("/a"));
  settle();
  for (int i = 0; i < 60; ++i) send("/a", "x");
  settle();
  ASSERT_THAT(seen("/watcher"), SizeIs(1));
  EXPECT_THAT(seen("/watcher")[0],
              HasSubstr(R"("capacity":100,"messages":50,"path":"/a","state":"high")"));
  ASSERT_THAT(runtime->mailbox_alarms().now(), SizeIs(1));
  EXPECT_EQ(runtime->mailbox_alarms().now()[0].messages, 60u);
  EXPECT_TRUE(view("/a").mailbox.high);
  ASSERT_TRUE(tree().resume("/a"));
  settle();
  ASSERT_THAT(seen("/watcher"), SizeIs(2));
  EXPECT_THAT(seen("/watcher")[1], HasSubstr(R"("state":"normal")"));
  EXPECT_THAT(runtime->mailbox_alarms().now(), IsEmpty());
}

TEST_F(MailboxRules, AnActorThatEndsIsNoAlarmAnyLonger) {
  declare("/a", "puppet", with({20, 1 << 20, Overflow::kReject, 0.9}));
  settle();
  ASSERT_TRUE(tree().park("/a"));
  settle();
  for (int i = 0; i < 20; ++i) send("/a", "x");
  EXPECT_THAT(runtime->mailbox_alarms().now(), SizeIs(1));
  ASSERT_TRUE(tree().stop("/a"));
  settle();
  EXPECT_THAT(runtime->mailbox_alarms().now(), IsEmpty());
}

// The alarm's own subscriber may be the one whose mailbox fills up.
TEST_F(MailboxRules, AnAlarmAboutItsOwnSubscriberEnds) {
  declare("/a", "puppet", with({20, 1 << 20, Overflow::kReject, 0.9}));
  settle();
  in("/a", [](Act& act) { (void)act.turn.subscribe("actord.mailbox"); });
  for (int i = 0; i < 20; ++i) send("/a", "x");
  settle();
  EXPECT_EQ(in_flight(), 0u);
}

}  // namespace
}  // namespace actord::host
