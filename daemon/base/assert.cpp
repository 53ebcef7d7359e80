#include "base/assert.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace actord::host {

void assertion_failed(const char* condition, const char* file, int line) {
  char text[512];
  const int size = std::snprintf(text, sizeof text, "actord: assertion failed: %s (%s:%d)\n",
                                 condition, file, line);
  if (size > 0) {
    [[maybe_unused]] const auto written = ::write(2, text, static_cast<size_t>(size));
  }
  std::abort();
}

}  // namespace actord::host
