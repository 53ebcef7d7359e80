// StoreReader: the connection that only reads, on a thread of its own. Each question is one short
// query, so that none keeps the write-ahead log from being reused.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <thread>

#include "base/mutex.hpp"
#include "storage/dead_letter_table.hpp"
#include "storage/journal.hpp"
#include "storage/snapshots.hpp"

namespace actord::host {

class StoreReader {
 public:
  static Result<std::unique_ptr<StoreReader>> open(Database database);
  ~StoreReader();

  // `damaged` hears of damage to the file itself (not to one actor's rows), on the reader's thread.
  void start(std::function<void(Error)> damaged);
  // Answers what was asked, then ends the thread and closes the connection.
  void stop();

  // Any thread; answers come on the reader's thread, in the order asked. After stop(): E_CLOSED, at
  // once.
  void load_snapshot(int64_t store_id, uint64_t at_most,
                     std::function<void(Result<std::optional<LoadedSnapshot>>)> done);
  void read(int64_t store_id, uint64_t after, uint32_t chain,
            std::function<void(Result<EventBatch>)> done);
  void dead_letters(DeadLetterFilter filter,
                    std::function<void(Result<std::vector<DeadLetter>>)> done);

 private:
  explicit StoreReader(Database database) : database_(std::move(database)) {}
  bool post(std::function<void()> question);
  template <class T>
  void answer(Result<T> result, const std::function<void(Result<T>)>& done);
  void run();

  Database database_;  // the thread's, as the tables below
  std::optional<JournalReader> journal_;
  std::optional<SnapshotReader> snapshots_;
  std::optional<DeadLetterReader> letters_;
  std::function<void(Error)> damaged_;  // constant after start()
  std::thread thread_;

  Mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> questions_ ACTORD_GUARDED_BY(mutex_);
  bool stopping_ ACTORD_GUARDED_BY(mutex_) = false;
};

}  // namespace actord::host
