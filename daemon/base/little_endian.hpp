// Whole numbers as bytes, lowest first on every machine: stores can be copied between them.
#pragma once

#include <cstdint>

namespace actord::host {

// Writes the lowest `bytes` bytes of a value; returns the place behind them.
inline char* put_le(char* at, uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) *at++ = static_cast<char>(value >> (8 * i));
  return at;
}

// Reads `bytes` bytes and moves `at` behind them.
inline uint64_t get_le(const char*& at, int bytes) {
  uint64_t value = 0;
  for (int i = 0; i < bytes; ++i) {
    value |= static_cast<uint64_t>(static_cast<unsigned char>(*at++)) << (8 * i);
  }
  return value;
}

}  // namespace actord::host
