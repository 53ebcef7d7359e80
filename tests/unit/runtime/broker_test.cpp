// Who listens: the trie against the plain meaning of a pattern (core/topic), and its costs.
#include "runtime/broker.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "base/limits.hpp"
#include "base/random.hpp"

namespace actord::host {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class BrokerTest : public ::testing::Test {
 protected:
  Result<void> subscribe(std::string_view pattern, const Subscriber& who) {
    return broker.subscribe(*TopicPattern::parse(pattern), who);
  }
  void unsubscribe(std::string_view pattern, const Subscriber& who) {
    broker.unsubscribe(*TopicPattern::parse(pattern), who);
  }
  std::vector<uint64_t> match(std::string_view topic) {
    std::vector<uint64_t> slots;
    for (const Subscriber& one : broker.match(*Topic::parse(topic))) slots.push_back(one.ref.slot);
    return slots;
  }
  static Subscriber actor(uint64_t n) { return {{n, n}, {}}; }

  Broker broker;
};

struct Row {
  const char* topic;
  const char* pattern;
  bool match;
};
// The table of the design, word for word.
constexpr Row kTable[] = {
    {"user.created.email", "user.?", false},
    {"order.123.status", "order.?.status", true},
    {"user.created.email", "user.?.?", true},
    {"order.123.status", "order.*.status", true},
    {"user.created.email", "user.*", true},
    {"order.123.status", "*.status", true},
    {"user.created.email", "*.email", true},
    {"order.123.status", "order.status", false},
    {"user.created.email", "?.created.email", true},
    {"auth.login.success", "auth.*", true},
    {"user.created.email", "?.?.?", true},
    {"auth.login.success", "auth.?.success", true},
    {"user.created.email", "?.?.?.?", false},
    {"auth.login.success", "*.success", true},
    {"auth.login.success", "*", true},
    {"auth.login.success", "?.?", false},
};

class TopicTable : public ::testing::TestWithParam<Row> {};

TEST_P(TopicTable, TheTrieAndThePatternAgreeWithTheTable) {
  const Row& row = GetParam();
  const auto topic = Topic::parse(row.topic);
  const auto pattern = TopicPattern::parse(row.pattern);
  ASSERT_TRUE(topic && pattern);
  Broker broker;
  ASSERT_TRUE(broker.subscribe(*pattern, {{1, 1}, {}}));
  EXPECT_EQ(!broker.match(*topic).empty(), row.match) << row.topic << " " << row.pattern;
  EXPECT_EQ(pattern->matches(*topic), row.match);
}
INSTANTIATE_TEST_SUITE_P(Design, TopicTable, ::testing::ValuesIn(kTable));

TEST_F(BrokerTest, Trap9AStarIsAlsoNoSegment) {
  ASSERT_TRUE(subscribe("a.*", actor(1)));
  ASSERT_TRUE(subscribe("*.c", actor(2)));
  ASSERT_TRUE(subscribe("*.b.*", actor(3)));
  EXPECT_THAT(match("a"), ElementsAre(1u));
  EXPECT_THAT(match("c"), ElementsAre(2u));
  EXPECT_THAT(match("b"), ElementsAre(3u));
  EXPECT_THAT(match("x"), IsEmpty());
}

TEST_F(BrokerTest, SlashAndDotAreTheSame) {
  ASSERT_TRUE(subscribe("a/b.*", actor(1)));
  EXPECT_THAT(match("a.b/c"), ElementsAre(1u));
}

TEST_F(BrokerTest, Trap9AdversarialPatternsAndTopicsStayCheap) {
  std::string stars = "*", deep = "x";
  for (uint64_t i = 1; i < limits::kTopicSegments; ++i) {
    stars += ".*";
    deep += ".x";
  }
  for (uint64_t length = 1; length <= 31; length += 2) {
    ASSERT_TRUE(subscribe(stars.substr(0, length), actor(length)));
  }
  ASSERT_TRUE(subscribe(stars.substr(0, 29) + ".y", actor(99)));
  const auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < 1'000; ++i) ASSERT_EQ(match(deep).size(), 16u);
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(20)) << "exponential";
}

