#include "control/closest_name.hpp"

#include <algorithm>
#include <numeric>

namespace actord::host {
namespace {

// A wrong name may come from anybody; longer ones are no slips of the finger.
constexpr size_t kNameBytesMax = 64;

// Insertions, deletions, replacements and swaps of neighbours (optimal string alignment), three rows
// at a time.
size_t distance(std::string_view from, std::string_view to) {
  std::vector<size_t> before(to.size() + 1);
  std::vector<size_t> above(to.size() + 1);
  std::vector<size_t> row(to.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= from.size(); ++i) {
    before.swap(above);
    above.swap(row);
    row[0] = i;
    for (size_t j = 1; j <= to.size(); ++j) {
      const size_t replace = above[j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, replace});
      const bool swapped = i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row.back();
}

}  // namespace

std::optional<std::string> closest_name(std::string_view name,
                                        const std::vector<std::string>& candidates) {
  if (name.size() > kNameBytesMax) return std::nullopt;
  size_t best = std::max<size_t>(1, name.size() / 3) + 1;
  std::optional<std::string> found;
  for (const auto& candidate : candidates) {
    const size_t edits = distance(name, candidate);
    if (edits >= best) continue;
    best = edits;
    found = candidate;
  }
  return found;
}

std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates) {
  const auto nearest = closest_name(name, candidates);
  return nearest ? ", did you mean \"" + *nearest + "\"?" : "";
}

}  // namespace actord::host
