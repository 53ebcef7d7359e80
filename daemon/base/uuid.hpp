// UUIDv7 (RFC 9562): 48 bits of milliseconds, a 12-bit counter, 62 random bits.
//
// Monotonic in one process: the time part never goes back, and ids of the same millisecond are told
// apart by the counter, which runs over into the time part.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/mutex.hpp"
#include "base/random.hpp"

namespace actord::host {

struct Uuid {
  uint64_t hi = 0;
  uint64_t lo = 0;

  bool is_nil() const { return hi == 0 && lo == 0; }
  std::string text() const;
  static std::optional<Uuid> parse(std::string_view text);
  auto operator<=>(const Uuid&) const = default;
};

class UuidSource {
 public:
  UuidSource(Clock& clock, Random random) : clock_(clock), random_(random) {}
  Uuid next();  // any thread

 private:
  Clock& clock_;
  Mutex mutex_;
  Random random_;      // guarded by mutex_
  uint64_t last_ = 0;  // guarded by mutex_: milliseconds << 12 | counter
};

}  // namespace actord::host
