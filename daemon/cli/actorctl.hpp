// actorctl, but for the process around it.
#pragma once

#include <string>
#include <vector>

#include "cli/operator_session.hpp"

namespace actord::host {

// arguments: without the program's name. Returns the exit code. One of the walls for exceptions:
// CLI11's end here.
int run_actorctl(std::vector<std::string> arguments, Surroundings surroundings);

}  // namespace actord::host
