// A plan as text: on one line while it is short, else one step a line.
#pragma once

#include <string>
#include <vector>

namespace actord::host {

// No newline at the end. label: "plan 12".
std::string plan_text(const std::string& label, const std::vector<std::string>& steps);

}  // namespace actord::host
