#include <gtest/gtest.h>

#include "support/topology_text.hpp"

namespace actord::host {
namespace {

using testing::check;
using testing::Files;
using testing::memory_reader;

std::string lines(const Files& files) { return check("t.yaml", memory_reader(files)).lines(); }

TEST(Include, AppendsInSortedOrderAfterTheMainFile) {
  const auto checked =
      check("t.yaml", memory_reader({{"t.yaml",
                                      "version: 1\ninclude: [conf.d/*.yaml]\nplugins: {orders: "
                                      "{}}\nactors: {m: {kind: orders.Ledger}}\n"},
                                     {"conf.d/b.yaml", "actors: {b: {kind: orders.Ledger}}\n"},
                                     {"conf.d/a.yaml", "actors: {a: {kind: orders.Ledger}}\n"}}));
  ASSERT_TRUE(checked.spec) << checked.rendered();
  std::string order;
  for (const auto& actor : checked.spec->actors) order += actor.start.path.text();
  EXPECT_EQ(order, "/m/a/b");
  EXPECT_EQ(checked.spec->actors[1].span.text(), "conf.d/a.yaml:1:10");
  EXPECT_EQ(checked.loaded.files.size(), 3u);
}

TEST(Include, NamesAreRelativeToTheIncludingFile) {
  const auto checked =
      check("/etc/t.yaml", memory_reader({{"/etc/t.yaml", "version: 1\ninclude: [sub/a.yaml]\n"},
                                          {"/etc/sub/a.yaml", "include: b.yaml\n"},
                                          {"/etc/sub/b.yaml", "x-note: here\n"}}));
  EXPECT_TRUE(checked.spec) << checked.rendered();
}

TEST(Include, OneNameInTwoFilesIsAnErrorNamingBoth) {
  EXPECT_EQ(
      lines({{"t.yaml",
              "version: 1\ninclude: [b.yaml]\nhost: {name: a}\nplugins: {orders: {}}\nactors:\n  "
              "x: {kind: orders.Ledger}\n"},
             {"b.yaml",
              "host: {name: b}\nplugins: {orders: {}}\nactors:\n  x: {kind: orders.Ledger}\n"}}),
      "b.yaml:1:1: error[E103]: key \"host\" is already given at t.yaml:3:1\n"
      "b.yaml:2:11: error[E103]: plugin orders is already defined at t.yaml:4:11\n"
      "b.yaml:4:3: error[E103]: actor /x is already defined at t.yaml:6:3\n");
}

TEST(Include, ACycleIsAnError) {
  EXPECT_EQ(
      lines({{"t.yaml", "version: 1\ninclude: [a.yaml]\n"}, {"a.yaml", "include: [t.yaml]\n"}}),
      "a.yaml:1:11: error[E107]: include cycle: t.yaml -> a.yaml -> t.yaml\n");
}

TEST(Include, AFileThatTwoPatternsMatchIsReadOnce) {
  EXPECT_EQ(lines({{"t.yaml", "version: 1\ninclude: [a.yaml, '*/../a.yaml', ./a.yaml]\n"},
                   {"a.yaml", "plugins: {orders: {}}\n"}}),
            "");
}

TEST(Include, AMissingPlainNameIsAnErrorAndAPatternIsNot) {
  EXPECT_EQ(lines({{"t.yaml", "version: 1\ninclude: [none.yaml, conf.d/*.yaml]\n"}}),
            "t.yaml:2:11: error[E107]: none.yaml: No such file or directory\n");
}

TEST(Include, AMissingMainFileCanBeToldApart) {
  const auto checked = check("none.yaml", memory_reader({}));
  EXPECT_TRUE(checked.loaded.missing);
  EXPECT_FALSE(checked.loaded.document);
  EXPECT_EQ(checked.rendered(),
            "error[E107]: none.yaml: No such file or directory\n--> none.yaml\n1 error in 0 files. "
            "More: actord explain E107\n");
  EXPECT_FALSE(check("t.yaml", memory_reader({{"t.yaml", "a: [\n"}})).loaded.missing);
}

TEST(Include, SyntaxErrorsOfSeveralFilesAreToldTogether) {
  const auto checked =
      check("t.yaml", memory_reader({{"t.yaml", "version: 1\ninclude: [a.yaml, b.yaml]\n"},
                                     {"a.yaml", "a: [\n"},
                                     {"b.yaml", "b: {\n"}}));
  EXPECT_EQ(checked.diagnostics.errors(), 2u);
  EXPECT_FALSE(checked.loaded.document);
}

TEST(Include, EnvironmentAppliesToPatterns) {
  const auto checked = check("t.yaml",
                             memory_reader({{"t.yaml", "version: 1\ninclude: [\"${SITE}.yaml\"]\n"},
                                            {"north.yaml", "host: {name: n}\n"}}),
                             {{"SITE", "north"}});
  ASSERT_TRUE(checked.spec) << checked.rendered();
  EXPECT_EQ(checked.spec->host.name, "n");
}

TEST(Include, AnotherFormatIsRefusedInAnyFile) {
  EXPECT_EQ(lines({{"t.yaml", "version: 1\ninclude: [a.yaml]\n"}, {"a.yaml", "version: 2\n"}}),
            "a.yaml:1:10: error[E104]: \"version\" wants 1\n");
}

TEST(Include, FreeSpaceNeedsNoVariables) {
  EXPECT_EQ(lines({{"t.yaml", "version: 1\nx-note: costs ${WHO} nothing\n"}}), "");
}

}  // namespace
}  // namespace actord::host
