// ActorTree: parents and children, and every change of an actor's life. State diagram: actor_cell.hpp.
//
// One mutex guards all nodes. Nothing here runs user code or waits: what an instance has to do is
// pushed to its cell as a system task, and the cell's strand reports back (started, failed, unwound,
// terminated). So supervision never waits for a handler, not even for the parent's.
//
// Lock order: tree mutex -> registry, mailbox, scheduler queue, timers. Never the other way round.
// (Tags' mutex: behind the tree's, before the mailbox's.)
// (Hydration's mutex -> registry, the log's.)
//
// Declared actors come from the topology. They start as soon as their parent runs and the actors
// named in `after` are ready, in the order declared. From its declaration on each has its place, address
// and mailbox (kWaiting), so that what is published before it runs is not lost; those declared together
// have theirs before the first of them runs. When their parent is restarted or parked they keep all that
// as it does, and start anew with it; children that it spawned itself end, because its next instance
// decides for itself.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "base/mutex.hpp"
#include "base/random.hpp"
#include "runtime/broker.hpp"
#include "runtime/registry.hpp"
#include "runtime/restart_budget.hpp"
#include "runtime/scheduler.hpp"
#include "runtime/tags.hpp"
#include "runtime/timers.hpp"

namespace actord::host {

struct ActorView {
  std::string path, kind, settings, reason;
  std::string state;  // node_state_name, or "stopped" for one that is declared and not running
  uint64_t incarnation = 0, restarts = 0, next_restart_ms = 0;
  uint64_t restarts_in_window = 0;    // those that count towards supervision.limit
  uint64_t restarts_by_operator = 0;  // these never do
  int64_t started_unix_ms = 0;        // 0: it does not run
  uint64_t handled = 0, failed = 0, asks = 0, timers = 0;
  uint64_t last_seq = 0, snapshot_seq = 0, hydrated_events = 0, hydrated_ms = 0;
  bool persistent = false, declared = false;
  const PluginInfo* plugin =
      nullptr;  // the build the instance is of; null: none, or it has no code
  MailboxDepth mailbox;
  ActorOptions options;
  Failure last_failure;
  int64_t last_failure_unix_ms = 0;
  std::vector<std::string> children;
};

struct TreeCounts {
  uint64_t total = 0, starting = 0, hydrating = 0, running = 0, backoff = 0, parked = 0,
           stopping = 0;
  uint64_t suspended = 0;      // would run, and handles no message; not in running
  uint64_t undecided = 0;      // failed, and the parent has not decided yet
  uint64_t abandoned = 0;      // since the start: did not stop in time
  uint64_t waiting = 0;        // declared, for its parent or for `after`; not in total
  uint64_t stopped = 0;        // declared, and stopped by an operator or given up; not in total
  uint64_t eager_pending = 0;  // actors the host's readiness waits for
};

class ActorTree {
 public:
  struct Exits {
    std::function<void(EnvelopePtr)> route;
    std::function<void()> changed;                                   // some node changed state
    std::function<void(std::string reason)> stop_host;               // a failure reached the root
    std::function<void(EnvelopePtr, const std::string& path)> bury;  // nobody will handle it
    std::function<void(ActorRef)> disown;                            // see Hydration
    std::function<bool(const std::string& kind)> knows;              // whether a plugin has it
  };
  ActorTree(Registry& registry, Scheduler& scheduler, Timers& timers, Broker& broker, Tags& tags,
            Clock& clock, Random random);
  void connect(Exits exits) { exits_ = std::move(exits); }
  void set_policy(const HostPolicy& policy);

  // --- the topology and operators; by path ---
  struct Declaration {
    ActorStart start;
    std::vector<std::string> after;
  };
  void declare(std::vector<Declaration> declarations);  // parents before their children
  void undeclare(const std::string& path);              // and stops it
  // Declared actors of the same kind with other settings (or a newer build): each starts anew in its place,
  // with its address and mailbox, whatever state it is in. Children before their parents, which they wait
  // for. Those that are not declared are passed over.
  void restart_as(const std::vector<Declaration>& declarations);
  Result<void> set_options(const std::string& path, const ActorOptions& options);
  Result<void> start(const std::string& path);  // a declared one that is stopped
  Result<void> stop(const std::string& path);
  Result<void> restart(const std::string& path);
  Result<void> park(const std::string& path);
  Result<void> resume(const std::string& path);  // parked, in backoff or suspended: now
  // It handles no message until it is resumed, whatever instance it has by then; it starts, stops and
  // fails as ever, and what is sent to it waits within the bounds of its mailbox.
  Result<void> suspend(const std::string& path);
  // The host is about to stop: nobody will resume those, and what they keep becomes dead letters now
  // instead of being waited for.
  void stop_parked();
  void stop_all();

