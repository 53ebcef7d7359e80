#include "storage/group_commit.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "base/limits.hpp"
#include "base/log.hpp"

namespace actord::host {

GroupCommit::GroupCommit(std::unique_ptr<StoreWriter> writer, Clock& clock)
    : clock_(clock), writer_(std::move(writer)) {
  stats_.dead_letters = writer_->dead_letters().count();
  stats_.dead_letters_removed = writer_->dead_letters().removed();
}

GroupCommit::~GroupCommit() { stop(); }

void GroupCommit::start(DurableLog::Callbacks callbacks) {
  ACTORD_ASSERT(!thread_.joinable());
  callbacks_ = std::move(callbacks);
  ACTORD_ASSERT(callbacks_.committed && callbacks_.failed);
  thread_ = std::thread([this] { run(); });
}

void GroupCommit::open(OpenRequest request) {
  auto done = request.done;
  if (!queue_.push_open(std::move(request))) done(Error{ACTORD_E_CLOSED, "the store is closed"});
}

void GroupCommit::append_dead_letter(DeadLetter letter) {
  if (queue_.push_letter(std::move(letter))) return;
  MutexLock lock(mutex_);
  ++stats_.dead_letters_dropped;
}

StoreStats GroupCommit::stats() const {
  MutexLock lock(mutex_);
  return stats_;
}

void GroupCommit::run() {
  while (true) {
    std::vector<CommitRequest> group = queue_.take();
    if (group.empty()) return;
    process(group);
    if (!ended()) checkpoint_when_due();
  }
}

void GroupCommit::process(std::span<CommitRequest> group) {
  uint64_t delay_ms = limits::kSpaceRetryMs;
  while (!ended()) {
    const uint64_t started_ns = clock_.now_ns();
    Result<GroupResult> result = writer_->write(group);
    if (result) return finish(group, std::move(result).value(), started_ns);
    if (result.error().code == ACTORD_E_EXISTS) return process_one_by_one(group);
    if (result.error().code != ACTORD_E_DISK_FULL) {
      fail(std::move(result).error());
    } else if (!wait_for_space(result.error(), delay_ms)) {
      break;
    }
  }
  turn_away(group);
}

// A constraint broke: the group was undone whole. Alone, the offender shows itself.
void GroupCommit::process_one_by_one(std::span<CommitRequest> group) {
  if (group.size() > 1) {
    for (size_t i = 0; i < group.size(); ++i) process(group.subspan(i, 1));
    return;
  }
  refuse(group.front(),
         Error{ACTORD_E_EXISTS, "the store holds something else under the same number"});
}

void GroupCommit::refuse(CommitRequest& request, const Error& error) {
  if (auto* unit = std::get_if<UnitRequest>(&request)) {
    writer_->block(unit->unit.store_id);
    GroupResult result;
    result.newest = unit->lsn;
    result.refused.push_back({unit->lsn, unit->unit.owner,
                              "actor " + std::to_string(unit->unit.store_id) + ": " + error.text});
    finish({}, std::move(result), clock_.now_ns());
  } else if (auto* open = std::get_if<OpenRequest>(&request)) {
    open->done(error);
  } else {
    MutexLock lock(mutex_);
    ++stats_.dead_letters_dropped;
  }
}

void GroupCommit::finish(std::span<CommitRequest> group, GroupResult result, uint64_t started_ns) {
  {
    MutexLock lock(mutex_);
    if (!group.empty()) ++stats_.commits;
    stats_.units += result.owners.size();
    stats_.events += result.events;
    stats_.stale_units += result.refused.size();
    stats_.last_commit_us = (clock_.now_ns() - started_ns) / 1'000;
    stats_.dead_letters = writer_->dead_letters().count();
    stats_.dead_letters_removed = writer_->dead_letters().removed();
    stats_.waiting_for_space = false;
  }
  for (const GroupResult::Refused& unit : result.refused) {
    log::error("store.unit_refused", unit.why, {{"lsn", unit.lsn}});
    if (callbacks_.refused) callbacks_.refused(unit.lsn, unit.owner);
  }
  if (result.newest != 0) {
    durable_.store(result.newest, std::memory_order_release);
    callbacks_.committed(result.newest, result.owners);
  }
  // Before the opens are answered: whoever opens sees the snapshots submitted before.
  save_snapshots(group, result);
  for (GroupResult::Opened& opened : result.opened) {
    std::get<OpenRequest>(group[opened.request]).done(std::move(opened.actor));
  }
}

void GroupCommit::save_snapshots(std::span<CommitRequest> group, const GroupResult& result) {
  auto saved = writer_->save_snapshots(group, result);
  if (saved) return;
  if (saved.error().code == ACTORD_E_DISK_FULL || saved.error().code == ACTORD_E_EXISTS) {
    log::warn("store.snapshot_failed", saved.error().text,
              {{"snapshots", result.snapshots.size()}});
  } else {
    fail(std::move(saved).error());
  }
}

// False: the store is being closed, and there is still no space.
bool GroupCommit::wait_for_space(const Error& error, uint64_t& delay_ms) {
  bool first;
  {
    MutexLock lock(mutex_);
    first = !stats_.waiting_for_space;
    stats_.waiting_for_space = true;
  }
  if (first)
    log::error("store.disk_full", error.text + "; the group is held and tried again, make room");
  if (queue_.pause(delay_ms)) {
    delay_ms = std::min(delay_ms * 2, limits::kSpaceRetryMaxMs);
    return true;
  }
  if (last_try_) {
    shortage_ = Error{ACTORD_E_DISK_FULL,
                      "closed while the disk was full: what was not acknowledged was not stored"};
    return false;
  }
  last_try_ = true;
  return true;
}

void GroupCommit::checkpoint_when_due() {
  const uint64_t bytes = writer_->wal_bytes();
  if (bytes > limits::kWalAlarmBytes && !wal_alarm_) {
    log::error("store.wal_large", "the write-ahead log does not shrink", {{"bytes", bytes}});
  }
  wal_alarm_ = bytes > limits::kWalAlarmBytes;
  Result<void> done;
  if (bytes > limits::kWalForcedBytes) {
    done = writer_->checkpoint(StoreWriter::Checkpoint::kRestart);
  } else if (bytes > limits::kWalIdleBytes && queue_.empty()) {
    done = writer_->checkpoint(StoreWriter::Checkpoint::kPassive);
  }
  // Busy: a reader is in the way. Full: the log keeps what the file cannot take. Both pass.
  if (!done && done.error().code != ACTORD_E_LOCKED && done.error().code != ACTORD_E_DISK_FULL) {
    fail(std::move(done).error());
  }
}

void GroupCommit::fail(Error error) {
  failure_ = error;
  log::error("store.failed", error.text + "; nothing more is stored");
  callbacks_.failed(std::move(error));
}

// After the end: units vanish unacknowledged, opens are told why.
void GroupCommit::turn_away(std::span<CommitRequest> group) {
  const Error error = failure_ ? *failure_ : *shortage_;
  for (CommitRequest& request : group) {
    if (auto* open = std::get_if<OpenRequest>(&request)) open->done(error);
  }
}

void GroupCommit::stop() {
  queue_.close();
  if (thread_.joinable()) thread_.join();
}

Result<void> GroupCommit::close() {
  Result<void> result;
  if (failure_) {
    result = *failure_;
  } else if (shortage_) {
    result = *shortage_;
  } else if (result = writer_->check_files(); result) {
    result = writer_->checkpoint(StoreWriter::Checkpoint::kTruncate);
  }
  writer_.reset();
  return result;
}

}  // namespace actord::host
