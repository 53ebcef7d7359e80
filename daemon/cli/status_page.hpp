// The page that `actorctl status` prints.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/paint.hpp"

namespace actord::host {

void print_status(std::ostream& out, const Paint& paint, const nlohmann::json& status,
                  int64_t now_unix_ms);

}  // namespace actord::host
