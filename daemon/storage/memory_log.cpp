#include "storage/memory_log.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "base/log.hpp"
#include "storage/chain.hpp"

namespace actord::host {

MemoryLog::MemoryLog(Clock& clock, MemoryLogOptions options) : clock_(clock), options_(options) {
  stats_.location = "memory";
  stats_.promise =
      "memory: state survives the restart of an actor, and nothing survives the end of this "
      "process";
}

MemoryLog::~MemoryLog() {
  if (!closed_) (void)close();
}

void MemoryLog::connect(Callbacks callbacks) {
  ACTORD_ASSERT(!callbacks_.committed);
  callbacks_ = std::move(callbacks);
  ACTORD_ASSERT(callbacks_.committed && callbacks_.failed);
  if (!options_.manual) thread_ = std::thread([this] { run_thread(); });
}

// --- any thread ---

Lsn MemoryLog::submit(TurnUnit unit) {
  MutexLock lock(mutex_);
  const Lsn lsn = ++last_lsn_;
  queue_.push_back(Unit{lsn, std::move(unit)});
  wake_.notify_one();
  return lsn;
}

void MemoryLog::open(std::string persistence_id, std::string kind,
                     std::function<void(Result<OpenedActor>)> done) {
  enqueue(Open{std::move(persistence_id), std::move(kind), std::move(done)});
}

void MemoryLog::append_dead_letter(DeadLetter letter) {
  cut_dead_letter(letter);
  MutexLock lock(mutex_);
  if (queued_letters_ == limits::kDeadLettersQueued) {
    ++stats_.dead_letters_dropped;
    return;
  }
  ++queued_letters_;
  queue_.push_back(std::move(letter));
  wake_.notify_one();
}

void MemoryLog::load_snapshot(int64_t store_id, uint64_t at_most,
                              std::function<void(Result<std::optional<LoadedSnapshot>>)> done) {
  push_answer([this, store_id, at_most, done = std::move(done)] {
    done(find_snapshot(store_id, at_most));
  });
}

void MemoryLog::read(int64_t store_id, uint64_t after, uint32_t chain,
                     std::function<void(Result<EventBatch>)> done) {
  push_answer([this, store_id, after, chain, done = std::move(done)] {
    done(find_events(store_id, after, chain));
  });
}

void MemoryLog::dead_letters(DeadLetterFilter filter,
                             std::function<void(Result<std::vector<DeadLetter>>)> done) {
  push_answer(
      [this, filter = std::move(filter), done = std::move(done)] { done(find_letters(filter)); });
}

void MemoryLog::enqueue(Request request) {
  MutexLock lock(mutex_);
  queue_.push_back(std::move(request));
  wake_.notify_one();
}

void MemoryLog::push_answer(Answer answer) {
  MutexLock lock(mutex_);
  answers_.push_back(std::move(answer));
  wake_.notify_one();
}

void MemoryLog::fail_commit(uint64_t n) {
  MutexLock lock(mutex_);
  fail_at_ = n;
}

void MemoryLog::hold_commits(bool held) {
  MutexLock lock(mutex_);
  held_ = held;
  wake_.notify_one();
}

StoreStats MemoryLog::stats() const {
  MutexLock lock(mutex_);
  StoreStats stats = stats_;
  stats.waiting_for_space = held_ && !queue_.empty();
  return stats;
}

// --- the stepping thread ---

bool MemoryLog::has_work() const { return !answers_.empty() || (!queue_.empty() && !held_); }

void MemoryLog::run_thread() {
  while (true) {
    {
      std::unique_lock<std::mutex> lock(mutex_.native());
      wake_.wait(lock, [this] { return closing_ || has_work(); });
      if (closing_ && !has_work()) return;
    }
    step();
  }
}

bool MemoryLog::step() {
  Answer answer;
  std::deque<Request> group;
  {
    MutexLock lock(mutex_);
    if (!has_work()) return false;
    if (!answers_.empty()) {
      answer = std::move(answers_.front());
      answers_.pop_front();
    } else {
      group.swap(queue_);
      queued_letters_ = 0;
    }
  }
  if (answer) {
    answer();
  } else {
    commit(std::move(group));
  }
  return true;
}

void MemoryLog::commit(std::deque<Request> group) {
  ++groups_;
  bool fails;
  {
    MutexLock lock(mutex_);
    fails = failure_.has_value() || groups_ == fail_at_;
  }
  if (fails) return fail(std::move(group));

  struct Refused {
    Lsn lsn;
    ActorRef owner;
  };
  std::vector<ActorRef> owners;
  std::vector<Refused> refused;
  std::vector<Answer> opened;
  Lsn newest = 0;
  uint64_t events = 0;
  for (Request& request : group) {
    if (auto* unit = std::get_if<Unit>(&request)) {
      newest = unit->lsn;
      if (const auto why = apply(unit->unit)) {
        log::error("store.unit_refused", *why, {{"lsn", unit->lsn}});
        refused.push_back({unit->lsn, unit->unit.owner});
        continue;
      }
      events += unit->unit.events.size();
      owners.push_back(unit->unit.owner);
    } else if (auto* open = std::get_if<Open>(&request)) {
      opened.push_back(
          [done = std::move(open->done), result = apply_open(*open)] { done(result); });
    } else {
      store_letter(std::move(std::get<DeadLetter>(request)));
    }
  }
  {
    MutexLock lock(mutex_);
    ++stats_.commits;
    stats_.units += owners.size();
    stats_.events += events;
    stats_.stale_units += refused.size();
    stats_.dead_letters = letters_.size();
    // Before anything that the callbacks below ask for.
    answers_.insert(answers_.end(), std::make_move_iterator(opened.begin()),
                    std::make_move_iterator(opened.end()));
  }
  if (newest == 0) return;
  if (callbacks_.refused) {
    for (const Refused& unit : refused) callbacks_.refused(unit.lsn, unit.owner);
  }
  durable_.store(newest, std::memory_order_release);
  callbacks_.committed(newest, owners);
}

void MemoryLog::fail(std::deque<Request> group) {
  const bool first = !failure_.has_value();
  failure_ = Error{ACTORD_E_IO, "the memory store failed at group " + std::to_string(groups_) +
                                    ", as it was told to"};
  for (Request& request : group) {
    if (auto* open = std::get_if<Open>(&request)) {
      push_answer([done = std::move(open->done), error = *failure_] { done(error); });
    }
  }
  if (first) callbacks_.failed(*failure_);
}

// Nothing: applied. Otherwise why the unit was refused.
std::optional<std::string> MemoryLog::apply(TurnUnit& unit) {
  if (auto why = fence_.judge(unit)) return why;
  StoredActor& actor = actors_[static_cast<size_t>(unit.store_id - 1)];
  uint32_t chain = fence_.find(unit.store_id)->chain;
  for (EventRecord& event : unit.events) {
    chain = event_checksum(chain, event);
    fence_.advance(unit.store_id, event.seq, chain);
    actor.events.push_back({std::move(event), chain});
  }
  fence_.begin();  // a group in memory is never undone
  for (DeadLetter& letter : unit.letters) {
    cut_dead_letter(letter);
    store_letter(std::move(letter));
  }
  if (unit.snapshot) apply_snapshot(actor, std::move(*unit.snapshot));
  return std::nullopt;
}

void MemoryLog::apply_snapshot(StoredActor& actor, SnapshotRecord snapshot) {
  uint32_t chain = actor.floor_chain;
  for (const StoredEvent& event : actor.events) {
    if (event.record.seq <= snapshot.seq) chain = event.checksum;
  }
  const uint32_t checksum = snapshot_checksum(chain, snapshot);
  const size_t keep = snapshot.keep;
  actor.snapshots[snapshot.seq] = {std::move(snapshot), chain, checksum};
  while (actor.snapshots.size() > keep) actor.snapshots.erase(actor.snapshots.begin());
  if (options_.forget && actor.snapshots.size() == keep) forget_events(actor);
}

void MemoryLog::forget_events(StoredActor& actor) {
  const StoredSnapshot& oldest = actor.snapshots.begin()->second;
  actor.floor_seq = oldest.record.seq;
  actor.floor_chain = oldest.chain;
  std::erase_if(actor.events,
                [&](const StoredEvent& e) { return e.record.seq <= actor.floor_seq; });
}

Result<OpenedActor> MemoryLog::apply_open(const Open& open) {
  auto [place, created] =
      ids_.try_emplace(open.persistence_id, static_cast<int64_t>(actors_.size() + 1));
  if (created)
    actors_.push_back(
        {.persistence_id = open.persistence_id, .kind = open.kind, .events = {}, .snapshots = {}});
  const int64_t id = place->second;
  StoredActor& actor = actors_[static_cast<size_t>(id - 1)];
  if (actor.kind != open.kind) {
    return Error{ACTORD_E_EXISTS, "the store holds '" + open.persistence_id + "' as kind " +
                                      actor.kind + ", not " + open.kind +
                                      "; give the actor another persistence id"};
  }
  JournalHead head{.persistence_id = actor.persistence_id,
                   .epoch = ++actor.epoch,
                   .seq = actor.floor_seq,
                   .chain = actor.floor_chain};
  if (!actor.events.empty()) {
    head.seq = actor.events.back().record.seq;
    head.chain = actor.events.back().checksum;
  }
  close_gap(actor, head);
  const OpenedActor opened{id, head.epoch, head.seq, actor.floor_seq};
  fence_.open(id, std::move(head));
  fence_.begin();
  return opened;
}

// A snapshot above the journal's end tells that events were lost. Their numbers are not used again.
void MemoryLog::close_gap(StoredActor& actor, JournalHead& head) {
  const uint64_t newest = actor.snapshots.empty() ? 0 : actor.snapshots.rbegin()->first;
  if (newest <= head.seq) return;
  log::error(
      "store.events_lost", "the journal ends before its newest snapshot",
      {{"persistence_id", actor.persistence_id}, {"journal", head.seq}, {"snapshot", newest}});
  StoredEvent gap{.record = {.seq = newest, .type = {}, .correlation = {}, .body = {}},
                  .checksum = 0,
                  .gap = true};
  gap.checksum = event_checksum(head.chain, gap.record);
  head.seq = newest;
  head.chain = gap.checksum;
  actor.events.push_back(std::move(gap));
}

void MemoryLog::store_letter(DeadLetter letter) {
  letter.id = ++last_letter_id_;
  letter_bytes_ += dead_letter_bytes(letter);
  letters_.push_back(std::move(letter));
  const DeadLetterBounds& bounds = options_.dead_letters;
  const int64_t oldest_ms = clock_.unix_ms() - static_cast<int64_t>(bounds.age_ms);
  uint64_t removed = 0;
  while (!letters_.empty() && (letters_.size() > bounds.count || letter_bytes_ > bounds.bytes ||
                               letters_.front().unix_ms < oldest_ms)) {
    letter_bytes_ -= dead_letter_bytes(letters_.front());
    letters_.pop_front();
    ++removed;
  }
  MutexLock lock(mutex_);
  stats_.dead_letters_removed += removed;
}

Result<std::optional<LoadedSnapshot>> MemoryLog::find_snapshot(int64_t store_id,
                                                               uint64_t at_most) const {
  ACTORD_ASSERT(store_id >= 1 && store_id <= static_cast<int64_t>(actors_.size()));
  const StoredActor& actor = actors_[static_cast<size_t>(store_id - 1)];
  for (auto it = actor.snapshots.rbegin(); it != actor.snapshots.rend(); ++it) {
    const StoredSnapshot& candidate = it->second;
    if (it->first > at_most) continue;
    // Its newest event must be the one in the journal, or lie below the floor.
    bool belongs = it->first <= actor.floor_seq;
    for (const StoredEvent& event : actor.events) {
      if (event.record.seq == it->first) belongs = !event.gap && event.checksum == candidate.chain;
    }
    if (belongs && candidate.checksum == snapshot_checksum(candidate.chain, candidate.record)) {
      return std::optional(LoadedSnapshot{candidate.record, candidate.chain});
    }
    log::warn("store.snapshot_skipped", "a snapshot fails its checks and is passed over",
              {{"persistence_id", actor.persistence_id}, {"seq", it->first}});
  }
  if (actor.floor_seq > 0) {
    return Error{ACTORD_E_CORRUPT, "'" + actor.persistence_id +
                                       "' has no readable snapshot, and its events up to " +
                                       std::to_string(actor.floor_seq) + " were deleted"};
  }
  return std::optional<LoadedSnapshot>();
}

Result<EventBatch> MemoryLog::find_events(int64_t store_id, uint64_t after, uint32_t chain) const {
  ACTORD_ASSERT(store_id >= 1 && store_id <= static_cast<int64_t>(actors_.size()));
  const StoredActor& actor = actors_[static_cast<size_t>(store_id - 1)];
  EventBatch batch{.events = {}, .done = true, .chain = chain};
  uint64_t bytes = 0, expected = after + 1;
  for (const StoredEvent& event : actor.events) {
    const EventRecord& record = event.record;
    if (record.seq <= after) continue;
    if (batch.events.size() == limits::kHydrationBatchEvents ||
        bytes >= limits::kHydrationBatchBytes) {
      batch.done = false;
      break;
    }
    if ((record.seq != expected && !event.gap) ||
        event.checksum != event_checksum(batch.chain, record)) {
      return Error{ACTORD_E_CORRUPT, "journal of '" + actor.persistence_id + "': expected event " +
                                         std::to_string(expected) + ", found event " +
                                         std::to_string(record.seq) +
                                         (record.seq == expected ? " with a wrong checksum" : "")};
    }
    batch.chain = event.checksum;
    expected = record.seq + 1;
    if (event.gap) continue;
    bytes += record.body.size();
    batch.events.push_back(record);
  }
  return batch;
}

std::vector<DeadLetter> MemoryLog::find_letters(const DeadLetterFilter& filter) const {
  std::vector<DeadLetter> found;
  for (auto it = letters_.rbegin(); it != letters_.rend() && found.size() < filter.limit; ++it) {
    if (dead_letter_matches(filter, *it)) found.push_back(*it);
  }
  return found;
}

// --- ends ---

Result<void> MemoryLog::close() {
  ACTORD_ASSERT(!closed_);
  closed_ = true;
  {
    MutexLock lock(mutex_);
    closing_ = true;
    wake_.notify_one();
  }
  if (thread_.joinable()) {
    thread_.join();
  } else if (callbacks_.committed) {
    run();
  }
  MutexLock lock(mutex_);
  if (failure_) return *failure_;
  if (!queue_.empty()) {
    return Error{ACTORD_E_DISK_FULL, std::to_string(queue_.size()) +
                                         " units and letters were never stored: commits are held"};
  }
  return {};
}

void MemoryLog::crash() {
  ACTORD_ASSERT(options_.manual);
  {
    MutexLock lock(mutex_);
    queue_.clear();
    answers_.clear();
    queued_letters_ = 0;
    last_lsn_ = 0;
    held_ = false;
  }
  durable_.store(0, std::memory_order_release);
  failure_.reset();
  fence_ = Fence();
  callbacks_ = {};
}

MemoryLog::StoredActor* MemoryLog::stored(const std::string& persistence_id) {
  const auto it = ids_.find(persistence_id);
  return it == ids_.end() ? nullptr : &actors_[static_cast<size_t>(it->second - 1)];
}

}  // namespace actord::host
