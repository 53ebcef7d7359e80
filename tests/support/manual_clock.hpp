// ManualClock: time that moves only when a test moves it.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/clock.hpp"

namespace actord::host {

class ManualClock final : public Clock {
 public:
  uint64_t now_ns() override { return now_ms_.load() * 1'000'000; }
  int64_t unix_ms() override { return kUnixStartMs + static_cast<int64_t>(now_ms_.load()); }
  void advance_ms(uint64_t ms) { now_ms_ += ms; }

 private:
  static constexpr int64_t kUnixStartMs = 1'700'000'000'000;
  std::atomic<uint64_t> now_ms_{1'000};  // not 0, which means "never" in many places
};

}  // namespace actord::host
