// What `actorctl dead ls` and `dead show` print.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/paint.hpp"

namespace actord::host {

void print_letters(std::ostream& out, const Paint& paint, const nlohmann::json& answer,
                   int64_t now_unix_ms, bool titles);
void print_letter(std::ostream& out, const Paint& paint, const nlohmann::json& letter,
                  int64_t now_unix_ms);

}  // namespace actord::host
