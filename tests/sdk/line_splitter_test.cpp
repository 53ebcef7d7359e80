#include "io/line_splitter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "io/log_file.hpp"
#include "io/utf8.hpp"
#include "temp_dir.hpp"

#include <fstream>

namespace {

using io::Line, io::LineSplitter;

std::vector<Line> drain(LineSplitter& splitter) {
  std::vector<Line> lines;
  while (auto line = splitter.next()) lines.push_back(*line);
  return lines;
}

TEST(LineSplitter, APartialLineWaitsForItsNewline) {
  LineSplitter splitter(100);
  splitter.reset(10);
  splitter.push("one\ntw");
  auto lines = drain(splitter);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0].begin, 10u);
  EXPECT_EQ(lines[0].end, 14u);
  EXPECT_EQ(splitter.rest(), "tw");
  splitter.push("o\n\n");
  lines = drain(splitter);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].text, "two");
  EXPECT_EQ(lines[1].text, "");
  EXPECT_EQ(splitter.read_offset(), 19u);
}

TEST(LineSplitter, TheLimitItselfIsNotTooLong) {
  LineSplitter splitter(5);
  splitter.push("12345\n123456\n");
  const auto lines = drain(splitter);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_FALSE(lines[0].too_long);
  EXPECT_TRUE(lines[1].too_long);
  EXPECT_EQ(lines[1].size(), 6u);
}

TEST(LineSplitter, ALongLineIsSkippedWithoutBeingKept) {
  LineSplitter splitter(5'000);
  for (int i = 0; i < 100; ++i) {
    splitter.push(std::string(1'000, 'x'));
    EXPECT_FALSE(splitter.next());
  }
  EXPECT_EQ(splitter.rest().size(), LineSplitter::kHeadBytes);
  EXPECT_EQ(splitter.rest_size(), 100'000u);
  splitter.push("\nnext\n");
  const auto lines = drain(splitter);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_TRUE(lines[0].too_long);
  EXPECT_EQ(lines[0].size(), 100'000u);
  EXPECT_EQ(lines[1].text, "next");
  EXPECT_EQ(lines[1].begin, 100'001u);
}

TEST(LineSplitter, HowTheBytesWereCutDoesNotMatter) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    std::string text;
    for (int i = 0; i < 30; ++i)
      text += std::string(random() % 3'000, static_cast<char>('a' + i % 26)) + "\n";
    LineSplitter whole(1'500), pieces(1'500);
    whole.push(text);
    const auto expected = drain(whole);
    std::vector<Line> got;
    for (size_t at = 0; at < text.size();) {
      const size_t size = std::min<size_t>(1 + random() % 2'000, text.size() - at);
      pieces.push(text.substr(at, size));
      at += size;
      for (auto& line : drain(pieces)) got.push_back(line);
    }
    ASSERT_EQ(got.size(), expected.size());
    for (size_t i = 0; i < got.size(); ++i) {
      EXPECT_EQ(got[i].text, expected[i].text);
      EXPECT_EQ(got[i].end, expected[i].end);
      EXPECT_EQ(got[i].too_long, expected[i].too_long);
    }
  }
}

TEST(CleanText, WhatIsNoTextIsReplacedAndCounted) {
  uint64_t replaced = 0;
  EXPECT_EQ(io::clean_text("caf\xc3\xa9 \xf0\x9f\x98\x80", &replaced),
            "caf\xc3\xa9 \xf0\x9f\x98\x80");
  EXPECT_EQ(replaced, 0u);
  EXPECT_EQ(io::clean_text(std::string_view("a\0b\xff\xc3", 5), &replaced),
            "a\xef\xbf\xbd"
            "b\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_EQ(replaced, 3u);
  replaced = 0;
  io::clean_text("\xc0\x80\xed\xa0\x80\xf4\x90\x80\x80",
                 &replaced);  // overlong, surrogate, too large
  EXPECT_EQ(replaced, 9u);
}

TEST(LogFile, FindsAFileUnderItsRotatedNameAndTheNextNewerOne) {
  TempDir folder;
  const auto make = [&](const std::string& name) {
    std::ofstream(folder.file(name)) << name << "\n";
  };
  for (const char* name :
       {"a.log", "a.log.1", "a.log.2", "a.log.10", "a.log.3.gz", "a.log.bak", "a.logx"})
    make(name);
  const auto id = [&](const std::string& name) {
    return io::LogFile::open(folder.file(name)).value()->id();
  };
  const auto next = [&](const std::string& name) {
    auto after =
        io::LogFile::after(folder.file("a.log"), *io::LogFile::open(folder.file(name)).value());
    return after.value() ? after.value()->read(0, 100).value() : std::string("none");
  };
  EXPECT_EQ(next("a.log.10"), "a.log.2\n");
  EXPECT_EQ(next("a.log.2"), "a.log.1\n");
  EXPECT_EQ(next("a.log.1"), "a.log\n");
  EXPECT_EQ(next("a.log"), "none");
  // No name of the chain: what was written since comes next, oldest first.
  const auto now = std::filesystem::file_time_type::clock::now();
  std::filesystem::last_write_time(folder.file("a.logx"), now + std::chrono::hours(1));
  EXPECT_EQ(next("a.logx"), "a.log\n");
  std::filesystem::last_write_time(folder.file("a.logx"), now - std::chrono::hours(1));
  EXPECT_EQ(next("a.logx"), "a.log.10\n");
  EXPECT_EQ(io::LogFile::find(folder.file("a.log"), id("a.log.10"))->id(), id("a.log.10"));
  EXPECT_FALSE(io::LogFile::find(folder.file("a.log"), id("a.log.3.gz")));
}

TEST(LogFile, RefusesWhatIsNoRegularFile) {
  TempDir folder;
  EXPECT_FALSE(io::LogFile::open(folder.file(".")));
  EXPECT_FALSE(io::LogFile::open(folder.file("missing")).value().has_value());
}

}  // namespace
