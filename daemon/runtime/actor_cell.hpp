// ActorCell: one place where an actor lives. Cells are kept in a slab and reused; an incarnation is
// one life in a cell, an instance is one behavior object (a restart makes a new one).
//
// Who may touch what:
//   mailbox  any thread (own lock)
//   strand   the one thread that runs the cell now (see mailbox.hpp for why there is only one)
//   node     whoever holds ActorTree's mutex
//   stats    any thread (atomics)
//
// Life of a node (ActorTree; the function on each edge):
//
//        adopt             started (kWaiting before: a declared one, until its parent and `after` are ready)
//   (new) ----> kStarting ---------------> kRunning
//                  |  ^ \ hydrating          |
//                  |  |  `-> kHydrating -----+  started
//           failed |  | restart_due / resume | failed, stop, restart, park
//                  v  |                      v
//               kUnwinding  (children end in reverse order, then the instance)
//                  |  goal kRestart: kBackoff --restart_due--> kStarting
//                  |  goal kWait:    kWaiting --parent runs--> kStarting
//                  |  goal kPark:    kParked  --resume-------> kStarting
//                  v  goal kStop
//               kEnding --terminated--> (free)
//
// A failure of one whose parent decides by code (core/child_failure) leads from kStarting, kHydrating or
// kRunning to kUndecided first: nothing of it runs, and all is kept. The parent's answer, or the deadline
// for it (restart_timer), leads on: kRunning for a resume, else as if it had failed just then.
//
// In a group (supervision.strategy of the parent) kBackoff has no timer of its own: the parent's group
// has it, and begins its members one after the other.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/behavior.hpp"
#include "core/effects.hpp"
#include "runtime/mailbox.hpp"
#include "runtime/supervision.hpp"
#include "runtime/timers.hpp"

namespace actord::host {

enum class NodeState : uint8_t {
  kFree,
  kStarting,
  kHydrating,
  kRunning,
  kUndecided,
  kUnwinding,
  kBackoff,
  kWaiting,
  kParked,
  kEnding,
};
std::string_view node_state_name(NodeState state);

// Later ones win over earlier ones. kWait: declared, and its parent starts anew or is parked; it keeps
// its mailbox and its address as the parent does, and starts with it.
enum class Goal : uint8_t { kRun, kRestart, kWait, kPark, kStop };

// A child's part in a restart of several siblings together (ActorTree::advance_group): all go down in
// reverse order, wait for the one delay, and come up one after the other in start order.
enum class Membership : uint8_t { kNone, kGoingDown, kDown, kGoingUp };

struct RestartGroup {
  bool active = false;
  uint64_t due_ms = 0;
  TimerId timer = 0;
};

struct TreeNode {
  ActorRef parent;
  std::vector<ActorRef> children;  // in start order
  NodeState state = NodeState::kFree;
  Goal goal = Goal::kRun;
  int32_t stop_reason = 0;  // ACTORD_STOP_*, of goal kStop
  bool instance_asked_to_end = false;
  bool instance_ended = false;  // while unwinding
  uint64_t asked_to_end_ms = 0;
  bool child_escalated = false;  // a child's failure is on its way to the instance: it will end
  bool ended_by_itself = false;  // not by an operator, a reload or its parent
  Membership membership = Membership::kNone;
  RestartGroup group;                         // of its children
  std::deque<uint64_t> children_restarts_ms;  // inside the window of supervision.total
  FailureHistory history;
  uint64_t restarts = 0;              // of this incarnation
  uint64_t restarts_by_operator = 0;  // of those
  int64_t started_unix_ms = 0;        // the instance that runs; 0: none has come up yet
  uint64_t restart_due_ms = 0;
  TimerId restart_timer = 0;  // kBackoff: its end; kUndecided: the last moment for an answer
  bool supervises = false;    // the instance decides about its children's failures
  uint64_t question = 0;      // kUndecided: the number its parent has to answer
  bool resumable = false;     // kUndecided: the instance can go on
  bool suspended = false;     // handles no message, whatever its state; see ActorTree::suspend
  Failure last_failure;
  int64_t last_failure_unix_ms = 0;  // 0: never failed
  std::string reason;                // why parked or in backoff, for people
  std::vector<ActorRef> watchers;
};

struct HeldTurn {
  Lsn gate;
  uint64_t instance;  // whose turn it was
  std::vector<Effect> effects;
};

struct PendingAsk {
  TimerId timer = 0;     // its deadline, or before that the look at who waits for whom; 0: neither
  ActorRef target = {};  // nobody: not known
  uint64_t deadline_ms = 0;
  bool waits = false;  // told to AskCycles
};

struct ActorTimer {
  std::string key;
  uint64_t due_ms = 0;
  uint64_t period_ms = 0;  // 0: once
  Bytes payload;
};

// kUndecided: it has failed, and is kept until its parent has decided.
enum class InstancePhase : uint8_t { kNone, kHydrating, kRunning, kUndecided };

struct Strand {
  ActorRef self;
  std::shared_ptr<const ActorStart> start;
  InstancePhase phase = InstancePhase::kNone;
  bool accepting = false;    // as last told to the mailbox
  bool stop_wanted = false;  // a turn asked for the end: no message after it is handled
  bool suspended = false;    // handles no message until it is told to go on; outlives instances
  bool terminating = false;  // ends as soon as nothing is held
  uint64_t instance = 0;     // grows with each instance, so that late answers are known
  std::unique_ptr<Behavior> behavior;

