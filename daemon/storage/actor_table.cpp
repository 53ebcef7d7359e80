#include "storage/actor_table.hpp"

#include <algorithm>

namespace actord::host {

Result<ActorTable> ActorTable::open(Database& database) {
  ActorTable table(database);
  ACTORD_TRY_ASSIGN(
      table.find_,
      database.prepare("SELECT id, kind, epoch, floor_seq, floor_chain, head_seq FROM actors WHERE "
                       "persistence_id=?"));
  ACTORD_TRY_ASSIGN(
      table.insert_,
      database.prepare("INSERT INTO actors(persistence_id, kind, epoch) VALUES(?, ?, 0)"));
  ACTORD_TRY_ASSIGN(table.raise_, database.prepare("UPDATE actors SET epoch=? WHERE id=?"));
  ACTORD_TRY_ASSIGN(table.head_, database.prepare("UPDATE actors SET head_seq=? WHERE id=?"));
  ACTORD_TRY_ASSIGN(
      table.end_,
      database.prepare(
          "SELECT seq, crc, epoch FROM events WHERE actor=? ORDER BY seq DESC LIMIT 1"));
  ACTORD_TRY_ASSIGN(table.snapshot_,
                    database.prepare("SELECT max(seq) FROM snapshots WHERE actor=?"));
  return table;
}

Result<Result<ActorRow>> ActorTable::enter(const std::string& persistence_id,
                                           const std::string& kind) {
  ActorRow row;
  uint32_t newest_epoch = 0;
  ACTORD_TRY_ASSIGN(const bool known, find_.bind(1, persistence_id).next());
  if (known) {
    row.id = find_.number(0);
    const std::string stored_kind(find_.text(1));
    newest_epoch = static_cast<uint32_t>(find_.number(2));
    row.floor_seq = row.journal_seq = static_cast<uint64_t>(find_.number(3));
    row.journal_chain = static_cast<uint32_t>(find_.number(4));
    row.head_seq = static_cast<uint64_t>(find_.number(5));
    find_.reset();
    ACTORD_TRY(find_end(row, newest_epoch));
    if (auto refusal = judge(row, persistence_id, stored_kind, kind))
      return Result<ActorRow>(std::move(*refusal));
  } else {
    ACTORD_TRY(insert_.bind(1, persistence_id).bind(2, kind).run());
    row.id = database_->last_row();
  }
  row.epoch = newest_epoch + 1;
  ACTORD_TRY(raise_.bind(1, int64_t{row.epoch}).bind(2, row.id).run());
  return Result<ActorRow>(row);
}

std::optional<Error> ActorTable::judge(const ActorRow& row, const std::string& persistence_id,
                                       const std::string& stored_kind,
                                       const std::string& kind) const {
  if (stored_kind != kind) {
    return Error{ACTORD_E_EXISTS, "the store holds '" + persistence_id + "' as kind " +
                                      stored_kind + ", not " + kind +
                                      "; give the actor another persistence id"};
  }
  // A snapshot at the end stands for the events below it.
  if (row.head_seq <= std::max(row.journal_seq, row.snapshot_seq)) return std::nullopt;
  return Error{ACTORD_E_CORRUPT, "journal of '" + persistence_id + "' ends at event " +
                                     std::to_string(row.journal_seq) + ", but event " +
                                     std::to_string(row.head_seq) +
                                     " was committed; restore the store from a backup, or give the "
                                     "actor another persistence id"};
}

Result<void> ActorTable::set_head(int64_t id, uint64_t seq) {
  return head_.bind(1, static_cast<int64_t>(seq)).bind(2, id).run();
}

Result<void> ActorTable::find_end(ActorRow& row, uint32_t& newest_epoch) {
  ACTORD_TRY_ASSIGN(const bool has_events, end_.bind(1, row.id).next());
  if (has_events) {
    if (const auto seq = static_cast<uint64_t>(end_.number(0)); seq > row.floor_seq) {
      row.journal_seq = seq;
      row.journal_chain = static_cast<uint32_t>(end_.number(1));
    }
    newest_epoch = std::max(newest_epoch, static_cast<uint32_t>(end_.number(2)));
    end_.reset();
  }
  ACTORD_TRY_ASSIGN(const bool has_row, snapshot_.bind(1, row.id).next());
  if (has_row) {
    row.snapshot_seq = static_cast<uint64_t>(snapshot_.number(0));
    snapshot_.reset();
  }
  return {};
}

}  // namespace actord::host
