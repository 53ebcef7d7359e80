#include "base/log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <sstream>

namespace actord::host {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

std::vector<std::string> lines(log::Level level, log::Format format,
                               const std::function<void()>& work) {
  ::testing::internal::CaptureStderr();
  log::configure(level, format);
  work();
  std::istringstream text(::testing::internal::GetCapturedStderr());
  log::set_level(log::Level::kOff);
  std::vector<std::string> found;
  for (std::string line; std::getline(text, line);) found.push_back(line);
  return found;
}

TEST(Log, AJsonLineIsOneObjectWithItsFields) {
  const auto written = lines(log::Level::kInfo, log::Format::kJson, [] {
    log::warn(
        "actor.restart", "a \"quoted\" text\nof two lines",
        {{"actor", "/a"}, {"attempt", 3u}, {"persistent", true}, {"cause", std::string("x=\t1")}});
  });
  ASSERT_THAT(written, SizeIs(1));
  const auto line = nlohmann::json::parse(written[0]);
  EXPECT_EQ(line["level"], "warn");
  EXPECT_EQ(line["event"], "actor.restart");
  EXPECT_EQ(line["message"], "a \"quoted\" text\nof two lines");
  EXPECT_EQ(line["actor"], "/a");
  EXPECT_EQ(line["attempt"], 3);
  EXPECT_EQ(line["persistent"], true);
  EXPECT_EQ(line["cause"], "x=\t1");
  EXPECT_TRUE(line.contains("ts"));
}

TEST(Log, BytesThatAreNoTextStayALine) {
  const auto written = lines(log::Level::kInfo, log::Format::kJson, [] {
    log::info("x", "\xff\xfe", {{"payload", std::string("\x00\xc3\n", 3)}, {"brace", "{} {0} %v"}});
  });
  ASSERT_THAT(written, SizeIs(1));
  EXPECT_EQ(nlohmann::json::parse(written[0])["brace"], "{} {0} %v");
}

TEST(Log, APrettyLineIsOneLineForPeople) {
  const auto written = lines(log::Level::kInfo, log::Format::kPretty, [] {
    log::error("actor.parked", "actor is parked",
               {{"actor", "/a"}, {"cause", "two words"}, {"empty", ""}});
    log::error("x", "text\nwith a forged line", {{"payload", std::string("\x1b[31mred")}});
  });
  ASSERT_THAT(written, SizeIs(2));
  EXPECT_THAT(written[0], HasSubstr("actor is parked  actor=/a  cause=\"two words\"  empty=\"\""));
  EXPECT_THAT(written[0], EndsWith("[actor.parked]"));
  EXPECT_THAT(written[1], HasSubstr("text\\nwith a forged line"));
  EXPECT_THAT(written[1], Not(HasSubstr("\x1b[31mred"))) << "no message paints the terminal";
}

TEST(Log, LinesBelowTheLevelAreNotWritten) {
  const auto written = lines(log::Level::kWarn, log::Format::kPretty, [] {
    EXPECT_FALSE(log::enabled(log::Level::kInfo));
    EXPECT_TRUE(log::enabled(log::Level::kError));
    log::debug("x", "no");
    log::info("x", "no");
    log::warn("x", "yes");
    log::set_level(log::Level::kOff);
    log::error("x", "no");
  });
  EXPECT_THAT(written, SizeIs(1));
}

}  // namespace
}  // namespace actord::host
