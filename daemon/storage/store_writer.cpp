#include "storage/store_writer.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "storage/chain.hpp"

namespace actord::host {
namespace {

constexpr uint64_t kWalFrameBytes = 4'096 + 24;

}  // namespace

Result<std::unique_ptr<StoreWriter>> StoreWriter::open(Database database, CommitMark mark,
                                                       Settings settings, Clock& clock) {
  std::unique_ptr<StoreWriter> writer(
      new StoreWriter(std::move(database), std::move(mark), settings, clock));
  Database& own = writer->database_;
  ACTORD_TRY_ASSIGN(writer->begin_, own.prepare("BEGIN IMMEDIATE"));
  ACTORD_TRY_ASSIGN(writer->commit_, own.prepare("COMMIT"));
  ACTORD_TRY_ASSIGN(writer->actors_, ActorTable::open(own));
  ACTORD_TRY_ASSIGN(writer->journal_, JournalWriter::open(own));
  ACTORD_TRY_ASSIGN(writer->snapshots_, SnapshotWriter::open(own));
  ACTORD_TRY_ASSIGN(writer->letters_, DeadLetterWriter::open(own, settings.dead_letters));
  sqlite3_wal_hook(
      own.handle(),
      [](void* bytes, sqlite3*, const char*, int frames) {
        *static_cast<uint64_t*>(bytes) = static_cast<uint64_t>(frames) * kWalFrameBytes;
        return SQLITE_OK;
      },
      &writer->wal_bytes_);
  return writer;
}

Result<GroupResult> StoreWriter::write(std::span<CommitRequest> group) {
  GroupResult result;
  // Before every group: a look costs little beside a sync, and nothing may be stored where no start looks.
  ACTORD_TRY(check_files());
  begin();
  if (auto done = apply(group, result); !done) return roll_back(std::move(done).error());
  if (result.events > 0) write_mark();
  return result;
}

void StoreWriter::begin() {
  advanced_.clear();
  fence_.begin();
  journal_->begin();
  letters_->begin();
}

Error StoreWriter::roll_back(Error cause) {
  fence_.roll_back();
  journal_->roll_back();
  letters_->roll_back();
  // SQLite rolls back by itself for some errors.
  if (!database_.in_transaction()) return cause;
  if (auto undone = database_.execute("ROLLBACK"); !undone) {
    return {ACTORD_E_IO,
            cause.text + "; and the group could not be undone: " + undone.error().text};
  }
  return cause;
}

Result<void> StoreWriter::apply(std::span<CommitRequest> group, GroupResult& result) {
  ACTORD_TRY(begin_.run());
  bool letters = false;
  for (size_t place = 0; place < group.size(); ++place) {
    if (auto* unit = std::get_if<UnitRequest>(&group[place])) {
      letters = letters || !unit->unit.letters.empty();
      ACTORD_TRY(apply_unit(*unit, place, result));
    } else if (const auto* open = std::get_if<OpenRequest>(&group[place])) {
      ACTORD_TRY_ASSIGN(Result<OpenedActor> actor, apply_open(*open));
      result.opened.push_back({place, std::move(actor)});
    } else if (const auto* letter = std::get_if<DeadLetter>(&group[place])) {
      letters = true;
      ACTORD_TRY(letters_->append(*letter));
    } else {
      return std::get<DamageReport>(group[place]).error;
    }
  }
  if (letters) ACTORD_TRY(letters_->trim(clock_.unix_ms()));
  ACTORD_TRY(write_heads());
  return commit_.run();
}

Result<void> StoreWriter::apply_unit(UnitRequest& request, size_t place, GroupResult& result) {
  const TurnUnit& unit = request.unit;
  result.newest = request.lsn;
  if (auto why = fence_.judge(unit)) {
    result.refused.push_back({request.lsn, unit.owner, std::move(*why)});
    return {};
  }
  if (!unit.events.empty()) {
    uint32_t chain = fence_.find(unit.store_id)->chain;
    for (const EventRecord& event : unit.events) {
      chain = event_checksum(chain, event);
      ACTORD_TRY(journal_->append(unit.store_id, unit.epoch, event, chain));
    }
    fence_.advance(unit.store_id, unit.events.back().seq, chain);
    advanced_.push_back(unit.store_id);
  }
  for (const DeadLetter& letter : unit.letters) ACTORD_TRY(letters_->append(letter));
  result.events += unit.events.size();
  result.owners.push_back(unit.owner);
  if (unit.snapshot) result.snapshots.push_back(place);
  return {};
}

// Once per actor and group, not per unit.
Result<void> StoreWriter::write_heads() {
  std::sort(advanced_.begin(), advanced_.end());
  advanced_.erase(std::unique(advanced_.begin(), advanced_.end()), advanced_.end());
  for (const int64_t id : advanced_) ACTORD_TRY(actors_->set_head(id, fence_.find(id)->seq));
  return {};
}

Result<Result<OpenedActor>> StoreWriter::apply_open(const OpenRequest& request) {
  ACTORD_TRY_ASSIGN(Result<ActorRow> entered, actors_->enter(request.persistence_id, request.kind));
  if (!entered) return Result<OpenedActor>(std::move(entered).error());
  const ActorRow& row = *entered;
  JournalHead head{.persistence_id = request.persistence_id,
                   .epoch = row.epoch,
                   .seq = row.journal_seq,
                   .chain = row.journal_chain};
  if (row.snapshot_seq > head.seq) {
    // A snapshot above the journal's end tells that events were lost. Their numbers are not used
    // again; the gap is written down, so that reading can tell it from damage.
    log::error("store.events_lost", "the journal ends before its newest snapshot",
               {{"persistence_id", request.persistence_id},
                {"journal", head.seq},
                {"snapshot", row.snapshot_seq}});
    head.seq = row.snapshot_seq;
    head.chain = event_checksum(head.chain, head.seq, "", 0, "", kGapFlag);
    ACTORD_TRY(journal_->append_gap(row.id, row.epoch, head.seq, head.chain));
    ACTORD_TRY(actors_->set_head(row.id, head.seq));
  }
  const OpenedActor opened{row.id, row.epoch, head.seq, row.floor_seq};
  fence_.open(row.id, std::move(head));
  return Result<OpenedActor>(opened);
}

Result<void> StoreWriter::save_snapshots(std::span<CommitRequest> group,
                                         const GroupResult& result) {
  if (result.snapshots.empty()) return {};
  begin();
  Result<void> done = begin_.run();
  for (const size_t place : result.snapshots) {
    if (done) done = apply_snapshot(std::get<UnitRequest>(group[place]).unit);
  }
  if (done) done = commit_.run();
  if (!done) return roll_back(std::move(done).error());
  return {};
}

Result<void> StoreWriter::apply_snapshot(const TurnUnit& unit) {
  const JournalHead* head = fence_.find(unit.store_id);
  uint32_t chain = head->chain;
  if (unit.snapshot->seq != head->seq) {
    ACTORD_TRY_ASSIGN(const std::optional<uint32_t> found,
                      journal_->checksum_at(unit.store_id, unit.snapshot->seq));
    if (!found && unit.snapshot->seq != 0) {
      log::warn("store.snapshot_refused",
                "a snapshot is of an event that the journal does not hold",
                {{"persistence_id", head->persistence_id}, {"seq", unit.snapshot->seq}});
      return {};
    }
    chain = found.value_or(0);
  }
  return snapshots_->save(unit.store_id, *unit.snapshot, chain);
}

Result<void> StoreWriter::trim_dead_letters() {
  begin();
  Result<void> done = begin_.run();
  if (done) done = letters_->trim(clock_.unix_ms());
  if (done) done = commit_.run();
  if (!done) return roll_back(std::move(done).error());
  return {};
}

Result<void> StoreWriter::checkpoint(Checkpoint mode) {
  const int how = mode == Checkpoint::kPassive   ? SQLITE_CHECKPOINT_PASSIVE
                  : mode == Checkpoint::kRestart ? SQLITE_CHECKPOINT_RESTART
                                                 : SQLITE_CHECKPOINT_TRUNCATE;
  int frames = 0, moved = 0;
  const int code = sqlite3_wal_checkpoint_v2(database_.handle(), nullptr, how, &frames, &moved);
  if (code != SQLITE_OK) return database_.error(code, "cannot checkpoint");
  if (frames == moved) wal_bytes_ = 0;
  return {};
}

// After the commit, never before it: the mark must not know of an event that the store does not. A
// mark that cannot be written loses a check, not an event.
void StoreWriter::write_mark() {
  newest_mark_.gseq = journal_->newest();
  newest_mark_.event_crc = journal_->newest_checksum();
  newest_mark_.unix_ms = clock_.unix_ms();
  ++newest_mark_.commit;
  auto written = mark_.write(newest_mark_);
  if (!written && !mark_failed_) log::warn("store.mark_failed", written.error().text);
  mark_failed_ = !written;
}

}  // namespace actord::host
