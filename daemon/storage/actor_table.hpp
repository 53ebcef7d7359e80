// ActorTable: who is in the store. One row per persistence id, with its kind, the epoch of the
// instance that may write, and the floor below which events were deleted.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "storage/database.hpp"

namespace actord::host {

struct ActorRow {
  int64_t id = 0;
  uint32_t epoch = 0;  // of the instance being opened
  uint64_t floor_seq = 0;
  uint64_t journal_seq = 0;  // where the journal ends: newest event, or the floor
  uint32_t journal_chain = 0;
  uint64_t head_seq = 0;      // the newest number that was ever committed
  uint64_t snapshot_seq = 0;  // of the newest snapshot, good or not
};

// Writing connection.
class ActorTable {
 public:
  static Result<ActorTable> open(Database& database);
  // Creates the row when unknown and raises the epoch. The inner error undoes nothing of the group it is
  // in: an id that belongs to another kind (E_EXISTS), a journal without its end (E_CORRUPT).
  Result<Result<ActorRow>> enter(const std::string& persistence_id, const std::string& kind);
  Result<void> set_head(int64_t id, uint64_t seq);

 private:
  explicit ActorTable(Database& database) : database_(&database) {}
  Result<void> find_end(ActorRow& row, uint32_t& newest_epoch);
  std::optional<Error> judge(const ActorRow& row, const std::string& persistence_id,
                             const std::string& stored_kind, const std::string& kind) const;

  Database* database_;
  Statement find_, insert_, raise_, head_, end_, snapshot_;
};

}  // namespace actord::host
