#include "runtime/hydration.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "base/log.hpp"

namespace actord::host {

template <class T>
std::function<void(Result<T>)> Hydration::answer_to(ActorRef ref, uint64_t instance) {
  return [this, ref, instance](Result<T> result) {
    ActorCell* const cell = registry_.cell(ref);
    SystemTask task{SystemTask::Kind::kHydration, 0, instance, {}, {}};
    task.answer = std::make_shared<HydrationAnswer>(std::move(result));
    if (cell->mailbox.push_task(ref.incarnation, std::move(task)) == PushResult::kQueuedWake) {
      scheduler_.schedule(*cell);
    }
  };
}

const std::string& Hydration::id_of(const ActorStart& start) {
  const std::string& id = start.options.persistence.id;
  return id.empty() ? start.path.text() : id;
}

// By the owner: what the actor is to be started as next may name another journal already.
void Hydration::disown(ActorRef ref) {
  const MutexLock lock(mutex_);
  std::erase_if(owners_, [&](const auto& owner) { return owner.second == ref; });
}

Result<void> Hydration::begin(ActorCell& cell) {
  Strand& strand = cell.strand;
  strand.phase = InstancePhase::kHydrating;
  strand.hydration_began_ms = clock_.now_ms();
  strand.snapshot_seq = 0;
  strand.last_seq = 0;
  cell.stats.hydrated_events.store(0, std::memory_order_relaxed);
  Waiting entry{strand.self, strand.instance, id_of(*strand.start), strand.start->kind};
  const MutexLock lock(mutex_);
  // Looked at under the lock that disown takes: an abandoned one never becomes the owner again.
  if (cell.abandoned) {
    strand.phase = InstancePhase::kNone;
    return Error{ACTORD_E_CLOSED, "the actor was abandoned"};
  }
  const auto [owner, fresh] = owners_.emplace(entry.id, strand.self);
  if (!fresh) {
    strand.phase = InstancePhase::kNone;
    return Error{ACTORD_E_EXISTS, "persistence id \"" + entry.id + "\" is in use by " +
                                      registry_.path_of(owner->second)};
  }
  if (running_ >= limits::kHydrationsAtOnce) {
    waiting_.push_back(std::move(entry));
    return {};
  }
  ++running_;
  open(entry);
  return {};
}

// Under the lock, so that the openings of one journal reach the log in the order of its instances: a
// late one would fence the instance that lives now.
void Hydration::open(const Waiting& waiting) {
  log_.open(waiting.id, waiting.kind, answer_to<OpenedActor>(waiting.ref, waiting.instance));
}

void Hydration::finished() {
  const MutexLock lock(mutex_);
  if (waiting_.empty()) {
    --running_;
    return;
  }
  const Waiting next = std::move(waiting_.front());
  waiting_.pop_front();
  open(next);
}

void Hydration::end_instance(ActorCell& cell) {
  const Strand& strand = cell.strand;
  const bool hydrating = strand.phase == InstancePhase::kHydrating;
  bool waited = false;
  {
    const MutexLock lock(mutex_);
    const auto owner = strand.start == nullptr ? owners_.end() : owners_.find(id_of(*strand.start));
    if (owner != owners_.end() && owner->second == strand.self) owners_.erase(owner);
    waited = std::erase_if(waiting_, [&](const Waiting& w) {
               return w.ref == strand.self && w.instance == strand.instance;
             }) > 0;
  }
  if (hydrating && !waited) finished();
}

Hydration::Step Hydration::advance(ActorCell& cell, HydrationAnswer& answer, Outcome* failure) {
  if (auto* open = std::get_if<Result<OpenedActor>>(&answer)) return opened(cell, *open, failure);
  if (auto* snapshot = std::get_if<Result<std::optional<LoadedSnapshot>>>(&answer)) {
    return loaded(cell, *snapshot, failure);
  }
  return batch(cell, std::get<Result<EventBatch>>(answer), failure);
}

Hydration::Step Hydration::fail(ActorCell&, const Error& error, Outcome* failure) {
  *failure = {ACTORD_FAIL_STATE, error.text};
  return Step::kFailed;
}

Hydration::Step Hydration::opened(ActorCell& cell, Result<OpenedActor>& answer, Outcome* failure) {
  if (!answer) return fail(cell, answer.error(), failure);
  Strand& strand = cell.strand;
  strand.store_id = answer->store_id;
  strand.epoch = answer->epoch;
  strand.head_seq = answer->head_seq;
  log_.load_snapshot(strand.store_id, UINT64_MAX,
                     answer_to<std::optional<LoadedSnapshot>>(strand.self, strand.instance));
  return Step::kWaiting;
}

Hydration::Step Hydration::loaded(ActorCell& cell, Result<std::optional<LoadedSnapshot>>& answer,
                                  Outcome* failure) {
  if (!answer) return fail(cell, answer.error(), failure);
  if (!answer->has_value()) return read_on(cell, 0);
  Strand& strand = cell.strand;
  const SnapshotRecord& snapshot = (*answer)->snapshot;
  const Outcome outcome = strand.behavior->load_snapshot(snapshot);
  if (outcome.failed()) {
    log::warn(
        "snapshot.unreadable",
        "snapshot not usable; falling back to an older one or to the journal",
        {{"actor", strand.start->path.text()}, {"seq", snapshot.seq}, {"error", outcome.text}});
    if (snapshot.seq == 0) return fail(cell, {ACTORD_E_CORRUPT, outcome.text}, failure);
    if (const auto renewed = renew(cell); !renewed) return fail(cell, renewed.error(), failure);
    log_.load_snapshot(strand.store_id, snapshot.seq - 1,
                       answer_to<std::optional<LoadedSnapshot>>(strand.self, strand.instance));
    return Step::kWaiting;
  }
  strand.last_seq = strand.snapshot_seq = snapshot.seq;
  return read_on(cell, (*answer)->chain);
}

Result<void> Hydration::renew(ActorCell& cell) {
  Strand& strand = cell.strand;
  strand.behavior.reset();  // before its successor comes: a plugin may hold something exclusively
  ACTORD_TRY_ASSIGN(strand.behavior, factory_.create({strand.start->path, strand.start->kind,
                                                      strand.start->settings}));
  return {};
}

Hydration::Step Hydration::read_on(ActorCell& cell, uint32_t chain) {
  Strand& strand = cell.strand;
  log_.read(strand.store_id, strand.last_seq, chain,
            answer_to<EventBatch>(strand.self, strand.instance));
  return Step::kWaiting;
}

Hydration::Step Hydration::batch(ActorCell& cell, Result<EventBatch>& answer, Outcome* failure) {
  if (!answer) return fail(cell, answer.error(), failure);
  Strand& strand = cell.strand;
  for (const EventRecord& event : answer->events) {
    const Outcome outcome = strand.behavior->apply_event(event);
    if (outcome.failed()) {
      return fail(cell,
                  {ACTORD_E_CORRUPT, "event " + std::to_string(event.seq) + " (" +
                                         std::string(event.type.name()) + " version " +
                                         std::to_string(event.version) + "): " + outcome.text},
                  failure);
    }
    strand.last_seq = event.seq;
  }
  cell.stats.hydrated_events.fetch_add(answer->events.size(), std::memory_order_relaxed);
  events_.fetch_add(answer->events.size(), std::memory_order_relaxed);
  if (!answer->done) return read_on(cell, answer->chain);
  // Numbers up to the head were given out, even where the store has no event for them any more (a
  // snapshot above a lost tail): the next one goes on behind them. A gap that nothing covers has been
  // refused by the store.
  strand.last_seq = std::max(strand.last_seq, strand.head_seq);
  cell.stats.last_seq.store(strand.last_seq, std::memory_order_relaxed);
  cell.stats.snapshot_seq.store(strand.snapshot_seq, std::memory_order_relaxed);
  cell.stats.hydrated_ms.store(clock_.now_ms() - strand.hydration_began_ms,
                               std::memory_order_relaxed);
  actors_.fetch_add(1, std::memory_order_relaxed);
  strand.phase = InstancePhase::kNone;  // hydrated; its first turns come next
  finished();
  return Step::kHydrated;
}

}  // namespace actord::host
