// SqliteLog: the durable store. One data directory, one daemon.
//
//   actord.db, actord.db-wal   the store (schema.cpp) and its write-ahead log
//   actord.mark                how far it had come (commit_mark.hpp)
//   actord.lock                who holds it (store_lock.hpp)
//
// Threads: a writer (group_commit.hpp) and a reader (store_reader.hpp); callbacks come on them, with
// no lock held. Mode `strict`: a commit is acknowledged after its sync.
#pragma once

#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/limits.hpp"
#include "core/durable_log.hpp"
#include "storage/dead_letter_bounds.hpp"
#include "storage/group_commit.hpp"
#include "storage/store_lock.hpp"
#include "storage/store_reader.hpp"

namespace actord::host {

struct SqliteLogOptions {
  std::string data_dir;
  DeadLetterBounds dead_letters;
  std::string vfs = "unix-excl";  // SQLite's way to the files; tests put faults in between
};

class SqliteLog final : public DurableLog {
 public:
  // Creates what is missing. E_LOCKED: somebody holds the store. E_NEWER: a newer actord wrote it.
  // E_CORRUPT: committed events have vanished. E_PERMISSION, E_IO, E_DISK_FULL. After a refusal every
  // file of the store is as it was.
  static Result<std::unique_ptr<SqliteLog>> open(SqliteLogOptions options, Clock& clock);
  ~SqliteLog() override;

  void connect(Callbacks callbacks) override;
  Lsn submit(TurnUnit unit) override { return writer_->submit(std::move(unit)); }
  Lsn durable() const override { return writer_->durable(); }
  void open(std::string persistence_id, std::string kind,
            std::function<void(Result<OpenedActor>)> done) override;
  void load_snapshot(int64_t store_id, uint64_t at_most,
                     std::function<void(Result<std::optional<LoadedSnapshot>>)> done) override;
  void read(int64_t store_id, uint64_t after, uint32_t chain,
            std::function<void(Result<EventBatch>)> done) override;
  void append_dead_letter(DeadLetter letter) override {
    writer_->append_dead_letter(std::move(letter));
  }
  void dead_letters(DeadLetterFilter filter,
                    std::function<void(Result<std::vector<DeadLetter>>)> done) override;
  StoreStats stats() const override;
  Result<void> close() override;

 private:
  SqliteLog(std::string file, StoreLock lock, std::unique_ptr<GroupCommit> writer,
            std::unique_ptr<StoreReader> reader)
      : file_(std::move(file)),
        lock_(std::move(lock)),
        writer_(std::move(writer)),
        reader_(std::move(reader)) {}

  const std::string file_;
  StoreLock lock_;  // first in, last out
  std::unique_ptr<GroupCommit> writer_;
  std::unique_ptr<StoreReader> reader_;
  bool closed_ = false;
};

}  // namespace actord::host
