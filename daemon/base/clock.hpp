// Time is passed in (law 14): the runtime never asks the system for it.
#pragma once

#include <cstdint>

namespace actord::host {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual uint64_t now_ns() = 0;  // monotonic
  virtual int64_t unix_ms() = 0;  // wall clock; informative, never used for order
  uint64_t now_ms() { return now_ns() / 1'000'000; }
};

// A time so far away that it cannot be counted is the end of time, not the past.
constexpr uint64_t later_ms(uint64_t now_ms, uint64_t delay_ms) {
  return delay_ms > UINT64_MAX - now_ms ? UINT64_MAX : now_ms + delay_ms;
}

class SystemClock final : public Clock {
 public:
  uint64_t now_ns() override;
  int64_t unix_ms() override;
};

}  // namespace actord::host
