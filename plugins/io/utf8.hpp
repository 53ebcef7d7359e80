// Text that may stand in JSON and on a terminal: what is no UTF-8, and NUL, becomes U+FFFD.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace io {

// Adds to *replaced how many were.
std::string clean_text(std::string_view bytes, uint64_t* replaced);

}  // namespace io
