// DurableLog: the port to the store. Two implementations: SQLite, and memory.
//
// Order: submit, open and fence pass through one FIFO. A unit is whole or absent. After a commit the
// log calls committed() with the number of the newest durable unit; units become durable in the
// order submitted. No call blocks; answers come through callbacks on a thread of the log (or inside
// step(), for the memory log under test). Callbacks must not block.
//
// A failed commit is final (law 9): the log calls failed() once, never calls committed() again, and
// the process ends. A full disk is not that: the batch is held and tried again.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/status.hpp"
#include "base/symbol.hpp"
#include "base/uuid.hpp"
#include "core/actor_ref.hpp"
#include "core/dead_letter.hpp"

namespace actord::host {

using Lsn = uint64_t;  // number of a submitted unit; 0 = none

struct EventRecord {
  uint64_t seq = 0;
  Symbol type;
  uint32_t version = 0;
  int64_t unix_ms = 0;
  Uuid correlation;
  uint64_t causation = 0;
  Bytes body;
};

struct SnapshotRecord {
  uint64_t seq = 0;  // contains exactly the events up to this one
  uint32_t state_version = 0;
  int64_t unix_ms = 0;
  Bytes body;
  uint32_t keep = 2;  // of the actor's newest ones, this one among them; the rest is deleted
};

// Everything one turn makes durable.
struct TurnUnit {
  ActorRef owner;        // whom to wake
  int64_t store_id = 0;  // from OpenedActor
  uint32_t epoch = 0;
  std::vector<EventRecord> events;  // seq consecutive
  std::vector<DeadLetter> letters;
  std::optional<SnapshotRecord> snapshot;  // a hint: its failure fails nothing else
};

struct OpenedActor {
  int64_t store_id = 0;
  uint32_t epoch = 0;      // of this instance; units of older epochs are refused from here on
  uint64_t head_seq = 0;   // newest event (or floor, or snapshot)
  uint64_t floor_seq = 0;  // events up to this one were deleted
};

struct EventBatch {
  std::vector<EventRecord> events;
  bool done = false;   // nothing after these
  uint32_t chain = 0;  // to be given to the next read
};

// A snapshot that passed its checks, and where reading goes on after it.
struct LoadedSnapshot {
  SnapshotRecord snapshot;
  uint32_t chain = 0;
};

struct DeadLetterFilter {
  std::optional<uint64_t> id;
  std::string to;  // exact path, or empty
  std::optional<DeadReason> reason;
  int64_t since_unix_ms = 0;
  uint64_t limit = 100;  // newest first
};

struct StoreStats {
  std::string location;  // file, or "memory"
  std::string promise;   // the mode's sentence
  uint64_t bytes = 0, wal_bytes = 0;
  uint64_t commits = 0, units = 0, events = 0;
  uint64_t last_commit_us = 0;
  uint64_t dead_letters = 0;          // stored
  uint64_t dead_letters_removed = 0;  // the oldest, to stay within count, age and bytes
  uint64_t dead_letters_dropped = 0;  // never stored: too many at once
  uint64_t stale_units = 0;           // refused by the fence
  bool waiting_for_space = false;
};

class DurableLog {
 public:
  struct Callbacks {
    // owners: actors whose units became durable; may repeat.
    std::function<void(Lsn durable, const std::vector<ActorRef>& owners)> committed;
    std::function<void(Error)> failed;
    // May be empty. The fence refused this unit: it is not durable, and neither is anything its owner
    // submits later. Called before a committed() covers the number, so that what waits for the unit
    // can be thrown away; the number itself passes, so that nobody waits forever.
    std::function<void(Lsn refused, ActorRef owner)> refused = {};
  };
  virtual ~DurableLog() = default;

  // Before anything else, once.
  virtual void connect(Callbacks callbacks) = 0;

  // Any thread. Units of one actor are submitted in order by its own turns.
  virtual Lsn submit(TurnUnit unit) = 0;
  virtual Lsn durable() const = 0;

  // Opens an actor for a new instance: fences older ones and answers when all units submitted before
  // this call are durable. Creates it when unknown. E_EXISTS: id belongs to another kind.
  virtual void open(std::string persistence_id, std::string kind,
                    std::function<void(Result<OpenedActor>)> done) = 0;
  // The newest good snapshot with seq <= at_most (nothing: none); UINT64_MAX: of all. Broken ones are
  // skipped.
  virtual void load_snapshot(int64_t store_id, uint64_t at_most,
                             std::function<void(Result<std::optional<LoadedSnapshot>>)> done) = 0;
  // The next events after `after`; `chain` from the snapshot or the previous batch (0 at the start).
  // E_CORRUPT names actor and sequence number: a gap, a flip, a swap.
  virtual void read(int64_t store_id, uint64_t after, uint32_t chain,
                    std::function<void(Result<EventBatch>)> done) = 0;

  // Dead letters of actors without a journal. Bounded: past the limit it counts and forgets.
  virtual void append_dead_letter(DeadLetter letter) = 0;
  virtual void dead_letters(DeadLetterFilter filter,
                            std::function<void(Result<std::vector<DeadLetter>>)> done) = 0;

  virtual StoreStats stats() const = 0;
  // Makes everything submitted durable, then closes. Blocks; the last call.
  virtual Result<void> close() = 0;
};

}  // namespace actord::host
