// What to do about a failure: policy, history and time in, a directive out.
#include "runtime/supervision.hpp"

#include <gtest/gtest.h>

namespace actord::host {
namespace {

class SupervisionTest : public ::testing::Test {
 protected:
  SupervisionTest() {
    options.backoff = {100, 1'000, 2.0, 0.0, 60'000};
    options.limit = {3, 5'000, Directive::kEscalate};
  }
  Decision fail_at(uint64_t now_ms, FailureClass failure = FailureClass::kPermanent) {
    return decide(options, {failure, ACTORD_FAIL_PERMANENT, "", "", 0}, now_ms, history, random);
  }
  SupervisionOptions options;
  FailureHistory history;
  Random random{3};
};

TEST_F(SupervisionTest, Trap23AFourthFailureWithin5000MsOfTheFirstIsOneTooMany) {
  for (const uint64_t ms : {10'000, 11'000, 12'000})
    EXPECT_EQ(fail_at(ms).directive, Directive::kRestart);
  EXPECT_EQ(fail_at(15'000).directive, Directive::kEscalate);
}

TEST_F(SupervisionTest, Trap23At5001MsItIsNot) {
  for (const uint64_t ms : {10'000, 11'000, 12'000})
    EXPECT_EQ(fail_at(ms).directive, Directive::kRestart);
  EXPECT_EQ(fail_at(15'001).directive, Directive::kRestart);
}

TEST_F(SupervisionTest, TheWindowSlides) {
  for (uint64_t i = 0; i < 50; ++i)
    EXPECT_EQ(fail_at(10'000 + i * 1'667).directive, Directive::kRestart) << i;
}

TEST_F(SupervisionTest, TheDecisionCountsTheRestartsInTheWindow) {
  EXPECT_EQ(fail_at(1'000).in_window, 1u);
  EXPECT_EQ(fail_at(2'000).in_window, 2u);
  EXPECT_EQ(fail_at(20'000).in_window, 1u);
}

TEST_F(SupervisionTest, AtTheLimitTheDirectiveIsTheOneChosen) {
  options.limit.restarts = 0;
  const std::pair<Directive, Directive> rows[] = {{Directive::kPark, Directive::kPark},
                                                  {Directive::kEscalate, Directive::kEscalate},
                                                  {Directive::kStop, Directive::kStop},
                                                  {Directive::kStopHost, Directive::kStopHost}};
  for (const auto& [then, directive] : rows) {
    options.limit.then = then;
    EXPECT_EQ(fail_at(1'000).directive, directive);
  }
}

TEST_F(SupervisionTest, NeverMeansNever) {
  options.restart = RestartType::kNever;
  EXPECT_EQ(fail_at(1'000).directive, Directive::kStop);
  EXPECT_EQ(fail_at(1'000, FailureClass::kConfig).directive, Directive::kStop);
}

TEST_F(SupervisionTest, WhatNeedsAnOperatorIsParkedAtOnce) {
  EXPECT_EQ(fail_at(1'000, FailureClass::kConfig).directive, Directive::kPark);
  EXPECT_EQ(fail_at(1'000, FailureClass::kHydration).directive, Directive::kPark);
  EXPECT_EQ(fail_at(1'000, FailureClass::kStart).directive, Directive::kRestart);
  EXPECT_EQ(fail_at(1'000, FailureClass::kPoison).directive, Directive::kRestart);
}

TEST_F(SupervisionTest, DelaysGrowToTheMaximum) {
  options.limit.restarts = 100;
  for (const uint64_t delay : {100, 200, 400, 800, 1'000, 1'000})
    EXPECT_EQ(fail_at(1'000).delay_ms, delay);
}

TEST_F(SupervisionTest, Trap26AHealthyPeriodSinceThatRestartResetsTheDelay) {
  options.limit.restarts = 100;
  EXPECT_EQ(fail_at(1'000).delay_ms, 100u);
  history.running_since_ms = 1'100;
  EXPECT_EQ(fail_at(1'100 + 59'999).delay_ms, 200u) << "one millisecond too early";
  history.running_since_ms = 61'500;
  EXPECT_EQ(fail_at(61'500 + 60'000).delay_ms, 100u);
  EXPECT_EQ(fail_at(999'999).delay_ms, 200u) << "it has not run since: failed starts count on";
}

TEST_F(SupervisionTest, Trap25DelaysLieWithinTheJitterAndSaturate) {
  BackoffOptions backoff{200, 30'000, 2.0, 0.2, 60'000};
  for (uint32_t attempt : {0u, 1u, 5u, 7u, 8u, 50u, 1'000u, UINT32_MAX}) {
    const double base =
        attempt > 7 ? 30'000.0 : std::min(30'000.0, 200.0 * static_cast<double>(1u << attempt));
    uint64_t least = UINT64_MAX, most = 0;
    for (int i = 0; i < 2'000; ++i) {
      const uint64_t delay = backoff_delay_ms(backoff, attempt, random);
      least = std::min(least, delay);
      most = std::max(most, delay);
    }
    EXPECT_GE(static_cast<double>(least), base * 0.8 - 1) << attempt;
    EXPECT_LE(static_cast<double>(most), base * 1.2 + 1) << attempt;
    EXPECT_LT(static_cast<double>(least), base * 0.85) << attempt << ": the jitter is used";
    EXPECT_GT(static_cast<double>(most), base * 1.15) << attempt;
  }
}

TEST_F(SupervisionTest, OddBackoffsStayInBounds) {
  EXPECT_EQ(backoff_delay_ms({0, 1'000, 2.0, 0.5, 0}, 40, random), 0u);
  EXPECT_EQ(backoff_delay_ms({5'000, 1'000, 2.0, 0.0, 0}, 0, random), 1'000u);
  EXPECT_EQ(backoff_delay_ms({100, 1'000, 1.0, 0.0, 0}, UINT32_MAX, random), 100u);
  EXPECT_EQ(backoff_delay_ms({0, 1'000, 10.0, 0.0, 0}, UINT32_MAX, random), 0u)
      << "0 times infinity";
  EXPECT_LE(backoff_delay_ms({1'000, 1'000, 2.0, 1.0, 0}, 3, random), 2'000u);
}

}  // namespace
}  // namespace actord::host
