// The language of `where`: what it reads, what it answers, and that it answers everything.
#include "core/condition.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/limits.hpp"
#include "base/random.hpp"

namespace actord::host {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kOrder =
    R"({"total":120,"paid":true,"late":false,"note":null,"state":"open","rate":0.5,"big":18446744073709551615,
        "low":-9223372036854775808,"items":[{"sku":"a1","n":2},{"sku":"b2","n":3}],"tags":["eu","vip"],
        "a key":{"x.y":7},"text":"it's \"so\""})";

struct Asked {
  bool holds = false, unreadable = false;
};

Asked ask(std::string_view where, std::string_view payload = kOrder,
          std::string_view content_type = "", std::string_view key = "k7") {
  Envelope message;
  message.type = Symbol::of("shop.Order");
  if (!content_type.empty()) message.content_type = Symbol::of(content_type);
  message.payload = Bytes(payload);
  message.with_extra().topic = "orders.created";
  message.with_extra().key = key;
  const auto parsed = Condition::parse(where);
  const auto* condition = std::get_if<Condition>(&parsed);
  EXPECT_NE(condition, nullptr) << where << ": "
                                << (condition == nullptr ? std::get<Condition::Mistake>(parsed).text
                                                         : "");
  if (condition == nullptr) return {};
  ConditionSubject subject(message);
  const bool holds = condition->holds(subject);
  return {holds, subject.unreadable()};
}
bool holds(std::string_view where) { return ask(where).holds; }

