#include "base/crc32c.hpp"

#include <gtest/gtest.h>

#include <string>

namespace actord::host {
namespace {

TEST(Crc32c, KnownVectors) {  // RFC 3720 B.4, and the catalogue's check value
  EXPECT_EQ(crc32c(0, ""), 0u);
  EXPECT_EQ(crc32c(0, "123456789"), 0xe3069283u);
  EXPECT_EQ(crc32c(0, std::string(32, '\0')), 0x8a9136aau);
  EXPECT_EQ(crc32c(0, std::string(32, '\xff')), 0x62a8ab43u);
  std::string rising, falling;
  for (int i = 0; i < 32; ++i) rising += static_cast<char>(i);
  for (int i = 31; i >= 0; --i) falling += static_cast<char>(i);
  EXPECT_EQ(crc32c(0, rising), 0x46dd794eu);
  EXPECT_EQ(crc32c(0, falling), 0x113fdb5cu);
}

TEST(Crc32c, APieceAtATimeIsTheSameAsAllAtOnce) {
  const std::string text = "The quick brown fox jumps over the lazy dog, twice and then once more.";
  for (size_t cut = 0; cut <= text.size(); ++cut) {
    EXPECT_EQ(crc32c(crc32c(0, text.substr(0, cut)), text.substr(cut)), crc32c(0, text));
  }
}

TEST(Crc32c, EveryFlippedBitShows) {
  const std::string text = "event body";
  for (size_t bit = 0; bit < text.size() * 8; ++bit) {
    std::string damaged = text;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    EXPECT_NE(crc32c(0, damaged), crc32c(0, text));
  }
}

}  // namespace
}  // namespace actord::host
