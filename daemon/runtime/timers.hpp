// Timers: one heap for everything that happens later. Pure: it knows no clock; the loop's one timer
// is told when to come back (next_due) and brings the time (pop_due).
//
// Equal due times fire in the order they were armed. A cancelled or replaced entry is gone at once;
// what was already popped is checked again by its receiver (the id is unique).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/mutex.hpp"
#include "core/actor_ref.hpp"

namespace actord::host {

using TimerId = uint64_t;  // 0 = none; never reused

enum class TimerPurpose : uint8_t { kActorTimer, kAskLook, kAskTimeout, kRestart, kEdgeAsk, kHeld };

struct DueTimer {
  TimerId id = 0;
  TimerPurpose purpose = TimerPurpose::kActorTimer;
  ActorRef owner;
  uint64_t token = 0;
};

class Timers {
 public:
  // earlier: called (any thread, no lock held) when the earliest due time moves to `due_ms`.
  explicit Timers(std::function<void(uint64_t due_ms)> earlier) : earlier_(std::move(earlier)) {}

  TimerId arm(uint64_t due_ms, TimerPurpose purpose, ActorRef owner, uint64_t token);
  void cancel(TimerId id);
  std::optional<uint64_t> next_due();
  // All that is due at now_ms, in order.
  std::vector<DueTimer> pop_due(uint64_t now_ms);
  size_t size();

 private:
  struct Entry {
    uint64_t due_ms;
    DueTimer timer;
  };
  bool before(size_t a, size_t b) const;
  void place(size_t at, Entry entry);
  void sift_up(size_t at);
  void sift_down(size_t at);
  void remove_at(size_t at);

  const std::function<void(uint64_t)> earlier_;
  Mutex mutex_;
  // guarded by mutex_:
  TimerId last_id_ = 0;
  std::vector<Entry> heap_;
  std::unordered_map<TimerId, size_t> where_;
};

}  // namespace actord::host
