// What the topology and operators ask the tree for, and what turns do.
#include "runtime/actor_tree.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace actord::host {

void ActorTree::set_policy(const HostPolicy& policy) {
  const MutexLock lock(mutex_);
  budget_.set(policy);
  at_root_ = policy.at_root;
}

void ActorTree::undeclare(const std::string& path) {
  {
    const MutexLock lock(mutex_);
    const auto it = declared_.find(path);
    if (it == declared_.end()) return;
    ActorCell* const cell = live(it->second.ref);
    std::erase(declared_children_[it->second.start.path.parent().text()], path);
    std::erase(waiting_, path);
    declared_.erase(it);
    if (cell != nullptr) unwind(*cell, Goal::kStop, ACTORD_STOP_NORMAL);
  }
  exits_.changed();
}

// Under one lock: a child does not come up in between to be taken down again with its parent.
void ActorTree::restart_as(const std::vector<Declaration>& declarations) {
  {
    const MutexLock lock(mutex_);
    for (const Declaration& declaration : declarations) {
      Declared* const entry = declared(declaration.start.path.text());
      if (entry == nullptr) continue;
      entry->start = declaration.start;
      entry->after = declaration.after;
      entry->wanted = true;
      ActorCell* const cell = live(entry->ref);
      if (cell == nullptr) continue;
      // The strand takes it with the next instance: the present one ends as what it was started as.
      cell->start = std::make_shared<const ActorStart>(entry->start);
      cell->mailbox.set_options(cell->start);
      tags_.declare(cell->ref, cell->start->path.text(), cell->start->options.tags);
      if (cell->node.state == NodeState::kWaiting) continue;
      cell->node.history = {};
      cell->node.restart_due_ms = 0;
      ++cell->node.restarts;
      ++cell->node.restarts_by_operator;
      // Who changes it wants it to run: this is a later order than a park that is under way.
      if (cell->node.goal == Goal::kPark) cell->node.goal = Goal::kRun;
      unwind(*cell, Goal::kRestart, ACTORD_STOP_RESTART);
    }
    for (auto one = declarations.rbegin(); one != declarations.rend(); ++one) {
      Declared* const entry = declared(one->start.path.text());
      if (entry != nullptr) try_start(*entry);
    }
  }
  exits_.changed();
}

Result<void> ActorTree::set_options(const std::string& path, const ActorOptions& options) {
  const MutexLock lock(mutex_);
  Declared* const entry = declared(path);
  if (entry == nullptr) return why_absent(path);
  entry->start.options = options;
  if (ActorCell* const cell = live(entry->ref)) {
    cell->start = std::make_shared<const ActorStart>(entry->start);
    cell->mailbox.set_options(cell->start);
    if (cell->node.goal != Goal::kStop) tags_.declare(cell->ref, path, options.tags);
    push(*cell, {SystemTask::Kind::kOptions, 0, 0, {}, {}});
  }
  return {};
}

Result<void> ActorTree::start(const std::string& path) {
  Result<void> result;
  {
    const MutexLock lock(mutex_);
    Declared* const entry = declared(path);
    if (entry == nullptr) {
      result = Error{ACTORD_E_NOT_FOUND,
                     "no actor " + path + " in the topology; add it and: actorctl reload --wait"};
    } else if (const ActorCell* const cell = live(entry->ref);
               cell != nullptr && cell->node.state != NodeState::kWaiting) {
      result = Error{ACTORD_E_EXISTS, path + " is not stopped; see: actorctl describe " + path};
    } else {
      entry->wanted = true;
      try_start(*entry);
      const ActorCell* const now = live(entry->ref);
      if (now == nullptr || now->node.state == NodeState::kWaiting)
        result = Error{ACTORD_E_WRONG_PHASE, path + " waits for its parent or for `after`"};
    }
  }
  exits_.changed();
  return result;
}

Result<void> ActorTree::stop(const std::string& path) {
  {
    const MutexLock lock(mutex_);
    ACTORD_TRY_ASSIGN(ActorCell * cell, need(path));
    unwind(*cell, Goal::kStop, ACTORD_STOP_NORMAL);
  }
  exits_.changed();
  return {};
}

Result<void> ActorTree::restart(const std::string& path) {
  {
    const MutexLock lock(mutex_);
    ACTORD_TRY_ASSIGN(ActorCell * cell, need(path));
    cell->node.history = {};
    cell->node.restart_due_ms = 0;
    ++cell->node.restarts;
    ++cell->node.restarts_by_operator;
    unwind(*cell, Goal::kRestart, ACTORD_STOP_RESTART);
  }
  exits_.changed();
  return {};
}

Result<void> ActorTree::park(const std::string& path) {
  {
    const MutexLock lock(mutex_);
    ACTORD_TRY_ASSIGN(ActorCell * cell, need(path));
    if (cell->node.state == NodeState::kParked) return {};
    unwind(*cell, Goal::kPark, ACTORD_STOP_NORMAL);
    cell->node.reason = "by an operator";
  }
  exits_.changed();
  return {};
}

