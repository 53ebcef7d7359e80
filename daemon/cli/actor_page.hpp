// The page that `actorctl describe` prints.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/paint.hpp"

namespace actord::host {

void print_actor(std::ostream& out, const Paint& paint, const nlohmann::json& actor,
                 int64_t now_unix_ms);

}  // namespace actord::host
