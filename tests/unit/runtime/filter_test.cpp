// where, throttle and debounce of a subscription: what reaches the actor and when, and that everything
// they keep back is in the sums.
#include "runtime/filter.hpp"

#include "base/limits.hpp"
#include "support/runtime_fixture.hpp"

namespace actord::host {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class FilterTest : public RuntimeFixture {
 protected:
  FilterTest() {
    declare("/a");
    declare("/b");
    settle();
    factory.forget();
  }
  void TearDown() override {
    for (const SubscriptionView& view : runtime->broker().list()) {
      const auto filter =
          runtime->broker().unsubscribe(*TopicPattern::parse(view.pattern), view.subscriber);
      if (filter != nullptr) runtime->filters().release(*filter);
    }
    RuntimeFixture::TearDown();
  }
  std::shared_ptr<Filter> subscribe(const std::string& pattern, const std::string& path,
                                    const SubscriptionOptions& options = {}) {
    const Subscriber subscriber{{}, path};
    auto filter = options.plain() ? nullptr : runtime->filters().make(subscriber, options);
    EXPECT_TRUE(runtime->broker().subscribe(*TopicPattern::parse(pattern), subscriber, filter));
    return filter;
  }
  static SubscriptionOptions where(std::string condition) {
    SubscriptionOptions options;
    options.where = std::move(condition);
    return options;
  }
  static SubscriptionOptions throttle(uint32_t messages, uint64_t within_ms,
                                      GroupBy by = GroupBy::kAll) {
    SubscriptionOptions options;
    options.throttle = {messages, within_ms, by};
    return options;
  }
  static SubscriptionOptions debounce(uint64_t quiet_ms, uint64_t longest_ms,
                                      GroupBy by = GroupBy::kTopic) {
    SubscriptionOptions options;
    options.debounce = {quiet_ms, longest_ms, by};
    return options;
  }
  size_t say(const std::string& text, const std::string& topic = "t") {
    const size_t heard = publish(topic, "M", text);
    settle();
    return heard;
  }
  uint64_t count(FilterCount which) { return runtime->filters().tally().of(which); }
  MessageSums sums() { return runtime->counters().sums(); }
};

// ---- where ----

TEST_F(FilterTest, OnlyWhatTheConditionHoldsForReachesTheActor) {
  const auto filter = subscribe("t", "/a", where("$.n > 1"));
  EXPECT_EQ(say(R"({"n":1})"), 0u);
  EXPECT_EQ(say(R"({"n":2})"), 1u);
  EXPECT_EQ(say("none"), 0u);
  EXPECT_THAT(seen("/a"), ElementsAre(R"(M {"n":2})"));
  EXPECT_EQ(filter->tally().of(FilterCount::kLet), 1u);
  EXPECT_EQ(filter->tally().of(FilterCount::kFiltered), 2u);
  EXPECT_EQ(filter->tally().of(FilterCount::kUnreadable), 1u);
  EXPECT_EQ(dead_total(), 0u) << "somebody listens, and does not want it";
}

TEST_F(FilterTest, Law4WhatIsKeptBackIsInTheSumsByItsName) {
  subscribe("t", "/a", where("$.n > 1"));
  subscribe("t", "/b", throttle(1, 100));
  const MessageSums before = sums();
  say(R"({"n":2})");
  say(R"({"n":1})");
  EXPECT_EQ(sums().accepted - before.accepted, 4u);
  EXPECT_EQ(sums().handled - before.handled, 2u);
  EXPECT_EQ(sums().voided - before.voided, 2u);
  EXPECT_EQ(count(FilterCount::kFiltered), 1u);
  EXPECT_EQ(count(FilterCount::kThrottled), 1u);
}

TEST_F(FilterTest, Trap8OneCopyThoughSeveralSubscriptionsWantIt) {
  subscribe("t.*", "/a", where("$.n == 1"));
  subscribe("t.x", "/a", where("$.n == 2"));
  subscribe("*", "/a", where("$.n < 3"));
  for (const char* text : {R"({"n":1})", R"({"n":2})", R"({"n":3})"}) say(text, "t.x");
  EXPECT_THAT(seen("/a"), ElementsAre(R"(M {"n":1})", R"(M {"n":2})"));
}

TEST_F(FilterTest, Trap8AnActorsOwnSubscriptionHasWhatAFilterKeepsBack) {
  in("/a", [](Act& act) { (void)act.turn.subscribe("t"); });
  subscribe("t", "/a", where("$.n == 1"));
  EXPECT_EQ(say(R"({"n":1})"), 1u);
  EXPECT_EQ(say(R"({"n":2})"), 1u);
  EXPECT_EQ(seen("/a").size(), 2u);
}

TEST_F(FilterTest, Trap8OneWhoIsAbsentIsOneRecipientToo) {
  subscribe("t.*", "/later", where("type == 'M'"));
  subscribe("t.x", "/later", where("type != 'N'"));
  EXPECT_EQ(say("1", "t.x"), 1u);
  EXPECT_EQ(dead(DeadReason::kNoSuchActor), 1u);
}

// ---- throttle ----

TEST_F(FilterTest, AThrottleLetsSoManyThroughInEachWindow) {
  subscribe("t", "/a", throttle(2, 100));
  for (const char* text : {"1", "2", "3"}) say(text);
  advance(99);
  say("4");
  advance(1);
  for (const char* text : {"5", "6", "7"}) say(text);
  EXPECT_THAT(seen("/a"), ElementsAre("M 1", "M 2", "M 5", "M 6"));
  EXPECT_EQ(count(FilterCount::kThrottled), 3u);
}

TEST_F(FilterTest, AWindowBeginsWithTheFirstCopyAfterTheLastOne) {
  subscribe("t", "/a", throttle(1, 100));
  say("1");
  advance(150);
  say("2");
  advance(60);
  say("3");
  advance(40);
  say("4");
  EXPECT_THAT(seen("/a"), ElementsAre("M 1", "M 2", "M 4"));
}

TEST_F(FilterTest, AThrottleCountsOnlyWhatTheConditionWants) {
  SubscriptionOptions options = throttle(1, 100);
  options.where = "$ > 5";
  subscribe("t", "/a", options);
  for (const char* text : {"1", "2", "6", "7"}) say(text);
  EXPECT_THAT(seen("/a"), ElementsAre("M 6"));
  EXPECT_EQ(count(FilterCount::kThrottled), 1u);
}

TEST_F(FilterTest, TopicsOrKeysAreThrottledApartWhereAsked) {
  subscribe("t.?", "/a", throttle(1, 100, GroupBy::kTopic));
  subscribe("t.?", "/b", throttle(1, 100, GroupBy::kKey));
  for (const char* topic : {"t.x", "t.x", "t.y"}) {
    EnvelopePtr envelope = message("M", topic);
    envelope->with_extra().topic = topic;
    envelope->with_extra().key = "k";
    runtime->router().publish(std::move(envelope));
  }
  settle();
  EXPECT_THAT(seen("/a"), ElementsAre("M t.x", "M t.y"));
  EXPECT_THAT(seen("/b"), ElementsAre("M t.x"));
}

TEST_F(FilterTest, Law15PastTheLimitGroupsShareOneWindow) {
  subscribe("t.*", "/a", throttle(1, 1'000, GroupBy::kTopic));
  ASSERT_TRUE(tree().park("/a"));
  settle();
  for (uint64_t i = 0; i < limits::kFilterGroups; ++i)
    ASSERT_EQ(publish("t." + std::to_string(i), "M"), 1u);
  EXPECT_EQ(publish("t.one.more", "M"), 1u);
  EXPECT_EQ(publish("t.two.more", "M"), 0u);
  ASSERT_TRUE(tree().resume("/a"));
  advance(1'000);
  EXPECT_EQ(publish("t.two.more", "M"), 1u) << "those that are over make room";
  EXPECT_EQ(publish("t.three.more", "M"), 1u);
  settle();
}

// ---- debounce ----

TEST_F(FilterTest, OfABurstTheNewestComesWhenItIsQuiet) {
  const auto filter = subscribe("t", "/a", debounce(100, 1'000));
  EXPECT_EQ(say("1"), 1u);
  advance(99);
  say("2");
  advance(99);
  EXPECT_THAT(seen("/a"), IsEmpty());
  EXPECT_EQ(filter->held(), 1u);
  EXPECT_EQ(in_flight(), 1u);
  advance(1);
  EXPECT_THAT(seen("/a"), ElementsAre("M 2"));
  EXPECT_EQ(count(FilterCount::kDebounced), 1u);
  EXPECT_EQ(filter->held(), 0u);
  EXPECT_EQ(in_flight(), 0u);
}

TEST_F(FilterTest, ABurstThatDoesNotEndIsHeardOfAllTheSame) {
  subscribe("t", "/a", debounce(100, 250));
  for (int i = 0; i < 10; ++i) {
    say(std::to_string(i));
    advance(50);
  }
  EXPECT_THAT(seen("/a"), ElementsAre("M 4", "M 9")) << "the newest at 250 ms and at 500 ms";
  advance(1'000);
  EXPECT_EQ(seen("/a").size(), 2u);
}

TEST_F(FilterTest, TopicsAreDebouncedApartUnlessAskedOtherwise) {
  subscribe("t.?", "/a", debounce(100, 1'000));
  subscribe("t.?", "/b", debounce(100, 1'000, GroupBy::kAll));
  for (const char* topic : {"t.x", "t.y", "t.x"}) say(topic, topic);
  advance(100);
  EXPECT_THAT(seen("/a"), ElementsAre("M t.x", "M t.y"));
  EXPECT_THAT(seen("/b"), ElementsAre("M t.x"));
}

TEST_F(FilterTest, WhatIsHeldGoesToWhoeverLivesThereThen) {
  subscribe("t", "/a", debounce(100, 1'000));
  say("1");
  ASSERT_TRUE(tree().stop("/a"));
  settle();
  advance(100);
  EXPECT_EQ(dead(DeadReason::kNoSuchActor), 1u);
  EXPECT_EQ(letters().front().to, "/a");
  say("2");
  ASSERT_TRUE(tree().start("/a"));
  advance(100);
  EXPECT_EQ(seen("/a").back(), "M 2");
}

TEST_F(FilterTest, Law15PastTheLimitNothingMoreIsHeld) {
  subscribe("*", "/a", debounce(100, 1'000));
  for (uint64_t i = 0; i < limits::kFilterGroups; ++i) publish("t" + std::to_string(i), "M");
  EXPECT_EQ(runtime->filters().held(), limits::kFilterGroups);
  say("now", "one.more");
  EXPECT_THAT(seen("/a"), ElementsAre("M now"));
}

TEST_F(FilterTest, TheEndOfTheHostWaitsForNoPause) {
  subscribe("t", "/a", debounce(60'000, 600'000));
  say("1");
  runtime->announce_shutdown();
  settle();
  EXPECT_THAT(seen("/a"), ElementsAre("shutdown_soon", "M 1"));
  say("2");
  EXPECT_EQ(seen("/a").back(), "M 2");
  EXPECT_TRUE(runtime->quiet());
}

// A dead letter that is made while something held is delivered may come to the same filter.
TEST_F(FilterTest, ADeadLetterMayMeetTheFilterThatMadeIt) {
  subscribe("*", "/gone", debounce(100, 1'000));
  say("1");
  advance(100);
  EXPECT_EQ(dead(DeadReason::kNoSuchActor), 1u);
  advance(100);  // the dead letter's own notice, which ends as one and breeds no more
  advance(1'000);
  EXPECT_EQ(dead(DeadReason::kNoSuchActor), 2u);
  EXPECT_EQ(in_flight(), 0u);
}

// ---- changes in place ----

TEST_F(FilterTest, OptionsChangeInPlaceAndLoseNothing) {
  const auto filter = subscribe("t", "/a", debounce(100, 1'000));
  say("1");
  runtime->filters().change(*filter, debounce(500, 1'000));
  advance(100);
  EXPECT_THAT(seen("/a"), ElementsAre("M 1")) << "held under what was said then";
  say("2");
  runtime->filters().change(*filter, where("$ == 3"));
  settle();
  EXPECT_THAT(seen("/a"), ElementsAre("M 1", "M 2"));
  for (const char* text : {"3", "4"}) say(text);
  runtime->filters().change(*filter, throttle(1, 100));
  for (const char* text : {"5", "6"}) say(text);
  runtime->filters().change(*filter, throttle(2, 100));
  for (const char* text : {"7", "8"}) say(text);
  EXPECT_THAT(seen("/a"), ElementsAre("M 1", "M 2", "M 3", "M 5", "M 7"));
}

TEST_F(FilterTest, EndingASubscriptionDeliversWhatItHolds) {
  subscribe("t.*", "/a", debounce(100, 1'000));
  say("1", "t.x");
  say("2", "t.y");
  const auto filter = runtime->broker().unsubscribe(*TopicPattern::parse("t.*"), {{}, "/a"});
  ASSERT_NE(filter, nullptr);
  runtime->filters().release(*filter);
  settle();
  EXPECT_THAT(seen("/a"), ElementsAre("M 1", "M 2"));
  EXPECT_EQ(runtime->timers().size(), 0u);
}

TEST_F(FilterTest, TheSameRunGivesTheSameOutcome) {
  const auto run = [&] {
    factory.forget();
    subscribe("r.?", "/a", debounce(70, 300));
    subscribe("r.?", "/b", throttle(3, 200, GroupBy::kTopic));
    Random random(3);
    for (int i = 0; i < 200; ++i) {
      say(std::to_string(i), "r." + std::to_string(random.next() % 3));
      advance(random.next() % 40);
    }
    advance(1'000);
    for (const char* path : {"/a", "/b"})
      runtime->broker().unsubscribe(*TopicPattern::parse("r.?"), {{}, path});
    return factory.everything();
  };
  const Lines first = run();
  EXPECT_GT(first.size(), 50u);
  EXPECT_EQ(run(), first);
}

}  // namespace
}  // namespace actord::host
