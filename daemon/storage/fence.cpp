#include "storage/fence.hpp"

#include "base/assert.hpp"

namespace actord::host {

std::optional<std::string> Fence::judge(const TurnUnit& unit) const {
  const JournalHead* head = find(unit.store_id);
  if (head == nullptr) return "actor " + std::to_string(unit.store_id) + " was never opened";
  const std::string who = "'" + head->persistence_id + "'";
  if (unit.epoch != head->epoch) {
    return who + " is written by epoch " + std::to_string(head->epoch) + ", the unit is of epoch " +
           std::to_string(unit.epoch);
  }
  if (head->blocked) return who + " was refused before and must be opened again";
  uint64_t expected = head->seq + 1;
  for (const EventRecord& event : unit.events) {
    if (event.seq != expected) {
      return who + " expects event " + std::to_string(expected) + ", the unit holds event " +
             std::to_string(event.seq);
    }
    ++expected;
  }
  return std::nullopt;
}

const JournalHead* Fence::find(int64_t store_id) const {
  const auto it = heads_.find(store_id);
  return it == heads_.end() ? nullptr : &it->second;
}

void Fence::open(int64_t store_id, JournalHead head) {
  Undo undo{.store_id = store_id, .whole = std::nullopt};
  if (const JournalHead* before = find(store_id)) undo.whole = *before;
  undo_.push_back(std::move(undo));
  heads_[store_id] = std::move(head);
}

void Fence::advance(int64_t store_id, uint64_t seq, uint32_t chain) {
  const auto it = heads_.find(store_id);
  ACTORD_ASSERT(it != heads_.end());
  undo_.push_back({.store_id = store_id,
                   .whole = std::nullopt,
                   .seq = it->second.seq,
                   .chain = it->second.chain,
                   .advanced = true});
  it->second.seq = seq;
  it->second.chain = chain;
}

void Fence::block(int64_t store_id) {
  const auto it = heads_.find(store_id);
  if (it != heads_.end()) it->second.blocked = true;
}

void Fence::roll_back() {
  for (auto undo = undo_.rbegin(); undo != undo_.rend(); ++undo) {
    if (undo->advanced) {
      heads_[undo->store_id].seq = undo->seq;
      heads_[undo->store_id].chain = undo->chain;
    } else if (undo->whole) {
      heads_[undo->store_id] = std::move(*undo->whole);
    } else {
      heads_.erase(undo->store_id);
    }
  }
  undo_.clear();
}

}  // namespace actord::host
