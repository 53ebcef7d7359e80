#include "topology/quantity.hpp"

#include <gtest/gtest.h>

namespace actord::host {
namespace {

TEST(Duration, ReadsUnitsAndTheirSequence) {
  EXPECT_EQ(parse_duration("250ms").value(), 250u);
  EXPECT_EQ(parse_duration("1h30m").value(), 5'400'000u);
  EXPECT_EQ(parse_duration("30d").value(), 2'592'000'000u);
  EXPECT_EQ(parse_duration("0s").value(), 0u);
}

TEST(Duration, RefusesWithTheWayToWriteIt) {
  EXPECT_EQ(parse_duration("30").error().text, "has no unit; write 30s or 30ms");
  EXPECT_EQ(parse_duration("30sec").error().text, "has no unit known here; write 30s");
  for (const char* text : {"", "s", "-1s", "1.5s", "1s1s", "1s1m", "1 s", "soon", "30MiB"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

TEST(Duration, RefusesMoreThanAHundredYears) {
  EXPECT_TRUE(parse_duration("36500d"));
  EXPECT_FALSE(parse_duration("36501d"));
  EXPECT_FALSE(parse_duration("99999999999999999999s"));
}

TEST(Size, ReadsBinaryUnits) {
  EXPECT_EQ(parse_size("512B").value(), 512u);
  EXPECT_EQ(parse_size("256MiB").value(), 256ull << 20);
  EXPECT_EQ(parse_size("64kb").error().text, "has no unit known here; write 64KiB");
  EXPECT_EQ(parse_size("64").error().text, "has no unit; write 64MiB or 64KiB");
  EXPECT_FALSE(parse_size("1KiB1B"));
  EXPECT_FALSE(parse_size("99999999TiB"));
}

TEST(QuantityText, ReadsBackTheSame) {
  for (const uint64_t ms : {0ull, 1ull, 999ull, 1'000ull, 90'000ull, 86'400'000ull}) {
    EXPECT_EQ(parse_duration(duration_text(ms)).value(), ms);
  }
  for (const uint64_t bytes : {0ull, 1ull, 1'024ull, 1'500ull, 1ull << 30}) {
    EXPECT_EQ(parse_size(size_text(bytes)).value(), bytes);
  }
  EXPECT_EQ(duration_text(20'000), "20s");
  EXPECT_EQ(size_text(64ull << 20), "64MiB");
}

}  // namespace
}  // namespace actord::host
