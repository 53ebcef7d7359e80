// The colour of a state, the same wherever one is shown.
#pragma once

#include <cctype>
#include <string_view>

#include "cli/paint.hpp"

namespace actord::host {

// Compares without case.
inline bool same_word(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (std::tolower(static_cast<unsigned char>(a[i])) !=
        std::tolower(static_cast<unsigned char>(b[i])))
      return false;
  }
  return true;
}

inline Colour state_colour(std::string_view state) {
  if (same_word(state, "running")) return Colour::kGreen;
  if (same_word(state, "parked") || same_word(state, "failed")) return Colour::kRed;
  return Colour::kYellow;  // on the way somewhere, or DEGRADED
}

}  // namespace actord::host
