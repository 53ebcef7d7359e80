// Assertions stay on in release. They check our own invariants, one condition each, and never input.
#pragma once

namespace actord::host {

[[noreturn]] void assertion_failed(const char* condition, const char* file, int line);

}  // namespace actord::host

#define ACTORD_ASSERT(condition) \
  (static_cast<bool>(condition)  \
       ? static_cast<void>(0)    \
       : ::actord::host::assertion_failed(#condition, __FILE__, __LINE__))
