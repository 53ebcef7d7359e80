// Snapshots: a hint to start from. Saving one may fail without consequence; loading one never trusts
// it before its checks have passed.
#pragma once

#include <cstdint>
#include <optional>

#include "core/durable_log.hpp"
#include "storage/database.hpp"

namespace actord::host {

class SnapshotWriter {
 public:
  static Result<SnapshotWriter> open(Database& database);
  // `chain`: checksum of the event snapshot.seq. Deletes all but the newest snapshot.keep.
  Result<void> save(int64_t store_id, const SnapshotRecord& snapshot, uint32_t chain);

 private:
  SnapshotWriter() = default;
  Statement insert_, prune_;
};

class SnapshotReader {
 public:
  static Result<SnapshotReader> open(Database& database);
  // As DurableLog::load_snapshot.
  Result<std::optional<LoadedSnapshot>> load(int64_t store_id, uint64_t at_most);

 private:
  struct Actor {
    std::string persistence_id;
    uint64_t floor_seq = 0;
  };
  Result<Actor> find_actor(int64_t store_id);
  // Its newest event must be the one in the journal, or lie below the floor.
  Result<bool> belongs(int64_t store_id, const Actor& actor, uint64_t seq, uint32_t chain);

  Statement select_, select_actor_, select_event_;
};

}  // namespace actord::host
