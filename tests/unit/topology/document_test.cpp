#include "topology/document.hpp"

#include <gtest/gtest.h>

#include "base/limits.hpp"
#include "support/topology_text.hpp"

namespace actord::host {
namespace {

struct Parsed {
  NodePtr root;
  Diagnostics diagnostics;
  std::string first() const { return diagnostics.empty() ? "" : diagnostics.list().front().line(); }
};

Parsed parse(const std::string& text) {
  Parsed parsed;
  const SourceFile file("t.yaml", text);
  parsed.root = parse_document(file, parsed.diagnostics);
  return parsed;
}

TEST(Document, KeepsThePlaceOfKeyAndValue) {
  const auto parsed = parse("host:\n  name:   plant-7\n  dirs: [a, 'b c']\n");
  const Entry& host = *parsed.root->find("host");
  const Entry& name = *host.value->find("name");
  EXPECT_EQ(name.key_span.text(), "t.yaml:2:3");
  EXPECT_EQ(name.key_span.width, 4u);
  EXPECT_EQ(name.value->span.text(), "t.yaml:2:11");
  EXPECT_EQ(name.value->span.width, 7u);
  const Node& quoted = *host.value->find("dirs")->value->items.at(1);
  EXPECT_EQ(quoted.span.text(), "t.yaml:3:13");
  EXPECT_EQ(quoted.span.width, 5u);
  EXPECT_TRUE(quoted.quoted);
}

TEST(Document, AnEmptyValueIsWhereItsKeyIs) {
  const auto parsed = parse("a:\n\n\nb: 1\n");
  EXPECT_EQ(parsed.root->find("a")->value->type, Node::Type::kNull);
  EXPECT_EQ(parsed.root->find("a")->value->span.text(), "t.yaml:1:1");
}

// Operator pain 16: the last of two equal keys never wins in silence.
TEST(Document, EqualKeysAreAnErrorNamingBoth) {
  EXPECT_EQ(parse("a: 1\nb: 2\na: 3\n").first(),
            "t.yaml:3:1: error[E103]: key \"a\" given twice; first at 1:1. Remove one");
}

TEST(Document, AliasesShareTheNode) {
  const auto parsed = parse("a: &m {x: 1}\nb: *m\n");
  EXPECT_EQ(parsed.root->find("a")->value, parsed.root->find("b")->value);
  EXPECT_EQ(parsed.root->find("b")->value->span.text(), "t.yaml:1:7");
}

TEST(Document, MergeKeysFillWhatIsNotGiven) {
  const auto parsed = parse("a: &a {x: 1, y: 2}\nb: &b {x: 9, z: 3}\nc: {<<: [*a, *b], y: 5}\n");
  const Node& c = *parsed.root->find("c")->value;
  ASSERT_EQ(c.entries.size(), 3u);
  EXPECT_EQ(c.find("x")->value->text, "1");
  EXPECT_EQ(c.find("y")->value->text, "5");
  EXPECT_EQ(c.find("z")->value->text, "3");
  EXPECT_NE(parse("a: {<<: 5}\n").first().find("E101"), std::string::npos);
}

TEST(Document, AnAliasInsideItsAnchorIsRefused) {
  const auto parsed = parse("a: &a [1, *a]\n");
  EXPECT_EQ(parsed.root, nullptr);
  EXPECT_NE(parsed.first().find("t.yaml:1:11: error[E101]"), std::string::npos);
}

TEST(Document, MultipliedAliasesAreRefused) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
    for (int j = 0; j < 9; ++j) text += ", " + before;
    text += "]\n";
  }
  const auto parsed = parse(text);
  EXPECT_EQ(parsed.root, nullptr);
  EXPECT_NE(parsed.first().find("aliases make this larger"), std::string::npos);
}

TEST(Document, DepthIsBoundedAlsoThroughAliases) {
  std::string text = "a0: &a0 {x: 1}\n";
  for (uint32_t i = 1; i <= limits::kTopologyDepth; ++i) {
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " {x: *a" +
            std::to_string(i - 1) + "}\n";
  }
  EXPECT_EQ(parse(text).root, nullptr);
  EXPECT_EQ(parse("a: " + std::string(5000, '[') + std::string(5000, ']')).root, nullptr);
  EXPECT_NE(parse("a: " + std::string(150, '[') + std::string(150, ']')).root, nullptr);
}

struct Wrong {
  const char* text;
  const char* line;
};
class Syntax : public ::testing::TestWithParam<Wrong> {};
TEST_P(Syntax, IsToldInWordsForPeople) {
  const auto parsed = parse(GetParam().text);
  EXPECT_EQ(parsed.root, nullptr);
  EXPECT_EQ(parsed.first(), GetParam().line);
}
INSTANTIATE_TEST_SUITE_P(
    Document, Syntax,
    ::testing::Values(
        Wrong{"host:\n\tname: x\n",
              "t.yaml:2:1: error[E101]: a tab cannot indent YAML; use spaces"},
        Wrong{"host:\n  shutdown: {drain: 20s\nlogging:\n  level: info\n",
              "t.yaml:2:13: error[E101]: flow map opened at 2:13 is never closed"},
        Wrong{"host:\n  plugin_dirs: [a, b\n",
              "t.yaml:2:16: error[E101]: flow list opened at 2:16 is never closed"},
        Wrong{"a: {b: [1, 2}\n",
              "t.yaml:1:8: error[E101]: flow list opened at 1:8 is never closed"},
        Wrong{"a: \"open\nb: 1\n",
              "t.yaml:1:4: error[E101]: quoted text opened at 1:4 is never closed"},
        Wrong{"a: *none\n", "t.yaml:1:4: error[E101]: this alias names no anchor (&name) above it"},
        Wrong{"a: 1\n---\nb: 2\n",
              "t.yaml:2:1: error[E101]: a second document begins here; a file holds one"},
        Wrong{"- a\n- b\n",
              "t.yaml:1:1: error[E101]: a topology is a map; begin with \"version: 1\""},
        Wrong{
            "a: !!int 5\n",
            "t.yaml:1:10: error[E101]: tags (tag:yaml.org,2002:int) are not used here; remove it"},
        Wrong{"{a: 1}: 2\n", "t.yaml:1:1: error[E101]: a key must be a plain text"},
        Wrong{"a: caf\xe9\n",
              "t.yaml:1:7: error[E101]: this byte is no UTF-8 text or a control character"},
        Wrong{"a: b: c\n",
              "t.yaml:1:5: error[E101]: a \": \" cannot stand here; check the indentation, or put "
              "the text in quotes"}));

}  // namespace
}  // namespace actord::host
