#include "core/topic.hpp"

#include <gtest/gtest.h>

#include "base/limits.hpp"

namespace actord::host {
namespace {

bool match(std::string_view pattern, std::string_view topic) {
  return TopicPattern::parse(pattern)->matches(*Topic::parse(topic));
}

TEST(Topic, EmptySegmentsAndWildcardsAreRefusedTrap9) {
  for (const char* text : {"", ".", "a.", ".a", "a..b", "a/", "/a", "a//b", "a./b", "*", "a.*", "a.?", "a*"}) {
    EXPECT_FALSE(Topic::parse(text)) << text;
  }
}

TEST(Topic, WildcardsInPatternsStandAlone) {
  for (const char* text : {"a*", "*a", "a.b?", "**", "?*", "", "a..b", "a."}) {
    EXPECT_FALSE(TopicPattern::parse(text)) << text;
  }
  for (const char* text : {"*", "?", "a", "a.*.b", "?.?", "a/*"}) EXPECT_TRUE(TopicPattern::parse(text)) << text;
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

}  // namespace
}  // namespace actord::host