Result<void> ActorTree::resume(const std::string& path) {
  {
    const MutexLock lock(mutex_);
    ACTORD_TRY_ASSIGN(ActorCell * cell, need(path));
    TreeNode& node = cell->node;
    const bool was_suspended = node.suspended;
    set_suspended(*cell, false);
    if (node.state != NodeState::kParked && node.state != NodeState::kBackoff) {
      if (was_suspended) return {};
      return Error{ACTORD_E_WRONG_PHASE, path + " is " + std::string(node_state_name(node.state)) +
                                             ", not parked; see: actorctl describe " + path};
    }
    drop_restart_timer(*cell);
    node.history = {};
    if (node.membership == Membership::kDown) {
      // It comes up in its turn, now.
      ActorCell* const parent = live(node.parent);
      if (parent->node.group.timer != 0) {
        timers_.cancel(std::exchange(parent->node.group.timer, 0));
      }
      parent->node.group.due_ms = 0;
      advance_group(*parent);
    } else {
      begin(*cell);
    }
  }
  exits_.changed();
  return {};
}

void ActorTree::set_suspended(ActorCell& cell, bool on) {
  if (cell.node.suspended == on) return;
  cell.node.suspended = on;
  push(cell, {on ? SystemTask::Kind::kSuspend : SystemTask::Kind::kContinue, 0, 0, {}, {}});
}

Result<void> ActorTree::suspend(const std::string& path) {
  {
    const MutexLock lock(mutex_);
    ACTORD_TRY_ASSIGN(ActorCell * cell, need(path));
    if (cell->start->kind.empty())
      return Error{ACTORD_E_UNSUPPORTED, path + " only holds children; suspend those"};
    // Nobody would resume it, and what it keeps would be waited for.
    if (shutting_down_) return Error{ACTORD_E_CLOSED, "the host is shutting down"};
    set_suspended(*cell, true);
  }
  exits_.changed();
  return {};
}

void ActorTree::suspend(ActorRef ref, bool on) {
  {
    const MutexLock lock(mutex_);
    ActorCell* const cell = live(ref);
    if (cell == nullptr || (on && shutting_down_)) return;
    set_suspended(*cell, on);
  }
  exits_.changed();
}

void ActorTree::stop_child(ActorRef parent, ActorRef child) {
  {
    const MutexLock lock(mutex_);
    ActorCell* const cell = live(child);
    if (cell == nullptr || cell->node.parent != parent) return;
    unwind(*cell, Goal::kStop, ACTORD_STOP_NORMAL);
  }
  exits_.changed();
}

void ActorTree::stop_self(ActorRef ref) {
  {
    const MutexLock lock(mutex_);
    ActorCell* const cell = live(ref);
    if (cell == nullptr) return;
    if (cell->start->options.supervision.restart == RestartType::kAlways) {
      cell->node.restart_due_ms =
          clock_.now_ms() + cell->start->options.supervision.backoff.initial_ms;
      ++cell->node.restarts;
      unwind(*cell, Goal::kRestart, ACTORD_STOP_RESTART);
    } else {
      cell->node.ended_by_itself = true;
      unwind(*cell, Goal::kStop, ACTORD_STOP_NORMAL);
    }
  }
  exits_.changed();
}

void ActorTree::stop_parked() {
  {
    const MutexLock lock(mutex_);
    shutting_down_ = true;
    std::vector<ActorCell*> parked;  // those that wait for them, and suspended ones
    const std::function<void(ActorCell&)> look = [&](ActorCell& cell) {
      const bool waits = cell.node.state == NodeState::kWaiting;
      if (cell.node.state == NodeState::kParked || cell.node.suspended ||
          (waits && hopeless(cell.start->path.text()))) {
        parked.push_back(&cell);
      }
      for (const ActorRef child : cell.node.children) {
        if (ActorCell* const c = live(child)) look(*c);
      }
    };
    look(*live(root_));
    for (ActorCell* const cell : parked) unwind(*cell, Goal::kStop, ACTORD_STOP_HOST);
  }
  exits_.changed();
}

void ActorTree::stop_all() {
  {
    const MutexLock lock(mutex_);
    shutting_down_ = true;
    stopping_all_ = true;
    waiting_.clear();
    ActorCell* const root = live(root_);
    root->node.state = NodeState::kUnwinding;
    root->node.goal = Goal::kStop;
    continue_unwinding(*root);
  }
  exits_.changed();
}

bool ActorTree::watch(ActorRef watcher, ActorRef target) {
  const MutexLock lock(mutex_);
  ActorCell* const cell = live(target);
  if (cell == nullptr) return false;
  auto& watchers = cell->node.watchers;
  if (std::find(watchers.begin(), watchers.end(), watcher) == watchers.end())
    watchers.push_back(watcher);
  return true;
}

void ActorTree::unwatch(ActorRef watcher, ActorRef target) {
  const MutexLock lock(mutex_);
  if (ActorCell* const cell = live(target)) std::erase(cell->node.watchers, watcher);
}

}  // namespace actord::host
