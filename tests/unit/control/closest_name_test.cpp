#include "control/closest_name.hpp"

#include <gtest/gtest.h>

namespace actord::host {
namespace {

const std::vector<std::string> kNames = {"status", "start", "stop", "describe", "ps"};

TEST(ClosestName, FindsASlipOfTheFinger) {
  EXPECT_EQ(closest_name("statsu", kNames), "status");
  EXPECT_EQ(closest_name("descripe", kNames), "describe");
  EXPECT_EQ(closest_name("pss", kNames), "ps");
  EXPECT_EQ(did_you_mean("stat", kNames), ", did you mean \"start\"?");
}

TEST(ClosestName, SuggestsNothingFarAway) {
  EXPECT_EQ(closest_name("journal", kNames), std::nullopt);
  EXPECT_EQ(closest_name(std::string(1'000'000, 's'), kNames), std::nullopt);
  EXPECT_EQ(closest_name("", {}), std::nullopt);
  EXPECT_EQ(did_you_mean("journal", kNames), "");
}

}  // namespace
}  // namespace actord::host
