// Whatever the text is, the answer is a value or an error: no crash, no hang, no silence.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/random.hpp"
#include "support/topology_text.hpp"
#include "topology/plan.hpp"

namespace actord::host {
namespace {

const std::string& example() {
  static const std::string text = [] {
    std::ifstream in(std::filesystem::path(ACTORD_SOURCE_DIR) /
                     "tests/golden/topology/example.yaml");
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
  }();
  return text;
}

void expect_an_answer(const std::string& text) {
  const auto checked = testing::check_text(text, {{"SITE", "plant-7"}});
  EXPECT_NE(checked.spec.has_value(), checked.diagnostics.has_errors());
  for (const auto& diagnostic : checked.diagnostics.list()) {
    EXPECT_TRUE(diagnostic.span.known()) << diagnostic.line();
    EXPECT_LE(diagnostic.span.line, checked.loaded.files[0].lines());
  }
  EXPECT_FALSE(checked.rendered().empty());
  EXPECT_FALSE(
      to_json(checked.diagnostics, checked.loaded.files, counts(checked.loaded)).dump().empty());
  if (checked.spec) {
    EXPECT_TRUE(diff(*checked.spec, *checked.spec).empty());
  }
}

TEST(Robustness, TheExampleItselfIsGood) {
  EXPECT_TRUE(testing::check_text(example(), {{"SITE", "plant-7"}}).spec);
}

TEST(Robustness, EveryPrefixGetsAnAnswer) {
  ASSERT_FALSE(example().empty());
  for (size_t size = 0; size <= example().size(); ++size) {
    SCOPED_TRACE(size);
    expect_an_answer(example().substr(0, size));
    if (::testing::Test::HasFailure()) return;
  }
}

TEST(Robustness, EveryMutationGetsAnAnswer) {
  constexpr uint64_t kSeed = 20'240'607;
  Random random(kSeed);
  static constexpr std::string_view kSpice = "{}[]:,&*!|>'\"%@`#-? \n\t$~<=.0\\\x04\xff";
  for (int round = 0; round < 3'000; ++round) {
    std::string text = example();
    for (uint64_t edits = 1 + random.next() % 4; edits > 0; --edits) {
      const size_t at = random.next() % text.size();
      switch (random.next() % 4) {
        case 0: text[at] = static_cast<char>(random.next()); break;
        case 1: text[at] = kSpice[random.next() % kSpice.size()]; break;
        case 2: text.insert(at, 1, kSpice[random.next() % kSpice.size()]); break;
        default: text.erase(at, 1 + random.next() % 8); break;
      }
      if (text.empty()) text = " ";
    }
    SCOPED_TRACE("seed " + std::to_string(kSeed) + ", round " + std::to_string(round));
    expect_an_answer(text);
    if (::testing::Test::HasFailure()) {
      ADD_FAILURE() << text;
      return;
    }
  }
}

}  // namespace
}  // namespace actord::host
