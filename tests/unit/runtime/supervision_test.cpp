#include "runtime/supervision.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace actord::host {
namespace {

SupervisionOptions three_in_five_seconds() {
  SupervisionOptions options;
  options.limit = {3, 5'000, AtLimit::kPark};
  return options;
}

Directive fail(const SupervisionOptions& options, FailureHistory& history, uint64_t now_ms,
               FailureClass failure = FailureClass::kPermanent) {
  Random random(1);
  return decide(options, {failure, ACTORD_FAIL_PERMANENT, "x", {}, 0}, now_ms, history, random).directive;
}

TEST(Supervision, Trap23TheFourthCrashWithin5000MsIsTooMany) {
  FailureHistory history;
  const auto options = three_in_five_seconds();
  for (const uint64_t at : {1'000, 2'000, 3'000}) EXPECT_EQ(fail(options, history, at), Directive::kRestart);
  EXPECT_EQ(fail(options, history, 6'000), Directive::kPark);
}

TEST(Supervision, Trap23At5001MsTheFirstCrashIsForgotten) {
  FailureHistory history;
  const auto options = three_in_five_seconds();
  for (const uint64_t at : {1'000, 2'000, 3'000}) EXPECT_EQ(fail(options, history, at), Directive::kRestart);
  EXPECT_EQ(fail(options, history, 6'001), Directive::kRestart);
}

TEST(Supervision, Trap25DelaysGrowToTheMaximumAndNeverOverflow) {
  const BackoffOptions options{200, 30'000, 2.0, 0.2, 60'000};
  Random random(42);
  for (uint32_t attempt = 0; attempt < 5'000; ++attempt) {
    const double base = std::min(200.0 * std::pow(2.0, std::min(attempt, 60u)), 30'000.0);
    const uint64_t delay = backoff_delay_ms(options, attempt, random);
    EXPECT_GE(delay, base * 0.8 - 1) << attempt;
    EXPECT_LE(delay, base * 1.2 + 1) << attempt;
  }
}

TEST(Supervision, Trap26OnlyAHealthyPeriodResetsTheDelay) {
  FailureHistory history;
  SupervisionOptions options;
  options.backoff.jitter = 0;
  Random random(1);
  const Failure failure;
  const auto delay = [&](uint64_t now) { return decide(options, failure, now, history, random).delay_ms; };
  EXPECT_EQ(delay(1'000), 200u);
  history.running_since_ms = 1'200;
  EXPECT_EQ(delay(61'199), 400u);  // ran for 59,999 ms
  history.running_since_ms = 61'599;
  EXPECT_EQ(delay(121'599), 200u);  // ran for 60,000 ms
}

TEST(Supervision, Law10UnreadableStateParksAtOnce) {
  FailureHistory history;
  EXPECT_EQ(fail({}, history, 1, FailureClass::kHydration), Directive::kPark);
  EXPECT_EQ(fail({}, history, 1, FailureClass::kConfig), Directive::kPark);
}

TEST(Supervision, NeverMeansStop) {
  FailureHistory history;
  SupervisionOptions options;
  options.restart = RestartType::kNever;
  EXPECT_EQ(fail(options, history, 1), Directive::kStop);
}

}  // namespace
}  // namespace actord::host
