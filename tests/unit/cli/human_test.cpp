#include "cli/human.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

namespace actord::host {
namespace {

constexpr uint64_t kHour = 3'600'000;

TEST(Human, CountsAreGrouped) {
  EXPECT_EQ(count_text(0), "0");
  EXPECT_EQ(count_text(999), "999");
  EXPECT_EQ(count_text(41'212), "41 212");
  EXPECT_EQ(count_text(1'000'000), "1 000 000");
  EXPECT_EQ(plural(1, "restart"), "1 restart");
  EXPECT_EQ(plural(0, "restart"), "0 restarts");
}

TEST(Human, SizesAndTimesHaveTheUnitThatFits) {
  EXPECT_EQ(bytes_text(312), "312 B");
  EXPECT_EQ(bytes_text(3'500), "3.4 KiB");
  EXPECT_EQ(bytes_text(212ull << 20), "212 MiB");
  EXPECT_EQ(bytes_text(UINT64_MAX), "16777216 TiB");
  EXPECT_EQ(duration_text(200), "200ms");
  EXPECT_EQ(duration_text(1'600), "1.6s");
  EXPECT_EQ(duration_text(300'000), "5m");
  EXPECT_EQ(duration_text(4 * kHour + 720'000), "4h 12m");
  EXPECT_EQ(microseconds_text(840), "840 us");
  EXPECT_EQ(microseconds_text(2'000), "2.0 ms");
  EXPECT_EQ(microseconds_text(45'300), "45 ms");
  EXPECT_EQ(uptime_text(42'000), "42s");
  EXPECT_EQ(uptime_text(725'000), "12m 05s");
  EXPECT_EQ(uptime_text(76 * kHour + 720'000), "3d 04:12");
}

TEST(Human, RecentTimesHaveNoDate) {
  ::setenv("TZ", "UTC", 1);
  ::tzset();
  const int64_t when = 1'709'284'801'000;  // 2024-03-01 09:20:01
  EXPECT_EQ(clock_text(when, when + 5'000), "09:20:01");
  EXPECT_EQ(clock_text(when, when + 25 * static_cast<int64_t>(kHour)), "2024-03-01 09:20:01");
  EXPECT_EQ(clock_text(when, when - 5'000), "2024-03-01 09:20:01");
  EXPECT_EQ(clock_text(0, when), "-");
}

TEST(Human, DurationsWantAUnit) {
  EXPECT_EQ(*parse_duration("500ms", "--since"), 500u);
  EXPECT_EQ(*parse_duration("5s", "--since"), 5'000u);
  EXPECT_EQ(*parse_duration("2m", "--since"), 120'000u);
  EXPECT_EQ(*parse_duration("1h", "--since"), kHour);
  EXPECT_EQ(*parse_duration("7d", "--since"), 168 * kHour);
  EXPECT_EQ(parse_duration("30", "--since").error().text,
            "--since \"30\" has no unit; write e.g. 30s or 30ms");
  for (const char* bad : {"", "s", "-5s", "5 s", "5x", "99999999999999999999s", "1.5s"}) {
    const auto refused = parse_duration(bad, "--since");
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().code, ACTORD_E_INVALID);
  }
}

TEST(Human, ForeignTextCannotCommandTheTerminal) {
  EXPECT_EQ(printable("a\x1b[2Jb\n\x7f"), "a\\x1b[2Jb\\x0a\\x7f");
  EXPECT_EQ(printable("\xc2\x9b"
                      "31m"),
            "\\x9b31m");
  EXPECT_EQ(printable("Zürich"), "Zürich");
  EXPECT_EQ(printable_lines("a\n\tb\r"), "a\n\tb\\x0d");
  EXPECT_EQ(first_line("one\ntwo"), "one");
}

TEST(Human, WidthsCountCharacters) {
  EXPECT_EQ(columns_of("Zürich"), 6u);
  EXPECT_EQ(shortened("Zürich", 6), "Zürich");
  EXPECT_EQ(shortened("Zürich", 3), "Zü…");
  EXPECT_EQ(shortened("", 3), "");
}

}  // namespace
}  // namespace actord::host
