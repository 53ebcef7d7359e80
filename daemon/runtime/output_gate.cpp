#include "runtime/output_gate.hpp"

#include "base/log.hpp"

namespace actord::host {

bool OutputGate::snapshot_due(const ActorCell& cell) const {
  const Strand& strand = cell.strand;
  const uint64_t every = strand.start->options.persistence.snapshot_every;
  return strand.effects.snapshot || (every != 0 && strand.last_seq - strand.snapshot_seq >= every);
}

std::optional<SnapshotRecord> OutputGate::take_snapshot(ActorCell& cell) {
  Strand& strand = cell.strand;
  auto body = strand.behavior->save_snapshot();
  const std::string& path = strand.start->path.text();
  if (!body) {
    // A snapshot is a hint: without it the next start replays more. Tried again after as many events.
    log::warn("snapshot.failed", "snapshot not taken",
              {{"actor", path}, {"error", body.error().text}});
  }
  // A kind without snapshots is not asked again before the next round either.
  strand.snapshot_seq = strand.last_seq;
  if (!body || !body->has_value()) return std::nullopt;
  cell.stats.snapshot_seq.store(strand.last_seq, std::memory_order_relaxed);
  return SnapshotRecord{strand.last_seq, strand.behavior->state_version(), clock_.unix_ms(),
                        std::move(**body), strand.start->options.persistence.snapshots_kept};
}

void OutputGate::seal(ActorCell& cell) {
  Strand& strand = cell.strand;
  Effects& effects = strand.effects;
  if (strand.behavior != nullptr && strand.behavior->persistent()) {
    TurnUnit unit{strand.self, strand.store_id, strand.epoch, {}, {}, {}};
    if (!effects.events.empty()) {
      strand.last_seq = effects.events.back().seq;
      cell.stats.last_seq.store(strand.last_seq, std::memory_order_relaxed);
    }
    const bool must_wait = !effects.events.empty() || !effects.letters.empty();
    if (strand.last_seq > strand.snapshot_seq && snapshot_due(cell))
      unit.snapshot = take_snapshot(cell);
    if (must_wait || unit.snapshot) {
      unit.events = std::move(effects.events);
      unit.letters = std::move(effects.letters);
      const Lsn lsn = log_.submit(std::move(unit));
      if (must_wait) strand.last_lsn = lsn;
    }
  }
  if (strand.held.empty() && strand.last_lsn <= log_.durable()) {
    std::vector<Effect> list = std::move(effects.list);
    effects.clear();
    release_.perform(cell, list);
    list.clear();
    effects.list = std::move(list);  // keeps its memory for the next turn
    return;
  }
  held_.fetch_add(1, std::memory_order_release);
  strand.held.push_back({strand.last_lsn, strand.instance, std::move(effects.list)});
  effects.clear();
}

bool OutputGate::flush(ActorCell& cell) {
  Strand& strand = cell.strand;
  while (!strand.held.empty() && strand.held.front().gate <= log_.durable()) {
    HeldTurn turn = std::move(strand.held.front());
    strand.held.pop_front();
    const bool refused =
        turn.gate != 0 && turn.gate == cell.refused.load(std::memory_order_relaxed);
    if (turn.instance == strand.instance && !refused) {
      release_.perform(cell, turn.effects);
    } else {
      release_.perform_ended(turn.effects);
    }
    held_.fetch_sub(1, std::memory_order_release);
  }
  return !strand.held.empty();
}

void OutputGate::snapshot(ActorCell& cell) {
  Strand& strand = cell.strand;
  if (strand.behavior == nullptr || !strand.behavior->persistent()) return;
  if (strand.last_seq <= strand.snapshot_seq) return;
  TurnUnit unit{strand.self, strand.store_id, strand.epoch, {}, {}, take_snapshot(cell)};
  if (unit.snapshot) log_.submit(std::move(unit));
}

}  // namespace actord::host
