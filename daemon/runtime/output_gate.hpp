// OutputGate: no effect leaves an actor before the events that led to it are durable (law 2).
//
// A turn with events is sealed into one unit and submitted; its effects wait for that unit. Effects
// of later turns queue behind, whether they have events or not: they may reveal earlier state. With
// nothing in flight an effect-only turn is released at once, for the price of one comparison.
//
// The gate belongs to the cell, not to the instance: effects of a turn that succeeded are released
// even if the actor crashes in the next one. What such a turn wanted for its own instance (timers,
// children, subscriptions, answers) has ended with that instance and is not given to its successor.
#pragma once

#include <atomic>

#include "core/durable_log.hpp"
#include "runtime/actor_cell.hpp"
#include "runtime/release.hpp"

namespace actord::host {

class OutputGate {
 public:
  OutputGate(DurableLog& log, Release& release, Clock& clock)
      : log_(log), release_(release), clock_(clock) {}

  // Takes the effects of a turn that succeeded. On the strand.
  void seal(ActorCell& cell);
  // Releases what has become durable; true if something is still held. On the strand.
  bool flush(ActorCell& cell);
  // A snapshot of the state now, as a unit of its own. On the strand.
  void snapshot(ActorCell& cell);
  uint64_t held() const { return held_.load(std::memory_order_acquire); }  // turns, of all actors

 private:
  bool snapshot_due(const ActorCell& cell) const;
  std::optional<SnapshotRecord> take_snapshot(ActorCell& cell);

  DurableLog& log_;
  Release& release_;
  Clock& clock_;
  std::atomic<uint64_t> held_{0};
};

}  // namespace actord::host