  // --- turns ---
  // E_EXISTS, E_CLOSED, E_NOT_FOUND (no such kind), E_LIMIT (children): nothing starts, and watchers of ref are told.
  Result<void> spawn(ActorRef parent, ActorRef ref, ActorStart start);
  void stop_child(ActorRef parent, ActorRef child);
  void stop_self(ActorRef ref);
  // False: it has ended (or never was), no notice will come from here.
  bool watch(ActorRef watcher, ActorRef target);
  void unwatch(ActorRef watcher, ActorRef target);
  void suspend(ActorRef ref, bool on);      // see ext/mailbox.h; of one that has ended: nothing
  void link(ActorRef one, ActorRef other);  // see ext/spawn.h
  void unlink(ActorRef one, ActorRef other);

  // --- reports of a cell's strand ---
  void hydrating(ActorCell& cell);
  void started(ActorCell& cell, bool supervises);
  // What is to be done with the instance: it ends, goes on as if the message had not come, or is kept
  // (not run) until the parent has decided: kResume or kUnwind follows.
  enum class Verdict : uint8_t { kEnds, kGoesOn, kUndecided };
  // resumable: the instance is in order, and could go on.
  Verdict failed(ActorCell& cell, const Failure& failure, bool resumable);
  // A parent's answer. Of one that is no longer asked: nothing.
  void decided(ActorRef child, uint64_t question, ChosenDirective chosen);
  void unwound(ActorCell& cell);
  void terminated(ActorCell& cell);  // its cell may be another's as soon as this returns
  void restart_due(ActorRef ref, TimerId timer);
  // The watchdog's: the step that the actor's strand is in has lasted this long.
  void overdue(ActorRef ref, uint64_t lasted_ms);

  // --- looking ---
  // Depth first: declared children in the topology's order, running or not, then spawned ones.
  std::vector<ActorView> list();
  std::optional<ActorView> describe(const std::string& path);
  // Where one actor stands, at constant cost.
  struct Standing {
    std::string state;  // as ActorView::state; empty: neither declared nor running
    std::string reason;
    bool settled = false;  // nothing is under way: running, parked, in backoff, stopped or waiting
  };
  Standing standing(const std::string& path);
  // Why no actor runs at this path, and what to do about it: E_NOT_FOUND, E_CLOSED.
  Error absence(const std::string& path);
  TreeCounts counts();
  bool stopped();                    // after stop_all: nothing is left but the root
  bool shutting_down();              // stop_parked() or stop_all() was called
  uint64_t lingering();              // abandoned actors that are still in some turn
  std::vector<ActorRef> everyone();  // that has come up, or is about to

 private:
  struct Declared {
    ActorStart start;
    std::vector<std::string> after;
    ActorRef ref;        // nobody: not running
    bool wanted = true;  // false: stopped by an operator or given up by its supervisor
    uint64_t order = 0;
  };

