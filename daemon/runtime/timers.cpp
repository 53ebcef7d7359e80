#include "runtime/timers.hpp"

#include <algorithm>

namespace actord::host {

Timers::Slot* Timers::find(TimerId id) {
  const uint64_t slot = id & UINT32_MAX;
  if (slot >= slots_.size()) return nullptr;
  Slot& found = slots_[slot];
  return found.armed && found.timer.id == id ? &found : nullptr;
}

uint32_t Timers::free_slot() {
  if (free_.empty()) {
    slots_.emplace_back();
    return static_cast<uint32_t>(slots_.size() - 1);
  }
  const uint32_t slot = free_.back();
  free_.pop_back();
  return slot;
}

void Timers::place(size_t at, const Entry& entry) {
  heap_[at] = entry;
  slots_[entry.slot].at = static_cast<uint32_t>(at);
}

void Timers::sift_up(size_t at, Entry entry) {
  while (at > 0) {
    const size_t parent = (at - 1) / kChildren;
    if (!entry.before(heap_[parent])) break;
    place(at, heap_[parent]);
    at = parent;
  }
  place(at, entry);
}

void Timers::sift_down(size_t at, Entry entry) {
  for (size_t first = kChildren * at + 1; first < heap_.size(); first = kChildren * at + 1) {
    const size_t end = std::min(first + kChildren, heap_.size());
    size_t least = first;
    for (size_t child = first + 1; child < end; ++child) {
      if (heap_[child].before(heap_[least])) least = child;
    }
    if (!heap_[least].before(entry)) break;
    place(at, heap_[least]);
    at = least;
  }
  place(at, entry);
}

void Timers::remove_at(size_t at) {
  const uint32_t slot = heap_[at].slot;
  slots_[slot].armed = false;
  free_.push_back(slot);
  const Entry last = heap_.back();
  heap_.pop_back();
  if (at == heap_.size()) return;
  const bool up = at > 0 && last.before(heap_[(at - 1) / kChildren]);
  up ? sift_up(at, last) : sift_down(at, last);
}

TimerId Timers::arm(uint64_t due_ms, TimerPurpose purpose, ActorRef owner, uint64_t token) {
  TimerId id = 0;
  bool first = false;
  {
    const MutexLock lock(mutex_);
    const uint32_t slot = free_slot();
    Slot& here = slots_[slot];
    if (++here.uses == 0) ++here.uses;  // no id is 0
    id = static_cast<uint64_t>(here.uses) << 32 | slot;
    here.timer = {id, purpose, owner, token};
    here.armed = true;
    heap_.emplace_back();
    sift_up(heap_.size() - 1, {due_ms, ++last_order_, slot});
    first = heap_.front().slot == slot;
  }
  if (first) earlier_(due_ms);
  return id;
}

void Timers::cancel(TimerId id) {
  const MutexLock lock(mutex_);
  if (const Slot* const slot = find(id)) remove_at(slot->at);
}

std::optional<uint64_t> Timers::next_due() {
  const MutexLock lock(mutex_);
  if (heap_.empty()) return std::nullopt;
  return heap_.front().due_ms;
}

// The due ones are all taken before any is delivered: a timer re-armed by its own fire waits for the
// next round, so it cannot starve the loop.
std::vector<DueTimer> Timers::pop_due(uint64_t now_ms) {
  std::vector<DueTimer> due;
  const MutexLock lock(mutex_);
  while (!heap_.empty() && heap_.front().due_ms <= now_ms) {
    due.push_back(slots_[heap_.front().slot].timer);
    remove_at(0);
  }
  return due;
}

size_t Timers::size() {
  const MutexLock lock(mutex_);
  return heap_.size();
}

}  // namespace actord::host
