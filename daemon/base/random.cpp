#include "base/random.hpp"

#include <sys/random.h>

#include "base/assert.hpp"

namespace actord::host {

Random Random::from_system() {
  uint64_t seed = 0;
  const auto got = ::getrandom(&seed, sizeof seed, 0);
  ACTORD_ASSERT(got == sizeof seed);
  return Random(seed);
}

}  // namespace actord::host
