// Names and meanings of the status codes (sdk: actord/status.def), for people.
#pragma once

#include <string_view>
#include <vector>

#include "actord/result.hpp"

namespace actord::host {

std::string_view status_name(actord_status status);
std::string_view status_meaning(actord_status status);

struct StatusCode {
  actord_status number;
  std::string_view name;
  std::string_view meaning;
};
const std::vector<StatusCode>& status_codes();  // in the table's order
// By "E_TIMEOUT", "ACTORD_E_TIMEOUT" (in any case) or "-52"; null: there is none.
const StatusCode* find_status(std::string_view text);

}  // namespace actord::host
