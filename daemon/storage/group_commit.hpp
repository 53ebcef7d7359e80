// GroupCommit: the writer's thread. A group forms while the sync of the one before it runs; there is
// no linger.
//
//   submit/open/letter -> queue -> take() -> transaction -> mark -> refused(), committed()
//                                         -> snapshots -> answers to opens -> checkpoint when due
//
// A refused unit (a stale epoch, a wrong number, a broken constraint) stores nothing, is counted and
// told to refused(); its number passes all the same, so that nobody waits forever.
// A full disk holds the group and tries again. Any other failure is final (law 9).
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <span>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "base/mutex.hpp"
#include "core/durable_log.hpp"
#include "storage/commit_queue.hpp"
#include "storage/store_writer.hpp"

namespace actord::host {

class GroupCommit {
 public:
  GroupCommit(std::unique_ptr<StoreWriter> writer, Clock& clock);
  ~GroupCommit();

  void start(DurableLog::Callbacks callbacks);

  // Any thread.
  Lsn submit(TurnUnit unit) { return queue_.push_unit(std::move(unit)); }
  void open(OpenRequest request);
  void append_dead_letter(DeadLetter letter);
  Lsn durable() const { return durable_.load(std::memory_order_acquire); }
  StoreStats stats() const;
  // Another connection found the file damaged: as final as a failed commit.
  void report_damage(Error error) { queue_.push_damage({std::move(error)}); }

  // Drains, then ends the thread.
  void stop();
  // After stop(), and after every reader has gone: everything into the one file, and the
  // file closed.
  Result<void> close();

 private:
  void run();
  void process(std::span<CommitRequest> group);
  void process_one_by_one(std::span<CommitRequest> group);
  void refuse(CommitRequest& request, const Error& error);
  void finish(std::span<CommitRequest> group, GroupResult result, uint64_t started_ns);
  void save_snapshots(std::span<CommitRequest> group, const GroupResult& result);
  bool wait_for_space(const Error& error, uint64_t& delay_ms);
  void checkpoint_when_due();
  void fail(Error error);
  void turn_away(std::span<CommitRequest> group);
  bool ended() const { return failure_.has_value() || shortage_.has_value(); }

  Clock& clock_;
  std::unique_ptr<StoreWriter> writer_;  // the thread's, until it has ended
  DurableLog::Callbacks callbacks_;      // constant after start()
  CommitQueue queue_;
  std::atomic<Lsn> durable_{0};  // release: whoever sees the number sees the unit stored
  std::thread thread_;

  mutable Mutex mutex_;
  StoreStats stats_ ACTORD_GUARDED_BY(mutex_);

  // The thread's, until it has ended.
  std::optional<Error> failure_;
  std::optional<Error> shortage_;  // closed while the disk was full
  bool last_try_ = false;          // the one that closing allows a full disk
  bool wal_alarm_ = false;
};

}  // namespace actord::host
