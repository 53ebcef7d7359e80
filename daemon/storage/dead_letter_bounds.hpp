// DeadLetterBounds: how many dead letters a store keeps, and what of each. The oldest go first.
#pragma once

#include <cstdint>

#include "core/dead_letter.hpp"
#include "core/durable_log.hpp"

namespace actord::host {

struct DeadLetterBounds {
  uint64_t count = 100'000;
  uint64_t age_ms = 30ull * 24 * 3'600 * 1'000;
  uint64_t bytes = 256ull << 20;
};

// Cuts the payload to its limit; `size` goes on saying how long it was.
void cut_dead_letter(DeadLetter& letter);
uint64_t dead_letter_bytes(const DeadLetter& letter);  // what it counts against `bytes`
bool dead_letter_matches(const DeadLetterFilter& filter, const DeadLetter& letter);

}  // namespace actord::host
