#include "base/crc32c.hpp"

#include <array>

namespace actord::host {
namespace {

constexpr std::array<std::array<uint32_t, 256>, 8> make_tables() {
  std::array<std::array<uint32_t, 256>, 8> tables{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82f63b78u : 0u);
    tables[0][i] = crc;
  }
  for (size_t t = 1; t < 8; ++t) {
    for (uint32_t i = 0; i < 256; ++i) {
      tables[t][i] = (tables[t - 1][i] >> 8) ^ tables[0][tables[t - 1][i] & 0xff];
    }
  }
  return tables;
}

constexpr auto kTables = make_tables();

uint32_t byte_at(const char* p, int i) { return static_cast<unsigned char>(p[i]); }

}  // namespace

uint32_t crc32c(uint32_t crc, std::string_view bytes) {
  crc = ~crc;
  const char* p = bytes.data();
  size_t left = bytes.size();
  for (; left >= 8; p += 8, left -= 8) {  // slicing by eight
    const uint32_t low =
        crc ^ (byte_at(p, 0) | byte_at(p, 1) << 8 | byte_at(p, 2) << 16 | byte_at(p, 3) << 24);
    crc = kTables[7][low & 0xff] ^ kTables[6][low >> 8 & 0xff] ^ kTables[5][low >> 16 & 0xff] ^
          kTables[4][low >> 24] ^ kTables[3][byte_at(p, 4)] ^ kTables[2][byte_at(p, 5)] ^
          kTables[1][byte_at(p, 6)] ^ kTables[0][byte_at(p, 7)];
  }
  for (; left > 0; ++p, --left) crc = (crc >> 8) ^ kTables[0][(crc ^ byte_at(p, 0)) & 0xff];
  return ~crc;
}

}  // namespace actord::host
