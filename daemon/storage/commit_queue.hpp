// CommitQueue: the one line in which units, opens and dead letters wait for the writer. Whoever
// submits never waits; the writer takes a group at a time. Any thread.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "base/mutex.hpp"
#include "core/durable_log.hpp"

namespace actord::host {

struct UnitRequest {
  Lsn lsn = 0;
  TurnUnit unit;
};
struct OpenRequest {
  std::string persistence_id, kind;
  std::function<void(Result<OpenedActor>)> done;
};
// Somebody else found the file damaged: no group that comes after may be acknowledged.
struct DamageReport {
  Error error;
};
using CommitRequest = std::variant<UnitRequest, OpenRequest, DeadLetter, DamageReport>;

class CommitQueue {
 public:
  Lsn push_unit(TurnUnit unit);
  bool push_open(OpenRequest request);  // false: closed, and nothing was taken from `request`
  bool push_letter(DeadLetter letter);  // false: full or closed
  void push_damage(DamageReport report);

  // Waits for work. Empty: closed, and everything was taken. A group ends at kGroupEvents or
  // kGroupBytes, but holds one request at least.
  std::vector<CommitRequest> take();
  bool empty() const;
  void close();
  // False: closed before the time was over.
  bool pause(uint64_t ms);

 private:
  struct Entry {
    CommitRequest request;
    uint64_t rows, bytes;
  };
  void push(CommitRequest request, uint64_t rows, uint64_t bytes) ACTORD_REQUIRES(mutex_);

  mutable Mutex mutex_;
  std::condition_variable wake_;
  std::deque<Entry> entries_ ACTORD_GUARDED_BY(mutex_);
  Lsn last_lsn_ ACTORD_GUARDED_BY(mutex_) = 0;
  uint64_t letters_ ACTORD_GUARDED_BY(mutex_) = 0;
  uint64_t letter_bytes_ ACTORD_GUARDED_BY(mutex_) = 0;
  bool waiting_ ACTORD_GUARDED_BY(mutex_) =
      false;  // spares a wake-up per unit while the writer works
  bool closed_ ACTORD_GUARDED_BY(mutex_) = false;
};

}  // namespace actord::host
