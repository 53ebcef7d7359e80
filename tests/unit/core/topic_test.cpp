#include "core/topic.hpp"

#include <gtest/gtest.h>

namespace actord::host {
namespace {

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
