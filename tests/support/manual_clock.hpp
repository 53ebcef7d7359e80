// ManualClock: time stands still until a test moves it.
#pragma once

#include <atomic>

#include "base/clock.hpp"

namespace actord::host {

class ManualClock final : public Clock {
 public:
  uint64_t now_ns() override { return ns_.load(); }
  int64_t unix_ms() override { return 1'700'000'000'000 + static_cast<int64_t>(ns_.load() / 1'000'000); }
  void advance_ms(uint64_t ms) { ns_.fetch_add(ms * 1'000'000); }

 private:
  std::atomic<uint64_t> ns_{1'000'000'000};
};

}  // namespace actord::host
