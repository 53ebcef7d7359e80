// StoreWriter: the connection that does every commit and every checkpoint, with the tables behind it.
// A second connection that checkpoints would meet SQLite's WAL-reset bug (fixed in 3.51.3), in which
// committed pages are lost; so there is none.
//
// One thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "storage/actor_table.hpp"
#include "storage/commit_mark.hpp"
#include "storage/commit_queue.hpp"
#include "storage/dead_letter_table.hpp"
#include "storage/fence.hpp"
#include "storage/journal.hpp"
#include "storage/snapshots.hpp"
#include "storage/store_files.hpp"

namespace actord::host {

// What a committed group did.
struct GroupResult {
  struct Refused {
    Lsn lsn;
    ActorRef owner;
    std::string why;
  };
  struct Opened {
    size_t request;
    Result<OpenedActor> actor;
  };  // request: place in the group

  Lsn newest = 0;                // number of the group's last unit, refused or not
  std::vector<ActorRef> owners;  // of the units that became durable
  std::vector<Refused> refused;
  std::vector<Opened> opened;
  std::vector<size_t> snapshots;  // places of the units whose snapshots wait to be saved
  uint64_t events = 0;
};

class StoreWriter {
 public:
  struct Settings {
    DeadLetterBounds dead_letters;
    Mark mark;         // the next one to be written goes on from this
    StoreFiles files;  // of the database
  };
  static Result<std::unique_ptr<StoreWriter>> open(Database database, CommitMark mark,
                                                   Settings settings, Clock& clock);

  // One transaction, whole or absent. E_DISK_FULL: absent, try again. E_EXISTS: absent, some unit
  // breaks a constraint. Any other error is final: nobody knows what is on the disk.
  Result<GroupResult> write(std::span<CommitRequest> group);
  // In a transaction of their own, so that nothing waits for them. A failure costs the snapshots.
  Result<void> save_snapshots(std::span<CommitRequest> group, const GroupResult& result);
  void block(int64_t store_id) { fence_.block(store_id); }

  // Whether the files are still those that the next start will find.
  Result<void> check_files() const { return files_.check(); }
  Result<void> trim_dead_letters();  // in a transaction of its own, when there is something to trim

  enum class Checkpoint { kPassive, kRestart, kTruncate };
  Result<void> checkpoint(Checkpoint mode);
  uint64_t wal_bytes() const { return wal_bytes_; }  // since the last complete checkpoint
  const DeadLetterWriter& dead_letters() const { return *letters_; }
  const JournalWriter& journal() const { return *journal_; }

 private:
  StoreWriter(Database database, CommitMark mark, Settings settings, Clock& clock)
      : database_(std::move(database)),
        mark_(std::move(mark)),
        newest_mark_(settings.mark),
        files_(std::move(settings.files)),
        clock_(clock) {}
  void begin();
  Error roll_back(Error cause);
  Result<void> apply(std::span<CommitRequest> group, GroupResult& result);
  Result<void> apply_unit(UnitRequest& request, size_t place, GroupResult& result);
  Result<Result<OpenedActor>> apply_open(const OpenRequest& request);
  Result<void> write_heads();
  Result<void> apply_snapshot(const TurnUnit& unit);
  void write_mark();

  Database database_;
  CommitMark mark_;
  Mark newest_mark_;
  const StoreFiles files_;
  Clock& clock_;
  Statement begin_, commit_;
  std::optional<ActorTable> actors_;
  std::optional<JournalWriter> journal_;
  std::optional<SnapshotWriter> snapshots_;
  std::optional<DeadLetterWriter> letters_;
  Fence fence_;
  std::vector<int64_t> advanced_;  // actors with new events in this group
  uint64_t wal_bytes_ = 0;
  bool mark_failed_ = false;
};

}  // namespace actord::host
