// A plan as text: on one line while it is short, else one step a line.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace actord::host {

// No newline at the end. label: "plan 12".
std::string plan_text(const std::string& label, const std::vector<std::string>& steps);

// One line per plugin whose old build still runs, with the command that ends that; of the answers to
// diff and reload.
std::vector<std::string> old_build_lines(const nlohmann::json& answer);

}  // namespace actord::host
