#include "topology/source_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/limits.hpp"

namespace actord::host {
namespace {

TEST(SourceFile, CountsCharactersNotBytes) {
  const SourceFile file("t.yaml", "a: 1\nn\u00e4me: \u00fcber\n");
  const Span span = file.span(file.text().find("\u00fc"), 5);
  EXPECT_EQ(span.text(), "t.yaml:2:7");
  EXPECT_EQ(span.width, 4u);
}

TEST(SourceFile, DropsAByteOrderMarkAndCarriageReturns) {
  const SourceFile file("t.yaml",
                        "\xef\xbb\xbf"
                        "a: 1\r\nb: 2\r\n");
  EXPECT_EQ(file.line(1), "a: 1");
  EXPECT_EQ(file.line(2), "b: 2");
  EXPECT_EQ(file.span(0).text(), "t.yaml:1:1");
}

TEST(SourceFile, APlacePastTheEndIsTheEnd) {
  const SourceFile file("t.yaml", "a: 1");
  EXPECT_EQ(file.span(99).text(), "t.yaml:1:5");
  EXPECT_EQ(file.line(2), "");
  EXPECT_EQ(file.line(0), "");
  EXPECT_EQ(file.offset(9, 9), 4u);
}

TEST(SourceFile, FindsWhatIsNoUtf8) {
  EXPECT_EQ(SourceFile("t", "caf\xc3\xa9\n").first_bad_byte(), std::string::npos);
  EXPECT_EQ(SourceFile("t", "caf\xe9\n").first_bad_byte(), 3u);
  EXPECT_EQ(SourceFile("t", std::string("a\0b", 3)).first_bad_byte(), 1u);
  EXPECT_EQ(SourceFile("t", "a\x04").first_bad_byte(), 1u);         // the parser's own end mark
  EXPECT_EQ(SourceFile("t", "\xed\xa0\x80").first_bad_byte(), 0u);  // a surrogate
  EXPECT_EQ(SourceFile("t", "\xc0\xaf").first_bad_byte(), 0u);      // overlong
}

TEST(SpanEquality, WhereAThingWasSaidDoesNotCount) {
  EXPECT_EQ((Span{"a", 1, 2, 3}), (Span{"b", 4, 5, 6}));
}

TEST(KeySpans, FallBackToTheKeyAround) {
  KeySpans keys;
  keys.set("mailbox", Span{"t", 3, 1, 1});
  EXPECT_EQ(keys.find("mailbox.capacity", {}).line, 3u);
  EXPECT_EQ(keys.find("kind", Span{"t", 9, 1, 1}).line, 9u);
}

TEST(DiskReader, TellsAMissingFileFromAnUnreadableOne) {
  const auto directory =
      std::filesystem::temp_directory_path() / ("actord-reader-" + std::to_string(::getpid()));
  std::filesystem::create_directories(directory);
  std::ofstream(directory / "b.yaml") << "b";
  std::ofstream(directory / "a.yaml") << "a";
  const SourceReader reader = disk_reader();
  EXPECT_EQ(reader.read((directory / "a.yaml").string()).value(), "a");
  EXPECT_EQ(reader.read((directory / "c.yaml").string()).error().code, ACTORD_E_NOT_FOUND);
  EXPECT_EQ(reader.read(directory.string()).error().code, ACTORD_E_IO);
  EXPECT_EQ(reader.glob((directory / "*.yaml").string()).size(), 2u);
  EXPECT_TRUE(reader.glob((directory / "*.txt").string()).empty());
  std::filesystem::remove_all(directory);
}

// Each of these would block the host's loop, or fill its memory.
TEST(DiskReader, RefusesWhatIsNoRegularFileAndDoesNotWait) {
  const auto fifo =
      std::filesystem::temp_directory_path() / ("actord-fifo-" + std::to_string(::getpid()));
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  for (const std::string& path : {std::string("/dev/zero"), fifo.string()}) {
    const auto read = disk_reader().read(path);
    ASSERT_FALSE(read.has_value()) << path;
    EXPECT_EQ(read.error().code, ACTORD_E_INVALID);
    EXPECT_EQ(read.error().text,
              path +
                  " is not a regular file (a device, a pipe or a socket); name a "
                  "file that holds YAML");
  }
  std::filesystem::remove(fifo);
}

TEST(DiskReader, StopsAtTheLimitOfATopologyFile) {
  const auto path =
      std::filesystem::temp_directory_path() / ("actord-large-" + std::to_string(::getpid()));
  std::ofstream(path).put('a');
  std::filesystem::resize_file(path, limits::kTopologyFileBytes);
  EXPECT_EQ(disk_reader().read(path.string()).value().size(), limits::kTopologyFileBytes);
  std::filesystem::resize_file(path, limits::kTopologyFileBytes + 1);
  EXPECT_EQ(disk_reader().read(path.string()).error().code, ACTORD_E_LIMIT);
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace actord::host
