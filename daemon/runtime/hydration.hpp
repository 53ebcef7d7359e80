// Hydration: brings a new instance to the state its journal says: newest usable snapshot, then the
// events after it, through the actor's own event handler and nothing else (law 10).
//
// A dialogue between the cell's strand and the log, one answer at a time, so that memory stays
// bounded: open -> snapshot -> batch -> batch ... The log answers on its own threads; an answer comes
// back to the strand as a system task and is dropped when the instance has ended meanwhile.
//
//   begin --open--> opened --load_snapshot--> snapshot --read--> batch --(done)--> kHydrated
//                                     ^            |  load failed: the next older one
//                                     `------------'
// The older one, or the journal from its start, is applied to a fresh behavior: the failed load may
// have left anything behind.
// Anything unreadable ends in a failure of class hydration: the actor is parked, never empty.
#pragma once

#include <atomic>
#include <deque>
#include <string>
#include <unordered_map>

#include "base/clock.hpp"
#include "base/mutex.hpp"
#include "core/durable_log.hpp"
#include "runtime/actor_cell.hpp"
#include "runtime/registry.hpp"
#include "runtime/scheduler.hpp"

namespace actord::host {

struct HydrationSums {
  uint64_t actors = 0, events = 0;
};

class Hydration {
 public:
  enum class Step : uint8_t { kWaiting, kHydrated, kFailed };

  Hydration(DurableLog& log, BehaviorFactory& factory, Registry& registry, Scheduler& scheduler,
            Clock& clock)
      : log_(log), factory_(factory), registry_(registry), scheduler_(scheduler), clock_(clock) {}

  // On the strand. At most kHydrationsAtOnce run; the rest wait their turn in order.
  // E_EXISTS: another live actor has this persistence id (two writers of one journal).
  Result<void> begin(ActorCell& cell);
  // On the strand, with the log's answer. kFailed: *failure says why.
  Step advance(ActorCell& cell, HydrationAnswer& answer, Outcome* failure);
  // The instance ends: its persistence id is free, and so is its place if it was not hydrated yet.
  void end_instance(ActorCell& cell);
  // An abandoned instance owns its journal no more; the epoch fences what it may still write.
  void disown(ActorRef ref);
  HydrationSums sums() const { return {actors_.load(), events_.load()}; }

 private:
  struct Waiting {
    ActorRef ref;
    uint64_t instance;
    std::string id, kind;
  };
  Step opened(ActorCell& cell, Result<OpenedActor>& answer, Outcome* failure);
  Step loaded(ActorCell& cell, Result<std::optional<LoadedSnapshot>>& answer, Outcome* failure);
  Step batch(ActorCell& cell, Result<EventBatch>& answer, Outcome* failure);
  Step read_on(ActorCell& cell, uint32_t chain);
  Step fail(ActorCell& cell, const Error& error, Outcome* failure);
  Result<void> renew(ActorCell& cell);
  void open(const Waiting& waiting) ACTORD_REQUIRES(mutex_);
  void finished();
  static const std::string& id_of(const ActorStart& start);
  template <class T>
  std::function<void(Result<T>)> answer_to(ActorRef ref, uint64_t instance);

  DurableLog& log_;
  BehaviorFactory& factory_;
  Registry& registry_;
  Scheduler& scheduler_;
  Clock& clock_;
  std::atomic<uint64_t> actors_{0}, events_{0};
  Mutex mutex_;
  uint64_t running_ = 0;                              // guarded by mutex_
  std::deque<Waiting> waiting_;                       // guarded by mutex_
  std::unordered_map<std::string, ActorRef> owners_;  // guarded by mutex_; by persistence id
};

}  // namespace actord::host
