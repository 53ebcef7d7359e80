#include <gtest/gtest.h>

#include "base/bytes.hpp"
#include "base/crc32c.hpp"
#include "base/symbol.hpp"
#include "base/uuid.hpp"
#include "support/manual_clock.hpp"

namespace actord::host {
namespace {

TEST(Crc32c, KnownVectors) {
  EXPECT_EQ(crc32c(0, "123456789"), 0xe3069283u);
  EXPECT_EQ(crc32c(0, std::string(32, '\0')), 0x8a9136aau);
}

TEST(Crc32c, ContinuesWhereItStopped) {
  EXPECT_EQ(crc32c(crc32c(0, "12345"), "6789"), crc32c(0, "123456789"));
}

TEST(Uuid, GrowsWhileTheClockStandsStillOrGoesBack) {
  ManualClock clock;
  UuidSource source(clock, Random(1));
  Uuid last = source.next();
  for (int i = 0; i < 10'000; ++i) {
    const Uuid next = source.next();
    EXPECT_LT(last.hi, next.hi);
    last = next;
  }
}

TEST(Uuid, IsVersion7AndReadsItsOwnText) {
  ManualClock clock;
  UuidSource source(clock, Random(1));
  const Uuid uuid = source.next();
  EXPECT_EQ(uuid.text()[14], '7');
  EXPECT_EQ(Uuid::parse(uuid.text()), uuid);
  EXPECT_FALSE(Uuid::parse("no uuid"));
}

TEST(Symbol, TheSameNameIsTheSameSymbol) {
  EXPECT_EQ(*Symbol::intern("orders.Placed"), *Symbol::intern(std::string("orders.Placed")));
  EXPECT_FALSE(Symbol::intern(std::string(129, 'x')));
}

TEST(Bytes, SharesWithoutCopying) {
  const Bytes one("payload");
  const Bytes two = one;
  EXPECT_EQ(one.view().data(), two.view().data());
  EXPECT_EQ(two.view(), "payload");
}

}  // namespace
}  // namespace actord::host
