#include "base/uuid.hpp"

#include <gtest/gtest.h>

#include <set>
#include <thread>
#include <vector>

#include "support/manual_clock.hpp"

namespace actord::host {
namespace {

TEST(Uuid, IdsGrowWithinAndAcrossMilliseconds) {
  ManualClock clock;
  UuidSource source(clock, Random(1));
  Uuid last = source.next();
  for (int i = 0; i < 20'000; ++i) {  // more than the counter's 4,096 in one millisecond
    const Uuid next = source.next();
    ASSERT_LT(last, next);
    ASSERT_LT(last.text(), next.text()) << "the text sorts alike";
    last = next;
    if (i % 7'000 == 0) clock.advance_ms(1);
  }
}

class BackwardsClock final : public Clock {
 public:
  uint64_t now_ns() override { return 0; }
  int64_t unix_ms() override { return time -= 1'000; }
  int64_t time = 1'700'000'000'000;
};

TEST(Uuid, IdsGrowEvenWhenTheWallClockGoesBack) {
  BackwardsClock clock;
  UuidSource source(clock, Random(1));
  Uuid last = source.next();
  for (int i = 0; i < 100; ++i) {
    const Uuid next = source.next();
    ASSERT_LT(last, next);
    last = next;
  }
}

TEST(Uuid, VersionVariantAndTimeAreWhereTheRfcPutsThem) {
  ManualClock clock;
  UuidSource source(clock, Random(1));
  const Uuid uuid = source.next();
  EXPECT_EQ(uuid.hi >> 12 & 0xf, 7u);
  EXPECT_EQ(uuid.lo >> 62, 2u);
  EXPECT_EQ(static_cast<int64_t>(uuid.hi >> 16), clock.unix_ms());
  EXPECT_EQ(uuid.text()[14], '7');
}

TEST(Uuid, ThreadsNeverGetTheSameId) {
  SystemClock clock;
  UuidSource source(clock, Random(1));
  std::vector<std::vector<Uuid>> made(4);
  std::vector<std::thread> threads;
  for (auto& mine : made) {
    threads.emplace_back([&] {
      for (int i = 0; i < 5'000; ++i) mine.push_back(source.next());
    });
  }
  for (auto& thread : threads) thread.join();
  std::set<Uuid> all;
  for (const auto& mine : made) all.insert(mine.begin(), mine.end());
  EXPECT_EQ(all.size(), 20'000u);
}

TEST(Uuid, TextAndParseAreInverse) {
  const Uuid uuid{0x0123456789ab7def, 0x8123456789abcdef};
  EXPECT_EQ(uuid.text(), "01234567-89ab-7def-8123-456789abcdef");
  EXPECT_EQ(Uuid::parse(uuid.text()), uuid);
  EXPECT_EQ(Uuid::parse("01234567-89AB-7DEF-8123-456789ABCDEF"), uuid);
}

TEST(Uuid, ParseRefusesWhatIsNone) {
  for (const char* text :
       {"", "01234567-89ab-7def-8123-456789abcde", "01234567-89ab-7def-8123-456789abcdef0",
        "0123456789ab-7def-8123-456789abcdef--", "g1234567-89ab-7def-8123-456789abcdef",
        "01234567+89ab-7def-8123-456789abcdef", "01234567-89ab-7def-8123-4567-9abcdef"}) {
    EXPECT_EQ(Uuid::parse(text), std::nullopt) << text;
  }
  EXPECT_TRUE(Uuid().is_nil());
}

}  // namespace
}  // namespace actord::host
