// Names and meanings of status codes, from the one table.
#pragma once

#include <string_view>

#include "actord/abi.h"

namespace actord {

// "E_LIMIT"; "UNKNOWN" for a code that is younger than this header.
constexpr std::string_view status_name(actord_status code) noexcept {
#define ACTORD_STATUS(name, number, meaning) \
  if (code == (number)) return #name;
#include "actord/status.def"
#undef ACTORD_STATUS
  return "UNKNOWN";
}

constexpr std::string_view status_meaning(actord_status code) noexcept {
#define ACTORD_STATUS(name, number, meaning) \
  if (code == (number)) return meaning;
#include "actord/status.def"
#undef ACTORD_STATUS
  return "a code that is younger than this plugin";
}

}  // namespace actord
