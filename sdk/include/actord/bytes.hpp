// Views: what crosses the ABI as (data, size) and what C++ calls string_view.
#pragma once

#include <string>
#include <string_view>

#include "actord/abi.h"

namespace actord {

// The bytes stay where they are; both sides must keep to the view's lifetime.
constexpr actord_view to_view(std::string_view text) noexcept { return {text.data(), text.size()}; }
constexpr std::string_view to_string_view(actord_view view) noexcept {
  return view.data == nullptr ? std::string_view() : std::string_view(view.data, view.size);
}
inline std::string to_string(actord_view view) { return std::string(to_string_view(view)); }

}  // namespace actord