  ActorCell* live(ActorRef ref) ACTORD_REQUIRES(mutex_);
  ActorCell* live(const std::string& path) ACTORD_REQUIRES(mutex_);
  Result<ActorCell*> need(const std::string& path) ACTORD_REQUIRES(mutex_);
  Error why_absent(const std::string& path) ACTORD_REQUIRES(mutex_);
  Result<void> adopt(ActorCell& parent, ActorRef ref, std::shared_ptr<const ActorStart> start)
      ACTORD_REQUIRES(mutex_);
  void push(ActorCell& cell, SystemTask task) ACTORD_REQUIRES(mutex_);
  void set_suspended(ActorCell& cell, bool on) ACTORD_REQUIRES(mutex_);
  void begin(ActorCell& cell) ACTORD_REQUIRES(mutex_);
  void unwind(ActorCell& cell, Goal goal, int32_t reason) ACTORD_REQUIRES(mutex_);
  void continue_unwinding(ActorCell& cell) ACTORD_REQUIRES(mutex_);
  void reach_goal(ActorCell& cell) ACTORD_REQUIRES(mutex_);
  void drop_restart_timer(ActorCell& cell) ACTORD_REQUIRES(mutex_);
  void apply(ActorCell& cell, const Failure& failure, const Decision& decision, bool by_parent)
      ACTORD_REQUIRES(mutex_);
  void escalate(ActorCell& cell, const Failure& failure) ACTORD_REQUIRES(mutex_);
  void park(ActorCell& cell, const std::string& why) ACTORD_REQUIRES(mutex_);
  uint64_t restarts_in_window(const ActorCell& cell) ACTORD_REQUIRES(mutex_);
  bool exceeds_total(ActorCell& parent, uint64_t now_ms) ACTORD_REQUIRES(mutex_);
  void over_total(ActorCell& cell, ActorCell& parent, const Failure& failure)
      ACTORD_REQUIRES(mutex_);
  ActorCell* grouping_parent(const ActorCell& cell) ACTORD_REQUIRES(mutex_);
  void restart_group(ActorCell& parent, const ActorCell& failed, uint64_t due_ms)
      ACTORD_REQUIRES(mutex_);
  void advance_group(ActorCell& parent) ACTORD_REQUIRES(mutex_);
  Verdict judge(ActorCell& cell, const Failure& failure, bool resumable) ACTORD_REQUIRES(mutex_);
  void late_start(ActorCell& cell, uint64_t timeout_ms) ACTORD_REQUIRES(mutex_);
  bool ask_parent(ActorCell& cell, const Failure& failure, bool resumable) ACTORD_REQUIRES(mutex_);
  void carry_out(ActorCell& cell, const Failure& failure, ChosenDirective chosen)
      ACTORD_REQUIRES(mutex_);
  void go_on(ActorCell& cell, const Failure& failure) ACTORD_REQUIRES(mutex_);
  void settle_question(ActorCell& cell, ChosenDirective chosen) ACTORD_REQUIRES(mutex_);
  struct Notices {
    std::vector<EnvelopePtr> to_watchers;
    EnvelopeQueue to_nobody;
    std::string path;
  };
  void abandon(ActorCell& cell, Notices& notices) ACTORD_REQUIRES(mutex_);
  void succeed(ActorCell& cell, Notices& notices) ACTORD_REQUIRES(mutex_);
  void depart(ActorCell& cell, Notices& notices) ACTORD_REQUIRES(mutex_);
  void after_departure(ActorRef parent) ACTORD_REQUIRES(mutex_);
  void deliver(Notices& notices);
  void end_with(ActorCell& parent, const ActorCell& child) ACTORD_REQUIRES(mutex_);
  void break_links(ActorCell& ended) ACTORD_REQUIRES(mutex_);
  void forget_link(ActorRef one, ActorRef other) ACTORD_REQUIRES(mutex_);
  void fall_with(ActorCell& cell, const std::string& other) ACTORD_REQUIRES(mutex_);
  void leave_group(ActorCell& cell) ACTORD_REQUIRES(mutex_);
  void dissolve_group(ActorCell& parent) ACTORD_REQUIRES(mutex_);
  void start_declared_of(const std::string& parent) ACTORD_REQUIRES(mutex_);
  void start_waiting() ACTORD_REQUIRES(mutex_);
  void try_start(Declared& declared) ACTORD_REQUIRES(mutex_);
  void keep_place(Declared& declared) ACTORD_REQUIRES(mutex_);
  bool hopeless(const std::string& path) ACTORD_REQUIRES(mutex_);
  bool ready(const std::string& path) ACTORD_REQUIRES(mutex_);
  bool parent_runs(const ActorCell& cell) ACTORD_REQUIRES(mutex_);
  bool elder_pending(const Declared& entry) ACTORD_REQUIRES(mutex_);
  void walk(const std::string& path, std::vector<ActorView>& views) ACTORD_REQUIRES(mutex_);
  ActorView view(ActorCell& cell) ACTORD_REQUIRES(mutex_);
  ActorView view(const Declared& absent) ACTORD_REQUIRES(mutex_);
  Declared* declared(const std::string& path) ACTORD_REQUIRES(mutex_);

  Registry& registry_;
  Scheduler& scheduler_;
  Timers& timers_;
  Broker& broker_;
  Tags& tags_;
  Clock& clock_;
  Exits exits_;

  Mutex mutex_;
  // guarded by mutex_:
  Random random_;
  RestartBudget budget_;
  Directive at_root_ = HostPolicy{}.at_root;
  ActorRef root_;
  bool shutting_down_ = false;
  bool stopping_all_ = false;
  std::string stop_host_reason_;  // set while the lock is held, reported after
  uint64_t last_order_ = 0;
  uint64_t last_question_ = 0;
  uint64_t abandoned_ = 0;
  uint64_t lingering_ = 0;  // abandoned ones whose strand has not come back yet
  // Few actors are linked, so this is no part of every node. Both ends have an entry.
  std::unordered_map<ActorRef, std::vector<ActorRef>, ActorRefHash> links_;
  std::unordered_map<std::string, Declared> declared_;
  std::unordered_map<std::string, std::vector<std::string>> declared_children_;  // in order
  std::vector<std::string> waiting_;  // declared with `after`, not started yet
};

}  // namespace actord::host
