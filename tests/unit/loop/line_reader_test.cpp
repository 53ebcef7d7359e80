#include "loop/line_reader.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "base/random.hpp"

namespace actord::host {
namespace {

constexpr uint64_t kMax = 16;

std::vector<std::string> read_all(LineReader& reader) {
  std::vector<std::string> lines;
  while (auto line = reader.next()) lines.push_back(line->oversize ? "<oversize>" : line->text);
  return lines;
}

using Lines = std::vector<std::string>;

TEST(LineReader, CutsLinesWhereverTheBytesWereCut) {
  LineReader reader(kMax);
  reader.feed("one\ntw");
  EXPECT_EQ(read_all(reader), Lines{"one"});
  reader.feed("o\n\nthree");
  EXPECT_EQ(read_all(reader), (Lines{"two", ""}));
  EXPECT_EQ(reader.rest()->text, "three");
  EXPECT_FALSE(reader.rest());
}

TEST(LineReader, TakesALineAtTheLimitAndReportsOneOverItOnce) {
  LineReader reader(kMax);
  reader.feed(std::string(kMax, 'a') + "\n" + std::string(kMax + 1, 'b') + "\nc\n");
  EXPECT_EQ(read_all(reader), (Lines{std::string(kMax, 'a'), "<oversize>", "c"}));
}

TEST(LineReader, DropsAnEndlessLineWithoutKeepingIt) {
  LineReader reader(kMax);
  for (int i = 0; i < 100; ++i) {
    reader.feed(std::string(100, 'x'));
    EXPECT_EQ(read_all(reader), i == 0 ? Lines{"<oversize>"} : Lines{});
    EXPECT_EQ(reader.buffered(), 0u);
  }
  EXPECT_FALSE(reader.rest());
  reader.feed("x\nnext\n");
  EXPECT_EQ(read_all(reader), Lines{"next"});
}

TEST(LineReader, AgreesWithSplittingTheWholeAtOnceForAnyChunks) {
  const uint64_t seed = 0x5eed;
  SCOPED_TRACE(seed);
  Random random(seed);
  for (int round = 0; round < 200; ++round) {
    std::string stream;
    Lines expected;
    for (uint64_t lines = random.next() % 20; lines > 0; --lines) {
      const std::string line(random.next() % (2 * kMax),
                             static_cast<char>('a' + random.next() % 26));
      expected.push_back(line.size() > kMax ? "<oversize>" : line);
      stream += line + "\n";
    }
    LineReader reader(kMax);
    Lines got;
    for (size_t at = 0; at < stream.size();) {
      const size_t count = std::min<size_t>(1 + random.next() % 40, stream.size() - at);
      reader.feed(std::string_view(stream).substr(at, count));
      at += count;
      for (auto& line : read_all(reader)) got.push_back(std::move(line));
    }
    ASSERT_EQ(got, expected);
  }
}

}  // namespace
}  // namespace actord::host
