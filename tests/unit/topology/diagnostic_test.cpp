#include "topology/diagnostic.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/limits.hpp"

namespace actord::host {
namespace {

using ::testing::HasSubstr;

const std::vector<SourceFile> kFiles = {
    SourceFile("topology.yaml", std::string(33, '\n') + "        mailbx: {capacity: 8192}\n"),
    SourceFile("conf.d/audit.yaml", "actors:\n  audit:\n    sink: {}\n")};

Diagnostic unknown_key() {
  return {"E102", Span{"topology.yaml", 34, 9, 6}, "unknown key `mailbx` in actor `/orders/intake`",
          "did you mean `mailbox`?", ""};
}

// The reference sample, word for word.
TEST(Render, LooksLikeTheSample) {
  Diagnostics diagnostics;
  diagnostics.add("W210", Span{"conf.d/audit.yaml", 3, 5, 4},
                  "nothing sends to `/audit/sink` and it subscribes to nothing");
  diagnostics.add(unknown_key());
  EXPECT_EQ(render(diagnostics, kFiles, CheckedCounts{2, true, 4, 9}),
            "error[E102]: unknown key `mailbx` in actor `/orders/intake`\n"
            "  --> topology.yaml:34:9\n"
            "34 |         mailbx: {capacity: 8192}\n"
            "   |         ^^^^^^ did you mean `mailbox`?\n"
            "warning[W210]: nothing sends to `/audit/sink` and it subscribes to nothing   --> "
            "conf.d/audit.yaml:3:5\n"
            "1 error, 1 warning in 2 files (4 plugins, 9 actors). More: actord explain E102\n");
}

TEST(Render, NotesStandOnALineOfTheirOwn) {
  Diagnostics diagnostics;
  auto diagnostic = unknown_key();
  diagnostic.note = "allowed: kind, mailbox";
  diagnostics.add(diagnostic);
  EXPECT_THAT(render(diagnostics, kFiles, {}),
              HasSubstr("^^^^^^ did you mean `mailbox`?\n   = allowed: kind, mailbox\n"));
}

TEST(Render, WithoutFindingsSaysSo) {
  EXPECT_EQ(render({}, kFiles, CheckedCounts{1, true, 1, 1}),
            "no errors in 1 file (1 plugin, 1 actor)\n");
}

TEST(Render, ALongLineIsCutAroundTheCaret) {
  const std::vector<SourceFile> files = {
      SourceFile("t", std::string(500, 'a') + "X" + std::string(500, 'b'))};
  Diagnostics diagnostics;
  diagnostics.add("E102", Span{"t", 1, 501, 1}, "x");
  const std::string text = render(diagnostics, files, {});
  EXPECT_THAT(text,
              HasSubstr("1 | ..." + std::string(100, 'a') + "X" + std::string(59, 'b') + "...\n"));
  EXPECT_THAT(text, HasSubstr("\n  | " + std::string(103, ' ') + "^\n"));
}

TEST(Render, ShowsNothingATerminalCouldActOn) {
  const std::vector<SourceFile> files = {SourceFile("t", "a\x1b[31m\xff\tz\n")};
  Diagnostics diagnostics;
  diagnostics.add("E101", Span{"t", 1, 2, 1}, "x");
  EXPECT_THAT(render(diagnostics, files, {}), HasSubstr("1 | a?[31m? z\n  |  ^\n"));
}

TEST(Diagnostics, AreSortedByFileAsReadThenLine) {
  Diagnostics diagnostics;
  diagnostics.add("E104", Span{"conf.d/audit.yaml", 1, 1, 1}, "c");
  diagnostics.add("E104", Span{"topology.yaml", 9, 2, 1}, "b");
  diagnostics.add("E104", Span{"topology.yaml", 9, 1, 1}, "a");
  std::string order;
  for (const auto& diagnostic : diagnostics.sorted(kFiles)) order += diagnostic.text;
  EXPECT_EQ(order, "abc");
}

TEST(Diagnostics, TheSameFindingCountsOnce) {
  Diagnostics diagnostics;
  diagnostics.add(unknown_key());
  diagnostics.add(unknown_key());
  EXPECT_EQ(diagnostics.errors(), 1u);
}

TEST(Diagnostics, ShowAtMostFiftyAndErrorsBeforeWarnings) {
  Diagnostics diagnostics;
  for (uint32_t i = 1; i <= 30; ++i) diagnostics.add("W210", Span{"topology.yaml", i, 1, 1}, "w");
  for (uint32_t i = 31; i <= 75; ++i) diagnostics.add("E104", Span{"topology.yaml", i, 1, 1}, "e");
  const auto sorted = diagnostics.sorted(kFiles);
  ASSERT_EQ(sorted.size(), limits::kDiagnosticsMax);
  EXPECT_EQ(std::count_if(sorted.begin(), sorted.end(),
                          [](const Diagnostic& d) { return d.code == "E104"; }),
            45);
  EXPECT_THAT(render(diagnostics, kFiles, {}),
              HasSubstr("and 25 more; the first 50 are shown\n45 errors, 30 warnings in"));
}

TEST(Diagnostics, AsJsonKeepEveryPart) {
  Diagnostics diagnostics;
  diagnostics.add(unknown_key());
  const auto json = to_json(diagnostics, kFiles, CheckedCounts{2, true, 4, 9});
  EXPECT_EQ(json["errors"], 1);
  EXPECT_EQ(json["actors"], 9);
  EXPECT_EQ(json["diagnostics"][0]["code"], "E102");
  EXPECT_EQ(json["diagnostics"][0]["line"], 34);
  EXPECT_EQ(json["diagnostics"][0]["column"], 9);
  EXPECT_EQ(json["diagnostics"][0]["suggestion"], "did you mean `mailbox`?");
}

TEST(Diagnostics, TakeFindingsOfOtherPhases) {
  Diagnostics diagnostics, other;
  other.add("E202", Span{"topology.yaml", 1, 1, 1}, "orders.so not found; searched: A, B");
  diagnostics.append(other);
  EXPECT_TRUE(diagnostics.has_errors());
  EXPECT_EQ(diagnostics.list()[0].line(),
            "topology.yaml:1:1: error[E202]: orders.so not found; searched: A, B");
}

}  // namespace
}  // namespace actord::host