TEST_F(BrokerTest, TheTrieEqualsThePlainMeaningOnRandomPatterns) {
  Random random(11);
  const char* const words[] = {"a", "b", "c", "*", "?"};
  std::vector<TopicPattern> patterns;
  for (uint64_t i = 1; i <= 200; ++i) {
    std::string text = words[random.next() % 5];
    for (uint64_t k = random.next() % 4; k > 0; --k)
      text += std::string(".") + words[random.next() % 5];
    patterns.push_back(*TopicPattern::parse(text));
    ASSERT_TRUE(broker.subscribe(patterns.back(), actor(i)));
  }
  for (int round = 0; round < 500; ++round) {
    if (round % 5 == 4 && patterns.size() > 20) {
      broker.unsubscribe(patterns.back(), actor(patterns.size()));
      patterns.pop_back();
    }
    std::string text = words[random.next() % 3];
    for (uint64_t k = random.next() % 5; k > 0; --k)
      text += std::string(".") + words[random.next() % 3];
    const Topic topic = *Topic::parse(text);
    std::vector<uint64_t> expected;
    for (uint64_t i = 0; i < patterns.size(); ++i) {
      if (patterns[i].matches(topic)) expected.push_back(i + 1);
    }
    ASSERT_EQ(match(text), expected) << text;
  }
}

TEST_F(BrokerTest, Trap8TwoMatchingPatternsFindASubscriberOnceInTheOrderOfTheOldest) {
  ASSERT_TRUE(subscribe("a.b", actor(1)));
  ASSERT_TRUE(subscribe("a.*", actor(2)));
  ASSERT_TRUE(subscribe("*", actor(1)));
  ASSERT_TRUE(subscribe("?.b", actor(2)));
  EXPECT_THAT(match("a.b"), ElementsAre(1u, 2u));
  EXPECT_THAT(match("a.c"), ElementsAre(2u, 1u)) << "1 is found through '*' only, which is younger";
}

TEST_F(BrokerTest, SubscribingTwiceIsOnceAndUnsubscribingEndsIt) {
  ASSERT_TRUE(subscribe("a", actor(1)));
  ASSERT_TRUE(subscribe("a", actor(1)));
  EXPECT_EQ(broker.list().size(), 1u);
  unsubscribe("a", actor(1));
  unsubscribe("a", actor(1));
  unsubscribe("never.was", actor(1));
  EXPECT_THAT(match("a"), IsEmpty());
  EXPECT_THAT(broker.list(), IsEmpty());
}

TEST_F(BrokerTest, UnsubscribeAllEndsAllOfOneAndNothingOfOthers) {
  for (const char* pattern : {"a", "a.*", "?.b"}) {
    ASSERT_TRUE(subscribe(pattern, actor(1)));
    ASSERT_TRUE(subscribe(pattern, actor(2)));
  }
  broker.unsubscribe_all({1, 1});
  broker.unsubscribe_all({1, 1});
  EXPECT_EQ(broker.list().size(), 3u);
  EXPECT_THAT(match("a.b"), ElementsAre(2u));
}

TEST_F(BrokerTest, ASubscriptionByPathIsNotOneOfAnActor) {
  const Subscriber by_path{{}, "/a"};
  ASSERT_TRUE(subscribe("t", by_path));
  ASSERT_EQ(broker.match(*Topic::parse("t")).size(), 1u);
  EXPECT_EQ(broker.match(*Topic::parse("t"))[0].path, "/a");
  EXPECT_EQ(broker.list()[0].pattern, "t");
  unsubscribe("t", by_path);
  EXPECT_THAT(broker.list(), IsEmpty());
}

TEST_F(BrokerTest, Law15AtTheLimitOnlyNewSubscriptionsAreRefused) {
  ASSERT_TRUE(subscribe("a", actor(1)));
  for (uint64_t i = 1; i < limits::kSubscriptionsMax; ++i) {
    ASSERT_TRUE(subscribe("p" + std::to_string(i), actor(i)));
  }
  EXPECT_EQ(subscribe("one.more", actor(1)).error().code, ACTORD_E_LIMIT);
  EXPECT_TRUE(subscribe("a", actor(1))) << "it is there already";
  unsubscribe("a", actor(1));
  EXPECT_TRUE(subscribe("one.more", actor(1)));
}

TEST_F(BrokerTest, ManySubscribersThroughSeveralPatternsAreFoundInReasonableTime) {
  for (uint64_t i = 1; i <= 20'000; ++i) {
    ASSERT_TRUE(subscribe("p" + std::to_string(i), actor(i)));  // the trie is wide
    if (i > 2'000) continue;
    ASSERT_TRUE(subscribe("hot.?", actor(i)));
  }
  ASSERT_TRUE(subscribe("hot.*", actor(1)));
  const auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < 20; ++i) ASSERT_EQ(match("hot.x").size(), 2'000u);
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(5));
}

}  // namespace
}  // namespace actord::host
