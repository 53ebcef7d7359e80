// The table that `actorctl ps` prints.
#pragma once

#include <nlohmann/json.hpp>
#include <ostream>
#include <string>

#include "cli/paint.hpp"

namespace actord::host {

// ps's answer with only the actors in state; an empty state keeps all.
nlohmann::json only_in_state(nlohmann::json ps, const std::string& state);

// tree: names are indented under their parents. Requires for that: parents before children.
void print_actors(std::ostream& out, const Paint& paint, const nlohmann::json& ps, bool tree,
                  bool titles);

}  // namespace actord::host
