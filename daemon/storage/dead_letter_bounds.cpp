#include "storage/dead_letter_bounds.hpp"

#include <algorithm>

#include "base/limits.hpp"

namespace actord::host {

void cut_dead_letter(DeadLetter& letter) {
  letter.size = std::max(letter.size, letter.payload.size());
  if (letter.payload.size() <= limits::kDeadLetterPayloadBytes) return;
  letter.payload = Bytes(letter.payload.view().substr(0, limits::kDeadLetterPayloadBytes));
}

uint64_t dead_letter_bytes(const DeadLetter& letter) {
  constexpr uint64_t kFixedFields = 64;
  return kFixedFields + letter.to.size() + letter.from.size() + letter.type.size() +
         letter.topic.size() + letter.content_type.size() + letter.error.size() +
         letter.payload.size();
}

bool dead_letter_matches(const DeadLetterFilter& filter, const DeadLetter& letter) {
  return (!filter.id || *filter.id == letter.id) && (filter.to.empty() || filter.to == letter.to) &&
         (!filter.reason || *filter.reason == letter.reason) &&
         letter.unix_ms >= filter.since_unix_ms;
}

}  // namespace actord::host