  EnvelopeQueue urgent;   // taken from the mailbox, not yet handled; ahead of all that is pending
  EnvelopeQueue pending;  // taken from the mailbox or put back, not yet handled
  EnvelopeQueue stash;
  EnvelopePtr undecided;  // kUndecided: the message it failed at, if it may be tried again
  LaneLoad done;          // of this run

  Effects effects;            // of the running turn
  std::deque<HeldTurn> held;  // effects behind the gate, oldest first
  Lsn last_lsn = 0;

  uint64_t ask_counter = 0;
  std::unordered_map<uint64_t, PendingAsk> asks;       // by number
  std::unordered_map<std::string, TimerId> timer_ids;  // key -> armed
  std::unordered_map<TimerId, ActorTimer> timers;
  // The notice that is to come, where the actor gave one of its own; else null.
  std::unordered_map<ActorRef, EnvelopePtr, ActorRefHash> watching;

  bool has_messages() const { return !urgent.empty() || !pending.empty(); }
  EnvelopePtr next_message() { return urgent.empty() ? pending.pop_front() : urgent.pop_front(); }
  // Where it was, ahead of those that came after it.
  void put_back(EnvelopePtr envelope) {
    (envelope->lane == Lane::kUser ? pending : urgent).push_front(std::move(envelope));
  }

  int64_t store_id = 0;
  uint32_t epoch = 0;
  uint64_t last_seq = 0;
  uint64_t head_seq = 0;      // what hydration has to reach
  uint64_t snapshot_seq = 0;  // newest snapshot taken or loaded
  uint32_t chain = 0;
  uint64_t hydration_began_ms = 0;
};

struct CellStats {
  std::atomic<uint64_t> handled{0}, failed{0};
  std::atomic<uint64_t> asks{0}, timers{0};
  std::atomic<uint64_t> last_seq{0}, snapshot_seq{0};
  std::atomic<uint64_t> hydrated_events{0}, hydrated_ms{0};
  std::atomic<bool> persistent{false};
  std::atomic<const PluginInfo*> plugin{nullptr};  // of the newest instance
};

struct ActorCell {
  explicit ActorCell(uint64_t slot_number) : slot(slot_number) {}

  const uint64_t slot;
  // Its stop came too late: the tree has let go of it, the strand ends as soon as it can. Set under
  // ActorTree's mutex.
  std::atomic<bool> abandoned{false};
  // A unit of it that the store refused, because a new instance owns the journal: its turn has not
  // happened. Only an abandoned one can get there.
  std::atomic<Lsn> refused{0};
  ActorCell* run_next = nullptr;  // link of the run queue it is in
  // Of the current incarnation. Guarded by ActorTree's mutex; the strand has its own copy.
  ActorRef ref;
  std::shared_ptr<const ActorStart> start;

  Mailbox mailbox;
  Strand strand;
  TreeNode node;
  CellStats stats;
};

}  // namespace actord::host
