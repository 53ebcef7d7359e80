#include "topology/environment.hpp"

#include <gtest/gtest.h>

#include "support/topology_text.hpp"

namespace actord::host {
namespace {

Substitution run(std::string_view text) {
  return substitute(
      text, testing::environment({{"DATA", "/srv"}, {"EMPTY", ""}, {"TRICK", "${DATA}: {a: b}"}}));
}

TEST(Environment, ReplacesAndEscapes) {
  EXPECT_EQ(run("${DATA}/x").text, "/srv/x");
  EXPECT_EQ(run("a$$b $5 $").text, "a$b $5 $");
  EXPECT_EQ(run("$${DATA}").text, "${DATA}");
  EXPECT_TRUE(run("${DATA}").changed);
  EXPECT_FALSE(run("plain $5").changed);
}

TEST(Environment, DefaultsMayNest) {
  EXPECT_EQ(run("${NONE:-/var/${NONE:-lib}}").text, "/var/lib");
  EXPECT_EQ(run("${EMPTY:-full}").text, "full");
  EXPECT_EQ(run("${EMPTY}").text, "");
  EXPECT_EQ(run("${NONE:-}").text, "");
  EXPECT_EQ(run("${DATA:-${NONE}}").text, "/srv");  // a default that is not used need not exist
}

// Operator pain 17: a value is never expanded twice and never becomes structure.
TEST(Environment, IsOnePass) { EXPECT_EQ(run("${TRICK}").text, "${DATA}: {a: b}"); }

TEST(Environment, NamesEveryProblem) {
  EXPECT_EQ(run("${NONE} ${ALSO}").problems.size(), 2u);
  EXPECT_EQ(run("${NONE}").problems.at(0),
            "environment variable NONE is not set; export it or write ${NONE:-default}");
  for (const char* text : {"${", "${DATA", "${}", "${1A}", "${A B}", "${DATA-x}"}) {
    EXPECT_EQ(run(text).problems.size(), 1u) << text;
  }
}

TEST(Environment, BoundsTheNesting) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "${NONE:-";
  text += std::string(1000, '}');
  EXPECT_EQ(run(text).problems.size(), 1u);
}

}  // namespace
}  // namespace actord::host
