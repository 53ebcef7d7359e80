// Timers: one heap for everything that happens later. Pure: it knows no clock; the loop's one timer
// is told when to come back (next_due) and brings the time (pop_due).
//
// Equal due times fire in the order they were armed. A cancelled or replaced entry is gone at once;
// what was already popped is checked again by its receiver (the id is unique).
//
// What the heap moves about is small (when, in which order, where the rest is); the rest stays in a slot
// that is used again. An id is the slot and how often it has been used, so a look-up is an array access and
// an id of an earlier use means nothing. Four children a node: half the levels, and they share a cache line.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "base/mutex.hpp"
#include "core/actor_ref.hpp"

namespace actord::host {

using TimerId = uint64_t;  // 0 = none; comes again after 4 billion uses of its slot

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
    uint64_t order;  // of arming
    uint32_t slot;
    bool before(const Entry& other) const {
      return due_ms != other.due_ms ? due_ms < other.due_ms : order < other.order;
    }
  };
  struct Slot {
    DueTimer timer;
    uint32_t uses = 0;
    uint32_t at = 0;  // in the heap
    bool armed = false;
  };
  static constexpr size_t kChildren = 4;

  Slot* find(TimerId id) ACTORD_REQUIRES(mutex_);
  uint32_t free_slot() ACTORD_REQUIRES(mutex_);
  void place(size_t at, const Entry& entry) ACTORD_REQUIRES(mutex_);
  // Puts it where it belongs, on the way from there to the root, or to the leaves.
  void sift_up(size_t at, Entry entry) ACTORD_REQUIRES(mutex_);
  void sift_down(size_t at, Entry entry) ACTORD_REQUIRES(mutex_);
  void remove_at(size_t at) ACTORD_REQUIRES(mutex_);

  const std::function<void(uint64_t)> earlier_;
  Mutex mutex_;
  // guarded by mutex_:
  uint64_t last_order_ = 0;
  std::vector<Entry> heap_;
  std::vector<Slot> slots_;
  std::vector<uint32_t> free_;
};

}  // namespace actord::host
