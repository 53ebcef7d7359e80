// How an actor ends: children first, then the instance, then the goal; and what is done about one that
// does not end in time.
#include "runtime/actor_tree.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "base/log.hpp"

namespace actord::host {
namespace {

EnvelopePtr termination_notice(ActorRef watcher, ActorRef ended, int32_t reason) {
  auto notice = std::make_unique<Envelope>();
  notice->kind = MessageKind::kTerminated;
  notice->to = watcher;
  notice->from = ended;
  notice->reason = reason;
  return notice;
}

}  // namespace

void ActorTree::drop_restart_timer(ActorCell& cell) {
  if (cell.node.restart_timer != 0) timers_.cancel(cell.node.restart_timer);
  cell.node.restart_timer = 0;
}

void ActorTree::unwind(ActorCell& cell, Goal goal, int32_t reason) {
  TreeNode& node = cell.node;
  if (node.state == NodeState::kEnding || goal <= node.goal) return;
  node.goal = goal;
  if (goal == Goal::kStop) {
    node.stop_reason = reason;
    tags_.leave(cell.ref);  // whoever hands out work by a tag gives it none from here on
    // Not wanted any more, unless it only ends because its parent starts anew (its entry is then
    // started again with the parent).
    Declared* const entry = declared(cell.start->path.text());
    ActorCell* const parent = live(node.parent);
    const bool with_parent = parent != nullptr && parent->node.state == NodeState::kUnwinding;
    if (entry != nullptr && entry->ref == cell.ref && !with_parent) entry->wanted = false;
  }
  if (node.state == NodeState::kUnwinding) {  // goes on towards the new goal
    // Children that were to come back with it end after all.
    if (goal == Goal::kStop && !node.children.empty()) continue_unwinding(cell);
    return;
  }
  drop_restart_timer(cell);
  dissolve_group(cell);
  node.state = NodeState::kUnwinding;
  continue_unwinding(cell);
}

// Children first, in reverse start order, one after the other; then the instance; then the goal.
void ActorTree::continue_unwinding(ActorCell& cell) {
  TreeNode& node = cell.node;
  for (auto it = node.children.rbegin(); it != node.children.rend(); ++it) {
    ActorCell* const child = live(*it);
    ACTORD_ASSERT(child != nullptr);
    const Declared* const entry = declared(child->start->path.text());
    const bool comes_back = node.goal != Goal::kStop && entry != nullptr && entry->ref == *it &&
                            child->node.goal != Goal::kStop;
    if (!comes_back) {
      unwind(*child, Goal::kStop, stopping_all_ ? ACTORD_STOP_HOST : ACTORD_STOP_NORMAL);
      return;
    }
    if (child->node.state == NodeState::kWaiting || child->node.state == NodeState::kParked)
      continue;
    unwind(*child, Goal::kWait, ACTORD_STOP_RESTART);
    return;
  }
  if (cell.ref == root_) return;
  if (node.instance_ended) return reach_goal(cell);
  if (!node.instance_asked_to_end) {
    node.instance_asked_to_end = true;
    node.asked_to_end_ms = clock_.now_ms();
    const int32_t reason = node.goal == Goal::kStop ? node.stop_reason : ACTORD_STOP_RESTART;
    push(cell, {SystemTask::Kind::kUnwind, reason, 0, {}, {}});
  }
}

void ActorTree::unwound(ActorCell& cell) {
  {
    const MutexLock lock(mutex_);
    if (cell.abandoned) return;
    ACTORD_ASSERT(cell.node.state == NodeState::kUnwinding);
    cell.node.instance_ended = true;
    reach_goal(cell);
  }
  exits_.changed();
}

void ActorTree::reach_goal(ActorCell& cell) {
  TreeNode& node = cell.node;
  switch (node.goal) {
    case Goal::kRestart: {
      const uint64_t now = clock_.now_ms();
      if (node.membership != Membership::kNone) {
        node.state = NodeState::kBackoff;
        node.goal = Goal::kRun;
        node.instance_asked_to_end = node.instance_ended = false;
        node.membership = Membership::kDown;
        return advance_group(*live(node.parent));
      }
      if (!parent_runs(cell)) {  // an operator's restart of one that waits
        node.goal = Goal::kWait;
        return reach_goal(cell);
      }
      if (node.restart_due_ms <= now) {
        begin(cell);
        return;
      }
      node.state = NodeState::kBackoff;
      node.goal = Goal::kRun;
      node.instance_asked_to_end = node.instance_ended = false;
      node.restart_timer = timers_.arm(node.restart_due_ms, TimerPurpose::kRestart, cell.ref, 0);
      return;
    }
    case Goal::kWait:
    case Goal::kPark:
      node.state = node.goal == Goal::kWait ? NodeState::kWaiting : NodeState::kParked;
      node.goal = Goal::kRun;
      node.instance_asked_to_end = node.instance_ended = false;
      leave_group(cell);
      after_departure(node.parent);  // it may be what its parent waits for
      return;
    case Goal::kStop:
      if (!node.children.empty()) return continue_unwinding(cell);
      node.state = NodeState::kEnding;
      push(cell, {SystemTask::Kind::kTerminate, 0, 0, {}, {}});
      return;
    case Goal::kRun: ACTORD_ASSERT(false);
  }
}

void ActorTree::terminated(ActorCell& cell) {
  Notices notices;
  {
    const MutexLock lock(mutex_);
    const ActorRef ref = cell.ref;
    const ActorRef parent = cell.node.parent;
    const bool abandoned = cell.abandoned.exchange(false);
    if (!abandoned) depart(cell, notices);
    cell.node = TreeNode{};
    cell.start = nullptr;
    cell.ref = {};
    registry_.recycle(ref);
    if (abandoned) {
      --lingering_;
    } else {
      after_departure(parent);
    }
  }
  deliver(notices);
}

// The name, the subscriptions and the place among the children are free before anybody is told.
void ActorTree::depart(ActorCell& cell, Notices& notices) {
  const ActorRef ref = cell.ref;
  registry_.unbind(ref);
  broker_.unsubscribe_all(ref);
  tags_.end(ref);
  if (Declared* const entry = declared(cell.start->path.text());
      entry != nullptr && entry->ref == ref) {
    entry->ref = {};
    if (entry->wanted && !stopping_all_) waiting_.push_back(cell.start->path.text());
  }
  for (const ActorRef watcher : cell.node.watchers) {
    notices.to_watchers.push_back(termination_notice(watcher, ref, cell.node.stop_reason));
  }
  ActorCell* const parent = live(cell.node.parent);
  ACTORD_ASSERT(parent != nullptr);
  // Most are the last that is left: they end in reverse order. A search from the front made the end of a
  // million siblings quadratic.
  auto& siblings = parent->node.children;
  const auto place = std::find(siblings.rbegin(), siblings.rend(), ref);
  if (place != siblings.rend()) siblings.erase(std::next(place).base());
  const bool takes_parent_along = cell.start->options.supervision.significant &&
                                  cell.node.ended_by_itself && !stopping_all_ &&
                                  parent->node.state != NodeState::kUnwinding;
  if (takes_parent_along) end_with(*parent, cell);
  break_links(cell);
}

void ActorTree::after_departure(ActorRef ref) {
  ActorCell* const parent = live(ref);
  if (parent->node.state == NodeState::kUnwinding) continue_unwinding(*parent);
  advance_group(*parent);
  start_waiting();
}

void ActorTree::deliver(Notices& notices) {
  std::string stop_host;
  {
    const MutexLock lock(mutex_);
    std::swap(stop_host, stop_host_reason_);
  }
  for (EnvelopePtr& notice : notices.to_watchers) exits_.route(std::move(notice));
  while (EnvelopePtr rest = notices.to_nobody.pop_front())
    exits_.bury(std::move(rest), notices.path);
  if (!stop_host.empty()) exits_.stop_host(std::move(stop_host));
  exits_.changed();
}

void ActorTree::overdue(ActorRef ref, uint64_t lasted_ms) {
  Notices notices;
  {
    const MutexLock lock(mutex_);
    ActorCell* const cell = live(ref);
    if (cell == nullptr) return;
    TreeNode& node = cell->node;
    const SupervisionOptions& options = cell->start->options.supervision;
    const bool starting = node.state == NodeState::kStarting || node.state == NodeState::kHydrating;
    if (starting && lasted_ms >= options.start_timeout_ms) {
      // Nobody is asked: the strand is inside the start, so there is nothing to be kept.
      late_start(*cell, options.start_timeout_ms);
    } else if (node.state == NodeState::kUnwinding && node.instance_asked_to_end &&
               (node.goal != Goal::kStop || node.children.empty()) &&
               clock_.now_ms() - node.asked_to_end_ms >= options.stop_timeout_ms) {
      abandon(*cell, notices);
    } else {
      return;
    }
  }
  deliver(notices);
}

// The strand is inside the actor's code and cannot be made to leave it. So the tree lets go of the
// cell: the name is free, watchers are told, and the strand ends by itself when it comes back. What
// was to start anew does so in another cell, with the mailbox of this one.
void ActorTree::abandon(ActorCell& cell, Notices& notices) {
  const ActorRef parent = cell.node.parent;
  notices.path = cell.start->path.text();
  log::error("actor.abandoned", "actor did not stop in time; nobody waits for it any longer",
             {{"actor", notices.path}, {"waited_ms", clock_.now_ms() - cell.node.asked_to_end_ms}});
  ++abandoned_;
  ++lingering_;
  cell.abandoned.store(true, std::memory_order_release);
  cell.mailbox.refuse(notices.to_nobody);
  exits_.disown(cell.ref);
  if (cell.node.goal == Goal::kStop) {
    cell.node.stop_reason = ACTORD_STOP_FAILED;
    depart(cell, notices);
  } else {
    succeed(cell, notices);
  }
  cell.node = TreeNode{};
  push(cell, {SystemTask::Kind::kTerminate, 0, 0, {}, {}});
  after_departure(parent);
}

void ActorTree::succeed(ActorCell& cell, Notices& notices) {
  const ActorRef old = cell.ref;
  auto ref = registry_.reserve();
  if (!ref) {
    log::error("actor.start_failed", ref.error().text, {{"actor", cell.start->path.text()}});
    return depart(cell, notices);
  }
  registry_.unbind(old);
  broker_.unsubscribe_all(old);
  tags_.end(old);
  const auto bound = registry_.bind(*ref, cell.start, notices.to_nobody);
  ACTORD_ASSERT(bound.has_value());  // the name was free, under this lock
  tags_.declare(*ref, cell.start->path.text(), cell.start->options.tags);
  for (const ActorRef watcher : cell.node.watchers) {
    notices.to_watchers.push_back(termination_notice(watcher, old, ACTORD_STOP_FAILED));
  }
  if (auto links = links_.extract(old); !links.empty()) {
    for (const ActorRef other : links.mapped())
      std::replace(links_[other].begin(), links_[other].end(), old, *ref);
    links.key() = *ref;
    links_.insert(std::move(links));
  }
  auto& siblings = live(cell.node.parent)->node.children;
  std::replace(siblings.begin(), siblings.end(), old, *ref);
  if (Declared* const entry = declared(cell.start->path.text());
      entry != nullptr && entry->ref == old) {
    entry->ref = *ref;
  }
  ActorCell& heir = *registry_.cell(*ref);
  heir.node = std::move(cell.node);
  heir.node.watchers.clear();
  for (const ActorRef child : heir.node.children) live(child)->node.parent = *ref;
  if (heir.node.suspended) push(heir, {SystemTask::Kind::kSuspend, 0, 0, {}, {}});
  reach_goal(heir);
}

// ---- ending together -----------------------------------------------------------------------------

// A significant child has ended: what it was there for is done, or cannot be done.
void ActorTree::end_with(ActorCell& parent, const ActorCell& child) {
  const std::string& path = child.start->path.text();
  if (parent.ref == root_) {
    stop_host_reason_ = path + " has ended, and it is significant";
    return;
  }
  log::info("supervisor.ends", "a significant child has ended, and its supervisor with it",
            {{"actor", parent.start->path.text()}, {"child", path}});
  parent.node.ended_by_itself = true;
  unwind(parent, Goal::kStop, child.node.stop_reason);
}

}  // namespace actord::host
