// Suggestion: the known name nearest to a wrong one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace actord::host {

// Edits (insert, delete, replace, swap of neighbours) from one text to the other. More than `limit` is
// told as some number above it. Only the first 300 bytes count.
size_t edit_distance(std::string_view from, std::string_view to, size_t limit = SIZE_MAX / 2);

// The nearest candidate, if near enough to be what was meant: a third of its length in edits, or
// the same but for case. The first of equals wins.
std::optional<std::string> nearest(std::string_view name,
                                   const std::vector<std::string>& candidates);

}  // namespace actord::host
