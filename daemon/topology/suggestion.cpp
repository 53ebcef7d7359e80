#include "topology/suggestion.hpp"

#include <algorithm>
#include <cctype>

namespace actord::host {
namespace {

// Names are short; a pasted page must not cost its square.
constexpr size_t kComparedBytes = 300;

std::string folded(std::string_view text) {
  std::string lower(text.substr(0, kComparedBytes));
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

}  // namespace

size_t edit_distance(std::string_view from, std::string_view to, size_t limit) {
  from = from.substr(0, kComparedBytes);
  to = to.substr(0, kComparedBytes);
  size_t rows[3][kComparedBytes + 1];
  size_t *before = rows[0], *above = rows[1], *row = rows[2];
  for (size_t j = 0; j <= to.size(); ++j) above[j] = j;
  for (size_t i = 1; i <= from.size(); ++i) {
    size_t least = row[0] = i;
    for (size_t j = 1; j <= to.size(); ++j) {
      size_t edits = std::min(std::min(above[j], row[j - 1]) + 1,
                              above[j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1));
      const bool swapped = i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1];
      if (swapped) edits = std::min(edits, before[j - 2] + 1);
      row[j] = edits;
      least = std::min(least, edits);
    }
    // A swap looks back two rows, so one row past the limit does not decide yet.
    if (least > limit + 1) return least;
    std::swap(before, above);
    std::swap(above, row);
  }
  return above[to.size()];
}

std::optional<std::string> nearest(std::string_view name,
                                   const std::vector<std::string>& candidates) {
  const std::string wanted = folded(name);
  const std::string* best = nullptr;
  size_t best_distance = 0;
  for (const auto& candidate : candidates) {
    const std::string known = folded(candidate);
    const size_t allowed = std::max<size_t>(1, std::max(known.size(), wanted.size()) / 3);
    const size_t gap =
        known.size() > wanted.size() ? known.size() - wanted.size() : wanted.size() - known.size();
    if (gap > allowed) continue;
    const size_t distance =
        edit_distance(wanted, known, best == nullptr ? allowed : std::min(allowed, best_distance));
    if (distance > allowed || distance >= std::max(known.size(), wanted.size())) continue;
    if (best == nullptr || distance < best_distance) {
      best = &candidate;
      best_distance = distance;
    }
  }
  return best == nullptr ? std::nullopt : std::optional<std::string>(*best);
}

}  // namespace actord::host
