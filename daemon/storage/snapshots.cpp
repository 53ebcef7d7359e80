#include "storage/snapshots.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "storage/chain.hpp"

namespace actord::host {

Result<SnapshotWriter> SnapshotWriter::open(Database& database) {
  SnapshotWriter snapshots;
  ACTORD_TRY_ASSIGN(snapshots.insert_,
                    database.prepare("INSERT OR REPLACE INTO snapshots(actor, seq, state_version, "
                                     "unix_ms, chain, crc, body) VALUES(?, ?, ?, ?, ?, ?, ?)"));
  ACTORD_TRY_ASSIGN(
      snapshots.prune_,
      database.prepare("DELETE FROM snapshots WHERE actor=?1 AND id NOT IN "
                       "(SELECT id FROM snapshots WHERE actor=?1 ORDER BY seq DESC LIMIT ?2)"));
  return snapshots;
}

Result<void> SnapshotWriter::save(int64_t store_id, const SnapshotRecord& snapshot,
                                  uint32_t chain) {
  insert_.bind(1, store_id)
      .bind(2, static_cast<int64_t>(snapshot.seq))
      .bind(3, int64_t{snapshot.state_version});
  insert_.bind(4, snapshot.unix_ms)
      .bind(5, int64_t{chain})
      .bind(6, int64_t{snapshot_checksum(chain, snapshot)});
  ACTORD_TRY(insert_.bind_blob(7, snapshot.body.view()).run());
  return prune_.bind(1, store_id).bind(2, int64_t{snapshot.keep}).run();
}

Result<SnapshotReader> SnapshotReader::open(Database& database) {
  SnapshotReader snapshots;
  ACTORD_TRY_ASSIGN(snapshots.select_,
                    database.prepare("SELECT seq, state_version, unix_ms, chain, crc, body FROM "
                                     "snapshots WHERE actor=? AND seq<=? ORDER BY seq DESC"));
  ACTORD_TRY_ASSIGN(snapshots.select_actor_,
                    database.prepare("SELECT persistence_id, floor_seq FROM actors WHERE id=?"));
  ACTORD_TRY_ASSIGN(snapshots.select_event_,
                    database.prepare("SELECT crc, flags FROM events WHERE actor=? AND seq=?"));
  return snapshots;
}

Result<std::optional<LoadedSnapshot>> SnapshotReader::load(int64_t store_id, uint64_t at_most) {
  ACTORD_TRY_ASSIGN(const Actor actor, find_actor(store_id));
  // SQLite's numbers are signed: "of all" as it stands would be -1, and no snapshot would ever be found.
  const auto limit = static_cast<int64_t>(std::min<uint64_t>(at_most, INT64_MAX));
  select_.bind(1, store_id).bind(2, limit);
  while (true) {
    ACTORD_TRY_ASSIGN(const bool found, select_.next());
    if (!found) break;
    LoadedSnapshot loaded;
    loaded.snapshot = {.seq = static_cast<uint64_t>(select_.number(0)),
                       .state_version = static_cast<uint32_t>(select_.number(1)),
                       .unix_ms = select_.number(2),
                       .body = Bytes(select_.blob(5))};
    loaded.chain = static_cast<uint32_t>(select_.number(3));
    const auto crc = static_cast<uint32_t>(select_.number(4));
    auto in_journal = belongs(store_id, actor, loaded.snapshot.seq, loaded.chain);
    if (!in_journal || (*in_journal && crc == snapshot_checksum(loaded.chain, loaded.snapshot))) {
      select_.reset();
      if (!in_journal) return std::move(in_journal).error();
      return std::optional(std::move(loaded));
    }
    log::warn("store.snapshot_skipped",
              *in_journal ? "a snapshot has a wrong checksum and is passed over"
                          : "a snapshot does not belong to the journal and is passed over",
              {{"persistence_id", actor.persistence_id}, {"seq", loaded.snapshot.seq}});
  }
  if (actor.floor_seq > 0) {
    return Error{ACTORD_E_CORRUPT, "'" + actor.persistence_id +
                                       "' has no readable snapshot, and its events up to " +
                                       std::to_string(actor.floor_seq) +
                                       " were deleted; restore the store from a backup"};
  }
  return std::optional<LoadedSnapshot>();
}

Result<SnapshotReader::Actor> SnapshotReader::find_actor(int64_t store_id) {
  ACTORD_TRY_ASSIGN(const bool found, select_actor_.bind(1, store_id).next());
  if (!found)
    return Error{ACTORD_E_NOT_FOUND, "the store has no actor " + std::to_string(store_id)};
  Actor actor{std::string(select_actor_.text(0)), static_cast<uint64_t>(select_actor_.number(1))};
  select_actor_.reset();
  return actor;
}

Result<bool> SnapshotReader::belongs(int64_t store_id, const Actor& actor, uint64_t seq,
                                     uint32_t chain) {
  if (seq <= actor.floor_seq) return true;
  ACTORD_TRY_ASSIGN(const bool found,
                    select_event_.bind(1, store_id).bind(2, static_cast<int64_t>(seq)).next());
  if (!found) return false;
  const bool same =
      select_event_.number(1) == 0 && static_cast<uint32_t>(select_event_.number(0)) == chain;
  select_event_.reset();
  return same;
}

}  // namespace actord::host
