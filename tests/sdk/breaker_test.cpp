// Breaker: the machine alone, with a clock of numbers.
#include "actord/breaker.hpp"

#include <gtest/gtest.h>

namespace {

using actord::Breaker, actord::BreakerOptions;
using State = Breaker::State;

BreakerOptions quick() {
  BreakerOptions options;
  options.failures = 3;
  options.cool_down_ms = 100;
  options.cool_down_max_ms = 350;
  return options;
}

void fail(Breaker& breaker, int times, uint64_t now_ms) {
  for (int i = 0; i < times; ++i) breaker.failed(*breaker.admit(now_ms), now_ms);
}

TEST(BreakerTest, OpensAfterSoManyFailuresInARow) {
  Breaker breaker(quick());
  fail(breaker, 2, 10);
  breaker.succeeded(*breaker.admit(10), 10);
  fail(breaker, 2, 10);
  EXPECT_EQ(breaker.state(), State::kClosed);
  fail(breaker, 1, 10);
  EXPECT_EQ(breaker.state(), State::kOpen);
  EXPECT_FALSE(breaker.admit(109));
  EXPECT_EQ(breaker.retry_at_ms(), 110u);
}

TEST(BreakerTest, Trap52HalfOpenAdmitsExactlyOne) {
  Breaker breaker(quick());
  fail(breaker, 3, 0);
  const auto probe = breaker.admit(100);
  ASSERT_TRUE(probe);
  EXPECT_EQ(breaker.state(), State::kHalfOpen);
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(breaker.admit(100 + i));
  breaker.succeeded(*probe, 200);
  EXPECT_EQ(breaker.state(), State::kClosed);
  EXPECT_TRUE(breaker.admit(200));
}

TEST(BreakerTest, Trap52ALateResultFromBeforeTheOpeningChangesNothing) {
  Breaker breaker(quick());
  const auto early = breaker.admit(0), later = breaker.admit(0);
  fail(breaker, 3, 1);
  breaker.succeeded(*early, 2);
  EXPECT_EQ(breaker.state(), State::kOpen);
  const auto probe = breaker.admit(101);
  breaker.succeeded(*early, 102);
  breaker.failed(*later, 102);
  EXPECT_EQ(breaker.state(), State::kHalfOpen) << "the probe decides";
  breaker.succeeded(*probe, 103);
  breaker.failed(*later, 104);
  EXPECT_EQ(breaker.failures(), 0u);
}

TEST(BreakerTest, EachFailedProbeMakesTheCoolDownLongerUpToALimit) {
  Breaker breaker(quick());
  fail(breaker, 3, 0);
  uint64_t now = 100;
  for (const uint64_t expected : {200u, 350u, 350u}) {
    breaker.failed(*breaker.admit(now), now);
    EXPECT_EQ(breaker.retry_at_ms(), now + expected);
    now = breaker.retry_at_ms();
  }
  breaker.succeeded(*breaker.admit(now), now);
  fail(breaker, 3, now);
  EXPECT_EQ(breaker.retry_at_ms(), now + 100) << "short again";
}

TEST(BreakerTest, OpensAtARateOfTheLastCalls) {
  BreakerOptions options = quick();
  options.failures = 0;
  options.window = 4;
  options.failure_rate = 0.5;
  Breaker breaker(options);
  for (int round = 0; round < 3; ++round) {
    fail(breaker, 1, 0);
    for (int i = 0; i < 3; ++i) breaker.succeeded(*breaker.admit(0), 0);
  }
  EXPECT_EQ(breaker.state(), State::kClosed) << "one in four";
  fail(breaker, 1, 0);
  EXPECT_EQ(breaker.state(), State::kClosed);
  fail(breaker, 1, 0);
  EXPECT_EQ(breaker.state(), State::kOpen) << "two in four";
}

TEST(BreakerTest, ASlowCallHasFailed) {
  BreakerOptions options = quick();
  options.slow_ms = 50;
  Breaker breaker(options);
  for (int i = 0; i < 3; ++i) {
    const auto call = breaker.admit(0);
    breaker.succeeded(*call, i < 2 ? 51 : 50);
  }
  EXPECT_EQ(breaker.state(), State::kClosed);
  EXPECT_EQ(breaker.failures(), 0u);
  for (int i = 0; i < 3; ++i) breaker.succeeded(Breaker::Call(*breaker.admit(0)), 51);
  EXPECT_EQ(breaker.state(), State::kOpen);
}

TEST(BreakerTest, AProbeThatIsForgottenMakesRoomForAnother) {
  Breaker breaker(quick());
  fail(breaker, 3, 0);
  const auto probe = breaker.admit(100);
  breaker.forgotten(*probe);
  const auto second = breaker.admit(100);
  ASSERT_TRUE(second);
  breaker.succeeded(*probe, 101);
  EXPECT_EQ(breaker.state(), State::kHalfOpen);
  breaker.succeeded(*second, 101);
  EXPECT_EQ(breaker.state(), State::kClosed);
}

}  // namespace
