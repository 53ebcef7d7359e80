// SHA-256 (FIPS 180-4): names the private copies of plugins and compares pins. Forty lines of
// arithmetic here are lighter than linking a TLS library into the daemon.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace actord::host {

class Sha256 {
 public:
  void update(std::string_view bytes);
  std::string hex();  // ends the computation; the last call

 private:
  void block(const unsigned char* data);

  std::array<uint32_t, 8> state_ = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                    0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<unsigned char, 64> pending_{};
  size_t pending_size_ = 0;
  uint64_t length_ = 0;  // bytes
};

}  // namespace actord::host
