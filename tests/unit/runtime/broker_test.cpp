#include "runtime/broker.hpp"

#include <gtest/gtest.h>

#include "base/random.hpp"

namespace actord::host {
namespace {

size_t found(const Broker& broker, const char* topic) {
  return broker.match(*Topic::parse(topic)).size();
}

TEST(Broker, Trap8OneCopyHoweverManyPatternsMatch) {
  Broker broker;
  const Subscriber me{{1, 1}, {}};
  for (const char* pattern : {"a.*", "*", "a.b", "?.b"}) {
    EXPECT_TRUE(broker.subscribe(*TopicPattern::parse(pattern), me));
  }
  EXPECT_EQ(found(broker, "a.b"), 1u);
  broker.unsubscribe_all({1, 1});
  EXPECT_EQ(found(broker, "a.b"), 0u);
  EXPECT_TRUE(broker.list().empty());
}

// The trie and the plain matcher agree on random patterns and topics.
TEST(Broker, AgreesWithThePlainMatcher) {
  Random random(20261124);
  const char* const words[] = {"a", "b", "*", "?"};
  Broker broker;
  std::vector<TopicPattern> patterns;
  for (uint64_t i = 0; i < 300; ++i) {
    std::string text;
    for (uint64_t n = 1 + random.next() % 5; n > 0; --n)
      text += (text.empty() ? "" : ".") + std::string(words[random.next() % 4]);
    patterns.push_back(*TopicPattern::parse(text));
    EXPECT_TRUE(broker.subscribe(patterns.back(), {{i + 1, i + 1}, {}}));
  }
  for (int i = 0; i < 500; ++i) {
    std::string text;
    for (uint64_t n = 1 + random.next() % 5; n > 0; --n)
      text += (text.empty() ? "" : ".") + std::string(words[random.next() % 2]);
    const Topic topic = *Topic::parse(text);
    size_t expected = 0;
    for (const auto& pattern : patterns) expected += pattern.matches(topic) ? 1 : 0;
    EXPECT_EQ(broker.match(topic).size(), expected) << text;
  }
}

}  // namespace
}  // namespace actord::host
