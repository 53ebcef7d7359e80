#include "core/topic.hpp"

#include <gtest/gtest.h>

#include "base/limits.hpp"

namespace actord::host {
namespace {

bool match(std::string_view pattern, std::string_view topic) {
  return TopicPattern::parse(pattern)->matches(*Topic::parse(topic));
}

TEST(Topic, EmptySegmentsAndWildcardsAreRefusedTrap9) {
  for (const char* text :
       {"", ".", "a.", ".a", "a..b", "a/", "/a", "a//b", "a./b", "*", "a.*", "a.?", "a*"}) {
    EXPECT_FALSE(Topic::parse(text)) << text;
  }
}

TEST(Topic, WildcardsInPatternsStandAlone) {
  for (const char* text : {"a*", "*a", "a.b?", "**", "?*", "", "a..b", "a."}) {
    EXPECT_FALSE(TopicPattern::parse(text)) << text;
  }
  for (const char* text : {"*", "?", "a", "a.*.b", "?.?", "a/*"})
    EXPECT_TRUE(TopicPattern::parse(text)) << text;
}

TEST(Topic, SegmentsAreSplitByDotOrSlash) {
  EXPECT_EQ(Topic::parse("a.b/c")->segments, (std::vector<std::string>{"a", "b", "c"}));
}

TEST(Topic, SizesAreBounded) {
  std::string topic = "s";
  for (uint64_t i = 1; i < limits::kTopicSegments; ++i) topic += ".s";
  EXPECT_TRUE(Topic::parse(topic));
  EXPECT_FALSE(Topic::parse(topic + ".s"));
  EXPECT_TRUE(Topic::parse(std::string(limits::kTopicBytes, 'x')));
  EXPECT_FALSE(Topic::parse(std::string(limits::kTopicBytes + 1, 'x')));
}

TEST(TopicPattern, AStarIsAnyNumberOfSegmentsAndAQuestionMarkOne) {
  EXPECT_TRUE(match("a.*", "a"));
  EXPECT_TRUE(match("*.c", "c"));
  EXPECT_TRUE(match("*.b.*", "b"));
  EXPECT_TRUE(match("*.*.*", "a"));
  EXPECT_TRUE(match("a.*.d", "a.b.c.d"));
  EXPECT_TRUE(match("*.a.*.a", "a.b.a"));
  EXPECT_FALSE(match("?.*", "a") && match("?", "a.b"));
  EXPECT_TRUE(match("?.*", "a"));
  EXPECT_FALSE(match("a.?", "a"));
  EXPECT_FALSE(match("a", "a.b"));
  EXPECT_FALSE(match("a.b", "a"));
}

bool matches(const char* topic, const char* pattern) {
  return TopicPattern::parse(pattern)->matches(*Topic::parse(topic));
}

// The table of the design contract, word for word.
TEST(TopicPattern, TheTableOfTheContract) {
  EXPECT_FALSE(matches("user.created.email", "user.?"));
  EXPECT_TRUE(matches("user.created.email", "user.?.?"));
  EXPECT_TRUE(matches("user.created.email", "user.*"));
  EXPECT_TRUE(matches("user.created.email", "*.email"));
  EXPECT_TRUE(matches("user.created.email", "?.created.email"));
  EXPECT_TRUE(matches("user.created.email", "?.?.?"));
  EXPECT_FALSE(matches("user.created.email", "?.?.?.?"));
  EXPECT_TRUE(matches("auth.login.success", "*"));
  EXPECT_TRUE(matches("order.123.status", "order.?.status"));
  EXPECT_TRUE(matches("order.123.status", "order.*.status"));
  EXPECT_TRUE(matches("order.123.status", "*.status"));
  EXPECT_FALSE(matches("order.123.status", "order.status"));
  EXPECT_TRUE(matches("auth.login.success", "auth.*"));
  EXPECT_TRUE(matches("auth.login.success", "auth.?.success"));
  EXPECT_TRUE(matches("auth.login.success", "*.success"));
  EXPECT_FALSE(matches("auth.login.success", "?.?"));
}

TEST(TopicPattern, Trap9StarMatchesNothingToo) {
  EXPECT_TRUE(matches("a", "a.*"));
  EXPECT_TRUE(matches("c", "*.c"));
  EXPECT_TRUE(matches("b", "*.b.*"));
}

TEST(TopicPattern, Trap9ManyStarsEndSoon) {
  EXPECT_FALSE(matches("a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a", "*.a.*.a.*.a.*.a.*.a.*.a.*.a.*.b"));
}

TEST(TopicPattern, SlashesAndDotsAreTheSame) { EXPECT_TRUE(matches("a/b", "a.b")); }

TEST(Topic, RefusesEmptySegmentsAndWildcards) {
  EXPECT_FALSE(Topic::parse("a..b"));
  EXPECT_FALSE(Topic::parse(""));
  EXPECT_FALSE(Topic::parse(".a"));
  EXPECT_FALSE(Topic::parse("a.*"));
  EXPECT_FALSE(TopicPattern::parse("a.b*"));
}

}  // namespace
}  // namespace actord::host
