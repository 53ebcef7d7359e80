#include "runtime/timers.hpp"

namespace actord::host {

bool Timers::before(size_t a, size_t b) const {
  const Entry& x = heap_[a];
  const Entry& y = heap_[b];
  return x.due_ms != y.due_ms ? x.due_ms < y.due_ms : x.timer.id < y.timer.id;
}

void Timers::place(size_t at, Entry entry) {
  where_[entry.timer.id] = at;
  heap_[at] = entry;
}

void Timers::sift_up(size_t at) {
  while (at > 0) {
    const size_t parent = (at - 1) / 2;
    if (!before(at, parent)) return;
    const Entry moved = heap_[at];
    place(at, heap_[parent]);
    place(parent, moved);
    at = parent;
  }
}

void Timers::sift_down(size_t at) {
  for (;;) {
    size_t least = at;
    for (const size_t child : {2 * at + 1, 2 * at + 2}) {
      if (child < heap_.size() && before(child, least)) least = child;
    }
    if (least == at) return;
    const Entry moved = heap_[at];
    place(at, heap_[least]);
    place(least, moved);
    at = least;
  }
}

void Timers::remove_at(size_t at) {
  where_.erase(heap_[at].timer.id);
  const Entry last = heap_.back();
  heap_.pop_back();
  if (at == heap_.size()) return;
  place(at, last);
  sift_up(at);
  sift_down(at);
}

TimerId Timers::arm(uint64_t due_ms, TimerPurpose purpose, ActorRef owner, uint64_t token) {
  TimerId id = 0;
  bool first = false;
  {
    const MutexLock lock(mutex_);
    id = ++last_id_;
    heap_.push_back({due_ms, {id, purpose, owner, token}});
    where_[id] = heap_.size() - 1;
    sift_up(heap_.size() - 1);
    first = heap_.front().timer.id == id;
  }
  if (first) earlier_(due_ms);
  return id;
}

void Timers::cancel(TimerId id) {
  const MutexLock lock(mutex_);
  const auto it = where_.find(id);
  if (it != where_.end()) remove_at(it->second);
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
    due.push_back(heap_.front().timer);
    remove_at(0);
  }
  return due;
}

size_t Timers::size() {
  const MutexLock lock(mutex_);
  return heap_.size();
}

}  // namespace actord::host
