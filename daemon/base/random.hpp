// Randomness is passed in (law 14). splitmix64: tiny, well mixed, and repeatable from its seed.
#pragma once

#include <cstdint>

namespace actord::host {

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  static Random from_system();  // seeded by the kernel

  uint64_t next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }
  double unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }  // [0, 1)

 private:
  uint64_t state_;
};

}  // namespace actord::host
