// MemoryLog: the store that forgets with the process (mode `memory`), and the model of the store for
// tests of everything above it.
//
// Normally a thread of its own commits and answers. With `manual`, nothing happens until step(), on
// the caller's thread: all schedules can be tried, and numbered faults injected. It judges units with
// the same Fence and checks the same chains as the SQLite store.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <thread>
#include <unordered_map>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "base/limits.hpp"
#include "base/mutex.hpp"
#include "core/durable_log.hpp"
#include "storage/dead_letter_bounds.hpp"
#include "storage/fence.hpp"

namespace actord::host {

struct MemoryLogOptions {
  bool manual = false;
  // Forget events that every kept snapshot contains, so that a long life does not fill the memory.
  bool forget = false;
  DeadLetterBounds dead_letters;
};

class MemoryLog final : public DurableLog {
 public:
  explicit MemoryLog(Clock& clock, MemoryLogOptions options = {});
  ~MemoryLog() override;

  void connect(Callbacks callbacks) override;
  Lsn submit(TurnUnit unit) override;
  Lsn durable() const override { return durable_.load(std::memory_order_acquire); }
  void open(std::string persistence_id, std::string kind,
            std::function<void(Result<OpenedActor>)> done) override;
  void load_snapshot(int64_t store_id, uint64_t at_most,
                     std::function<void(Result<std::optional<LoadedSnapshot>>)> done) override;
  void read(int64_t store_id, uint64_t after, uint32_t chain,
            std::function<void(Result<EventBatch>)> done) override;
  void append_dead_letter(DeadLetter letter) override;
  void dead_letters(DeadLetterFilter filter,
                    std::function<void(Result<std::vector<DeadLetter>>)> done) override;
  StoreStats stats() const override;
  Result<void> close() override;

  // --- manual ---
  // Answers the oldest pending open or read; when there is none, commits everything queued as one
  // group. False: nothing to do (or commits are held).
  bool step();
  void run() {
    while (step()) {}
  }
  // What a kill of the process leaves: everything not committed is gone, nothing more is answered.
  // Then connect() again.
  void crash();

  // --- faults; any time ---
  void fail_commit(uint64_t n);  // the nth group from the start (1, 2, ...) fails, for good
  void hold_commits(bool held);  // a full disk: queued, not committed

  // What is stored, for tests to look at and to damage.
  struct StoredEvent {
    EventRecord record;
    uint32_t checksum = 0;
    bool gap = false;  // the numbers up to this one were given out, and their events are lost
  };
  struct StoredSnapshot {
    SnapshotRecord record;
    uint32_t chain = 0, checksum = 0;
  };
  struct StoredActor {
    std::string persistence_id, kind;
    uint32_t epoch = 0;
    uint64_t floor_seq = 0;
    uint32_t floor_chain = 0;
    std::vector<StoredEvent> events;
    std::map<uint64_t, StoredSnapshot> snapshots;  // by seq
  };
  StoredActor* stored(const std::string& persistence_id);

 private:
  struct Unit {
    Lsn lsn;
    TurnUnit unit;
  };
  struct Open {
    std::string persistence_id, kind;
    std::function<void(Result<OpenedActor>)> done;
  };
  using Request = std::variant<Unit, Open, DeadLetter>;
  using Answer = std::function<void()>;

  void enqueue(Request request);
  void push_answer(Answer answer);
  bool has_work() const ACTORD_REQUIRES(mutex_);
  void run_thread();
  void commit(std::deque<Request> group);
  void fail(std::deque<Request> group);
  std::optional<std::string> apply(TurnUnit& unit);
  void apply_snapshot(StoredActor& actor, SnapshotRecord snapshot);
  void forget_events(StoredActor& actor);
  Result<OpenedActor> apply_open(const Open& open);
  void close_gap(StoredActor& actor, JournalHead& head);
  void store_letter(DeadLetter letter);
  Result<std::optional<LoadedSnapshot>> find_snapshot(int64_t store_id, uint64_t at_most) const;
  Result<EventBatch> find_events(int64_t store_id, uint64_t after, uint32_t chain) const;
  std::vector<DeadLetter> find_letters(const DeadLetterFilter& filter) const;

  Clock& clock_;
  const MemoryLogOptions options_;
  Callbacks callbacks_;          // constant after connect()
  std::atomic<Lsn> durable_{0};  // release: whoever sees the number sees the unit stored

  mutable Mutex mutex_;
  std::condition_variable wake_;
  std::deque<Request> queue_ ACTORD_GUARDED_BY(mutex_);
  std::deque<Answer> answers_ ACTORD_GUARDED_BY(mutex_);
  Lsn last_lsn_ ACTORD_GUARDED_BY(mutex_) = 0;
  uint64_t queued_letters_ ACTORD_GUARDED_BY(mutex_) = 0;
  uint64_t fail_at_ ACTORD_GUARDED_BY(mutex_) = 0;
  bool held_ ACTORD_GUARDED_BY(mutex_) = false;
  bool closing_ ACTORD_GUARDED_BY(mutex_) = false;
  StoreStats stats_ ACTORD_GUARDED_BY(mutex_);

  // The stepping thread only.
  uint64_t groups_ = 0;
  std::optional<Error> failure_;
  bool closed_ = false;
  std::vector<StoredActor> actors_;  // store id = place + 1
  std::unordered_map<std::string, int64_t> ids_;
  Fence fence_;
  std::deque<DeadLetter> letters_;  // oldest first
  uint64_t letter_bytes_ = 0, last_letter_id_ = 0;

  std::thread thread_;
};

}  // namespace actord::host
