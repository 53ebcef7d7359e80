// Names and meanings of the status codes (sdk: actord/status.def), for people.
#pragma once

#include <string_view>

#include "actord/result.hpp"

namespace actord::host {

std::string_view status_name(actord_status status);
std::string_view status_meaning(actord_status status);

}  // namespace actord::host
