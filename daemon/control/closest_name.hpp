// "did you mean": the known name nearest to a wrong one.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace actord::host {

// Nothing when no candidate is within a third of the name's length (at least one edit).
std::optional<std::string> closest_name(std::string_view name,
                                        const std::vector<std::string>& candidates);

// ", did you mean \"status\"?" or nothing.
std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates);

}  // namespace actord::host
