#include "base/status.hpp"

#include <gtest/gtest.h>

#include <set>

#include "base/assert.hpp"
#include "base/clock.hpp"
#include "base/random.hpp"

namespace actord::host {
namespace {

TEST(Status, EveryCodeHasANameAMeaningAndANumberOfItsOwn) {
  std::set<int> numbers;
#define ACTORD_STATUS(name, number, meaning)    \
  EXPECT_EQ(status_name(number), #name);        \
  EXPECT_FALSE(status_meaning(number).empty()); \
  EXPECT_TRUE(numbers.insert(number).second) << #name;
#include "actord/status.def"
#undef ACTORD_STATUS
  EXPECT_EQ(status_name(-999), "UNKNOWN");
  EXPECT_FALSE(status_meaning(12345).empty());
}

TEST(Status, ACodeIsFoundByNameAndByNumber) {
  for (const char* text : {"E_TIMEOUT", "e_timeout", "ACTORD_E_TIMEOUT", "-52"}) {
    ASSERT_NE(find_status(text), nullptr) << text;
    EXPECT_EQ(find_status(text)->number, ACTORD_E_TIMEOUT);
  }
  for (const char* text : {"", "E_", "ACTORD_", "52", "E102"})
    EXPECT_EQ(find_status(text), nullptr) << text;
}

Result<int> half(int n) {
  if (n % 2 != 0) return Error{ACTORD_E_INVALID, "odd"};
  return n / 2;
}
Result<int> quarter(int n) {
  ACTORD_TRY_ASSIGN(const int h, half(n));
  ACTORD_TRY_ASSIGN(const int q, half(h));
  return q;
}

TEST(Result, IsAValueOrAnErrorAndTryPassesItOn) {
  EXPECT_EQ(*quarter(8), 2);
  EXPECT_EQ(quarter(6).error().text, "odd");
  EXPECT_EQ(quarter(6).value_or(-1), -1);
  EXPECT_EQ(*half(8).and_then(half), 2);
  EXPECT_EQ(half(6).and_then(half).error().code, ACTORD_E_INVALID);
  EXPECT_TRUE(Result<void>());
  EXPECT_FALSE(Result<void>(Error{}));
}

TEST(AssertDeathTest, AFailedAssertionNamesTheConditionAndThePlace) {
  EXPECT_DEATH(ACTORD_ASSERT(1 + 1 == 3), "assertion failed: 1 \\+ 1 == 3 .*status_test.cpp");
}

TEST(Clock, TheMonotonicClockNeverGoesBackAndLaterNeverWraps) {
  SystemClock clock;
  const uint64_t first = clock.now_ns();
  EXPECT_GE(clock.now_ns(), first);
  EXPECT_GT(clock.unix_ms(), 1'600'000'000'000);
  EXPECT_EQ(later_ms(5, 10), 15u);
  EXPECT_EQ(later_ms(5, UINT64_MAX), UINT64_MAX);
  EXPECT_EQ(later_ms(UINT64_MAX, 1), UINT64_MAX);
}

TEST(Random, OneSeedIsOneSequenceAndTheUnitStaysBelowOne) {
  Random a(42), b(42), c(43);
  EXPECT_EQ(a.next(), b.next());
  EXPECT_NE(a.next(), c.next());
  for (int i = 0; i < 10'000; ++i) {
    const double unit = a.unit();
    ASSERT_GE(unit, 0.0);
    ASSERT_LT(unit, 1.0);
  }
  EXPECT_NE(Random::from_system().next(), Random::from_system().next());
}

}  // namespace
}  // namespace actord::host
