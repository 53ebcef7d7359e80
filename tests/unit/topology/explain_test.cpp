#include "topology/explain.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/topology_text.hpp"
#include "topology/plan.hpp"

namespace actord::host {
namespace {

using ::testing::HasSubstr;

TEST(Explain, KnowsEveryCodeOfTheTable) {
  for (const char* code :
       {"E101", "E102", "E103", "E104", "E105", "E106", "E107", "E201", "E202", "E203",
        "E204", "E301", "E302", "E303", "E304", "E305", "E306", "E307", "W210", "W211"}) {
    EXPECT_NE(find_explanation(code), nullptr) << code;
  }
  EXPECT_TRUE(explain("e102"));
  EXPECT_FALSE(explain("E999"));
  EXPECT_FALSE(explain(""));
}

TEST(Explain, PrintsWrongAndRight) {
  EXPECT_EQ(explain("E101").value().substr(0, 30), "E101: the file is no YAML\n\nThe");
  EXPECT_THAT(explain("E101").value(),
              HasSubstr("Wrong:\n\n    version: 1\n    host:\n    <tab>name: plant-7\n\nRight:\n\n "
                        "   version: 1\n    host:\n      name: plant-7\n"));
}

// The host finds E202 to E204 in plugin files; the topology itself is fine.
bool found_in_files(std::string_view code) {
  return code == "E202" || code == "E203" || code == "E204";
}

TEST(Explain, ExamplesAreTrue) {
  for (const auto& explanation : explanations()) {
    SCOPED_TRACE(std::string(explanation.code));
    const auto wrong = testing::check_text(std::string(explanation.wrong));
    const auto right = testing::check_text(std::string(explanation.right));
    EXPECT_EQ(right.lines(), "");
    if (explanation.code == "E307") {
      EXPECT_EQ(diff(*wrong.spec, *right.spec).refused.list().at(0).code, "E307");
    } else if (found_in_files(explanation.code)) {
      EXPECT_EQ(wrong.lines(), "");
    } else {
      ASSERT_EQ(wrong.diagnostics.list().size(), 1u) << wrong.lines();
      EXPECT_EQ(wrong.diagnostics.list()[0].code, explanation.code);
    }
  }
}

}  // namespace
}  // namespace actord::host
