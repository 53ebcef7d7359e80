// ActorTable: who is in the store. One row per persistence id, with its kind, the epoch of the
// instance that may write, and the floor below which events were deleted.
#pragma once

#include <cstdint>
#include <string>

#include "storage/database.hpp"

namespace actord::host {

struct ActorRow {
  int64_t id = 0;
  uint32_t epoch = 0;  // of the instance being opened
  uint64_t floor_seq = 0;
  uint64_t journal_seq = 0;  // where the journal ends: newest event, or the floor
  uint32_t journal_chain = 0;
  uint64_t snapshot_seq = 0;  // of the newest snapshot, good or not
};

// Writing connection.
class ActorTable {
 public:
  static Result<ActorTable> open(Database& database);
  // Creates the row when unknown and raises the epoch. An id that belongs to another kind is the inner
  // error (E_EXISTS): it undoes nothing of the group it is in.
  Result<Result<ActorRow>> enter(const std::string& persistence_id, const std::string& kind);

 private:
  explicit ActorTable(Database& database) : database_(&database) {}
  Result<void> find_end(ActorRow& row, uint32_t& newest_epoch);

  Database* database_;
  Statement find_, insert_, raise_, end_, snapshot_;
};

}  // namespace actord::host