TEST(ConditionTest, ComparesPartsOfThePayload) {
  for (const char* where : {"$.total > 100",
                            "$.total >= 120",
                            "$.total <= 120",
                            "$.total < 120.5",
                            "$.total == 120.0",
                            "120 == $.total",
                            "$.total != 121",
                            "$.state == 'open'",
                            R"($.state == "open")",
                            "$.state < 'p'",
                            "$.rate == 5e-1",
                            "$.paid",
                            "not $.late",
                            "$.paid == true",
                            "$.note == null",
                            "$.items[1].n == 3",
                            "$.items[0]['sku'] == 'a1'",
                            "$['a key'][\"x.y\"] == 7",
                            "$.state in ['new', 'open']",
                            "$.total in [1, 120]",
                            "$.tags contains 'vip'",
                            "$.state contains 'pe'",
                            "$.state starts_with 'op'",
                            "$.state ends_with 'en'",
                            "$.items[0].n < $.items[1].n",
                            R"($.text == 'it\'s "so"')",
                            R"($.text == "it's \"so\"")"}) {
    EXPECT_TRUE(holds(where)) << where;
    EXPECT_FALSE(holds("not (" + std::string(where) + ")")) << where;
  }
  for (const char* where : {"$.total > 120", "$.state == 'opens'", "$.late", "$.tags contains 'v'",
                            "$.state in ['new']", "$.items[2].n == 3"}) {
    EXPECT_FALSE(holds(where)) << where;
  }
}

TEST(ConditionTest, ComparesTypeKeyAndTopicWithoutLookingIntoThePayload) {
  for (const char* where :
       {"type == 'shop.Order'", "type starts_with 'shop.'", "key in ['k6', 'k7']",
        "topic == 'orders.created'", "topic ends_with 'created' and key != ''"}) {
    const Asked asked = ask(where, "\xff no JSON");
    EXPECT_TRUE(asked.holds) << where;
    EXPECT_FALSE(asked.unreadable) << where;
  }
  EXPECT_TRUE(ask("type == $.kind", R"({"kind":"shop.Order"})").holds);
}

TEST(ConditionTest, AndBindsTighterThanOrAndNotTightest) {
  EXPECT_TRUE(holds("$.paid or $.paid and $.late"));
  EXPECT_FALSE(holds("($.paid or $.paid) and $.late"));
  EXPECT_TRUE(holds("not $.late and $.paid"));
  EXPECT_FALSE(holds("not ($.late or $.paid)"));
  EXPECT_TRUE(holds("not not $.paid"));
}

TEST(ConditionTest, WhatIsNotThereEqualsNothing) {
  for (const char* where :
       {"$.none == 1", "$.none == null", "$.none == $.none", "$.none < 1", "$.none >= 1",
        "$.none in [null]", "$.none contains 'a'", "$.none", "exists $.none",
        "exists $.total.deeper", "exists $.items[2]", "exists $.tags.eu", "exists $.total[0]"}) {
    EXPECT_FALSE(holds(where)) << where;
  }
  EXPECT_TRUE(holds("$.none != 1")) << "the opposite of ==";
  EXPECT_TRUE(holds("exists $.note")) << "null is there";
  EXPECT_TRUE(holds("exists $"));
}

TEST(ConditionTest, TypesDoNotMixAndNumbersAreExact) {
  for (const char* where :
       {"$.total == '120'", "$.total > '1'", "$.paid == 1", "$.paid == 'true'", "$.paid > false",
        "$.note == 0", "$.tags == $.tags", "$.items < 3", "$.big == 18446744073709551614",
        "$.low == -9223372036854775807", "$.big < $.low"}) {
    EXPECT_FALSE(holds(where)) << where;
  }
  EXPECT_TRUE(holds("$.big == 18446744073709551615"));
  EXPECT_TRUE(holds("$.big > $.low"));
}

TEST(ConditionTest, APayloadThatIsNoJsonHasNoParts) {
  const std::string big = "\"" + std::string(limits::kConditionPayloadBytes, 'x') + "\"";
  for (const auto& [payload, content_type] :
       std::vector<std::pair<std::string, std::string>>{{"", ""},
                                                        {"{", ""},
                                                        {"\xff", ""},
                                                        {"{}", "application/octet-stream"},
                                                        {"{\"a\":1e999}", ""},
                                                        {big, ""}}) {
    EXPECT_FALSE(ask("exists $", payload, content_type).holds);
    EXPECT_TRUE(ask("exists $", payload, content_type).unreadable);
    EXPECT_TRUE(ask("$.a != 1", payload, content_type).holds);
  }
  EXPECT_TRUE(ask("$.a == 1", R"({"a":1})", "application/json; charset=utf-8").holds);
  EXPECT_TRUE(ask("$.a == 1", R"({"a":1})", "application/vnd.shop+json").holds);
}

TEST(ConditionTest, MistakesAreShownAtTheirPlace) {
  const auto mistake = [](std::string_view text) -> std::string {
    const auto parsed = Condition::parse(text);
    const auto* wrong = std::get_if<Condition::Mistake>(&parsed);
    return wrong == nullptr ? "none" : std::to_string(wrong->at) + " " + wrong->text;
  };
  EXPECT_EQ(mistake("$.total > "), "10 a value is missing at the end");
  EXPECT_EQ(mistake(""), "0 a value is missing at the end");
  EXPECT_EQ(mistake("$.a && $.b"), "4 \"and\" is written in letters");
  EXPECT_EQ(mistake("$.a || $.b"), "4 \"or\" is written in letters");
  EXPECT_EQ(mistake("!$.a"), "0 \"not\" is written in letters");
  EXPECT_EQ(mistake("$.a = 1"), "4 equal is written ==");
  EXPECT_EQ(mistake("$.a 1"), "4 the condition ends before this; join two with `and` or `or`");
  EXPECT_EQ(mistake("($.a"), "0 this ( is never closed");
  EXPECT_EQ(mistake("$.a == 'x"), "7 this quote is never closed");
  EXPECT_EQ(mistake(R"($.a == 'x\q')"), R"(9 after \ stands one of \ " ' n t)");
  EXPECT_EQ(mistake("$.a == open"),
            "7 `open` means nothing here; a text stands in quotes, a part of the payload begins "
            "with $.");
  EXPECT_EQ(mistake("$.a == 1x"), "7 \"1x\" is no number");
  EXPECT_EQ(mistake("$. == 1"), "1 a name follows the dot; any other key: [\"like this\"]");
  EXPECT_EQ(mistake("$[1.5] == 1"), "1 in [ ] stands an index from 0 or a name in quotes");
  EXPECT_EQ(mistake("$[1 == 1"), "1 this [ is never closed");
  EXPECT_EQ(mistake("$.a in 3"), "7 in wants a list: [1, 2, \"three\"]");
  EXPECT_EQ(mistake("$.a in [3"), "7 this [ is never closed");
  EXPECT_EQ(mistake("exists type"), "7 exists wants a path, like $.total");
  EXPECT_THAT(mistake("type"), HasSubstr("0 compare it"));
  EXPECT_THAT(mistake("type > 5"), HasSubstr("0 compares a text with something that is none"));
  EXPECT_THAT(mistake("key in ['a', 1]"), HasSubstr("0 type, key and topic are texts"));
  EXPECT_THAT(mistake("1 == 1"), HasSubstr("0 compares two fixed values"));
}

TEST(ConditionTest, Law15EverythingHasALimit) {
  const auto good = [](const std::string& text) {
    return std::holds_alternative<Condition>(Condition::parse(text));
  };
  EXPECT_TRUE(good("$.a == '" + std::string(limits::kConditionBytes - 9, 'x') + "'"));
  EXPECT_FALSE(good("$.a == '" + std::string(limits::kConditionBytes - 8, 'x') + "'"));
  const auto nested = [](uint64_t depth) {
    return std::string(depth, '(') + "$" + std::string(depth, ')');
  };
  EXPECT_TRUE(good(nested(limits::kConditionDepth - 1)));
  EXPECT_FALSE(good(nested(limits::kConditionDepth)));
  std::string joined = "$";  // a test more is two nodes
  for (uint64_t nodes = 1; nodes + 2 <= limits::kConditionNodes; nodes += 2) joined += " or $";
  EXPECT_TRUE(good(joined));
  EXPECT_FALSE(good(joined + " or $"));
  std::string path = "exists $";
  for (uint64_t i = 0; i < limits::kConditionPathSteps; ++i) path += ".a";
  EXPECT_TRUE(good(path));
  EXPECT_FALSE(good(path + ".a"));
}

TEST(ConditionTest, APayloadAsDeepAsItLikesTakesNoStack) {
  const std::string deep(limits::kConditionPayloadBytes / 2, '[');
  const std::string payload = deep + std::string(limits::kConditionPayloadBytes / 2, ']');
  EXPECT_FALSE(ask("$ == $[0]", payload).holds);
  EXPECT_TRUE(ask("exists $[0][0]", payload).holds);
}

// Whatever stands there: it is refused, or has an answer for every payload.
TEST(ConditionTest, ItIsTotal) {
  Random random(5);
  const char* const words[] = {
      "$",   "$.a",  "$.a[0]", "type", "key",      "(",           ")",        "and",    "or",
      "not", "==",   "!=",     "<",    ">=",       "in",          "[1, 'x']", "exists", "'x'",
      "12",  "-0.5", "true",   "null", "contains", "starts_with", "[",        ",",      "\\"};
  const char* const payloads[] = {"",  "{", "null", "[]", "[[1]]", R"({"a":[12]})", R"({"a":"x"})",
                                  "12"};
  int read = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (uint64_t n = 1 + random.next() % 7; n > 0; --n)
      text += std::string(words[random.next() % std::size(words)]) + (random.next() % 4 ? " " : "");
    const auto parsed = Condition::parse(text);
    if (const auto* wrong = std::get_if<Condition::Mistake>(&parsed)) {
      ASSERT_LE(wrong->at, text.size());
      ASSERT_FALSE(wrong->text.empty()) << text;
      continue;
    }
    ++read;
    for (const char* payload : payloads) {
      const bool yes = ask(text, payload).holds;
      ASSERT_NE(ask("not (" + text + ")", payload).holds, yes) << text;
    }
  }
  EXPECT_GT(read, 100);
}

}  // namespace
}  // namespace actord::host
