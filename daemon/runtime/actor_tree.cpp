#include "runtime/actor_tree.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "base/log.hpp"

namespace actord::host {

std::string_view node_state_name(NodeState state) {
  switch (state) {
    case NodeState::kFree: return "free";
    case NodeState::kStarting: return "starting";
    case NodeState::kHydrating: return "hydrating";
    case NodeState::kRunning: return "running";
    case NodeState::kUnwinding: return "stopping";
    case NodeState::kBackoff: return "backoff";
    case NodeState::kWaiting: return "waiting";
    case NodeState::kParked: return "parked";
    case NodeState::kEnding: return "stopping";
  }
  return "free";
}

namespace {

Error no_such(const std::string& path) {
  return {ACTORD_E_NOT_FOUND, "no actor " + path + "; see: actorctl ps"};
}

bool takes_children(const ActorCell* parent) {
  return parent != nullptr && parent->node.state == NodeState::kRunning &&
         !parent->node.child_escalated;
}

std::string cause_of(const Failure& failure) {
  return std::string(failure_class_name(failure.failure)) + ": " + failure.text;
}

std::string limit_text(const RestartLimit& limit) {
  return "the limit of " + std::to_string(limit.restarts) + " restarts in " +
         std::to_string(limit.within_ms / 1000) + "s";
}

EnvelopePtr termination_notice(ActorRef watcher, ActorRef ended, int32_t reason) {
  auto notice = std::make_unique<Envelope>();
  notice->kind = MessageKind::kTerminated;
  notice->to = watcher;
  notice->from = ended;
  notice->reason = reason;
  return notice;
}

}  // namespace

ActorTree::ActorTree(Registry& registry, Scheduler& scheduler, Timers& timers, Broker& broker,
                     Clock& clock, Random random)
    : registry_(registry),
      scheduler_(scheduler),
      timers_(timers),
      broker_(broker),
      clock_(clock),
      random_(random) {
  // The root holds the top-level actors and has no instance: it is running from the start.
  auto ref = registry_.reserve();
  ACTORD_ASSERT(ref.has_value());
  root_ = *ref;
  const auto bound = registry_.bind(root_, std::make_shared<ActorStart>());
  ACTORD_ASSERT(bound.has_value());
  registry_.cell(root_)->node.state = NodeState::kRunning;
}

ActorCell* ActorTree::live(ActorRef ref) {
  ActorCell* const cell = registry_.cell(ref);
  if (cell == nullptr || cell->ref != ref || cell->node.state == NodeState::kFree) return nullptr;
  return cell;
}

ActorCell* ActorTree::live(const std::string& path) { return live(registry_.find(path)); }

Result<ActorCell*> ActorTree::need(const std::string& path) {
  ActorCell* const cell = live(path);
  if (cell == nullptr || cell->ref == root_) return why_absent(path);
  return cell;
}

Error ActorTree::why_absent(const std::string& path) {
  const Declared* const entry = declared(path);
  if (entry == nullptr) return no_such(path);
  if (!entry->wanted)
    return {ACTORD_E_CLOSED, path + " is stopped; start it: actorctl start " + path};
  return {ACTORD_E_CLOSED,
          path + " waits for its parent or for `after`; see: actorctl describe " + path};
}

Error ActorTree::absence(const std::string& path) {
  const MutexLock lock(mutex_);
  return why_absent(path);
}

ActorTree::Declared* ActorTree::declared(const std::string& path) {
  const auto it = declared_.find(path);
  return it == declared_.end() ? nullptr : &it->second;
}

void ActorTree::push(ActorCell& cell, SystemTask task) {
  if (cell.mailbox.push_task(cell.ref.incarnation, std::move(task)) == PushResult::kQueuedWake) {
    scheduler_.schedule(cell);
  }
}

// ---- starting ------------------------------------------------------------------------------------

Result<void> ActorTree::adopt(ActorCell& parent, ActorRef ref,
                              std::shared_ptr<const ActorStart> start) {
  ACTORD_TRY(registry_.bind(ref, std::move(start)));
  ActorCell& cell = *registry_.cell(ref);
  cell.node = TreeNode{};
  cell.node.parent = parent.ref;
  parent.node.children.push_back(ref);
  begin(cell);
  return {};
}

void ActorTree::begin(ActorCell& cell) {
  cell.node.state = NodeState::kStarting;
  cell.node.goal = Goal::kRun;
  cell.node.reason.clear();
  cell.node.instance_asked_to_end = false;
  cell.node.instance_ended = false;
  cell.node.child_escalated = false;
  cell.node.ended_by_itself = false;
  push(cell, {SystemTask::Kind::kStart, 0, 0, {}, {}});
}

Result<void> ActorTree::spawn(ActorRef parent, ActorRef ref, ActorStart start) {
  Result<void> result;
  {
    const MutexLock lock(mutex_);
    ActorCell* const cell = live(parent);
    // Effects of an instance that has ended may be released late; its successor spawns for itself.
    const bool alive = cell != nullptr && (cell->node.state == NodeState::kRunning ||
                                           cell->node.state == NodeState::kStarting ||
                                           cell->node.state == NodeState::kHydrating);
    if (!alive) {
      result = Error{ACTORD_E_CLOSED, "the parent is stopping"};
    } else if (!exits_.knows(start.kind)) {
      result = Error{ACTORD_E_NOT_FOUND, "no loaded plugin has the kind " + start.kind};
    } else {
      result = adopt(*cell, ref, std::make_shared<const ActorStart>(std::move(start)));
    }
    if (!result) registry_.recycle(ref);
  }
  exits_.changed();
  return result;
}

void ActorTree::declare(ActorStart start, std::vector<std::string> after) {
  {
    const MutexLock lock(mutex_);
    const std::string path = start.path.text();
    declared_children_[start.path.parent().text()].push_back(path);
    Declared& entry = declared_[path];
    entry = {std::move(start), std::move(after), {}, true, ++last_order_};
    try_start(entry);
    start_waiting();
  }
  exits_.changed();
}

bool ActorTree::parent_runs(const ActorCell& cell) {
  return takes_children(live(cell.node.parent));
}

void ActorTree::try_start(Declared& entry) {
  if (stopping_all_ || !entry.wanted) return;
  // One that was there when its parent ended has kept its place.
  ActorCell* const waiting = live(entry.ref);
  if (waiting != nullptr && waiting->node.state != NodeState::kWaiting) return;
  const std::string& path = entry.start.path.text();
  ActorCell* const parent = live(entry.start.path.parent().text());
  const bool after_ready = std::all_of(entry.after.begin(), entry.after.end(),
                                       [&](const std::string& other) { return ready(other); });
  const bool name_free = waiting != nullptr || registry_.find(path) == ActorRef();
  if (!takes_children(parent) || !after_ready || elder_pending(entry) || !name_free) {
    if (std::find(waiting_.begin(), waiting_.end(), path) == waiting_.end())
      waiting_.push_back(path);
    return;
  }
  std::erase(waiting_, path);
  if (waiting != nullptr) return begin(*waiting);
  auto ref = registry_.reserve();
  if (!ref) {
    log::error("actor.start_failed", ref.error().text, {{"actor", path}});
    return;
  }
  entry.ref = *ref;
  const auto adopted = adopt(*parent, *ref, std::make_shared<const ActorStart>(entry.start));
  ACTORD_ASSERT(adopted.has_value());  // the name was free, under this lock
}

void ActorTree::start_declared_of(const std::string& parent) {
  const auto it = declared_children_.find(parent);
  if (it == declared_children_.end()) return;
  for (const auto& path : std::vector<std::string>(it->second)) {
    if (Declared* child = declared(path)) try_start(*child);
  }
}

void ActorTree::start_waiting() {
  // Only those that could not start at once are looked at again.
  for (const auto& path : std::vector<std::string>(waiting_)) {
    if (Declared* entry = declared(path)) try_start(*entry);
  }
}

// Ready: running, and so is every declared actor below it that is wanted.
bool ActorTree::ready(const std::string& path) {
  ActorCell* const cell = live(path);
  if (cell == nullptr || cell->node.state != NodeState::kRunning) return false;
  const auto it = declared_children_.find(path);
  if (it == declared_children_.end()) return true;
  return std::all_of(it->second.begin(), it->second.end(), [&](const std::string& child) {
    return !declared(child)->wanted || ready(child);
  });
}

// Children that share their fate depend on those before them, so each waits until these are ready.
bool ActorTree::elder_pending(const Declared& entry) {
  ActorCell* const parent = live(entry.start.path.parent().text());
  if (parent->start->options.supervision.strategy == Strategy::kOneForOne) return false;
  for (const auto& path : declared_children_[parent->start->path.text()]) {
    if (path == entry.start.path.text()) return false;
    if (declared(path)->wanted && !ready(path)) return true;
  }
  return false;
}

void ActorTree::hydrating(ActorCell& cell) {
  {
    const MutexLock lock(mutex_);
    if (cell.node.state == NodeState::kStarting) cell.node.state = NodeState::kHydrating;
  }
  exits_.changed();
}

void ActorTree::started(ActorCell& cell) {
  {
    const MutexLock lock(mutex_);
    const bool expected =
        cell.node.state == NodeState::kStarting || cell.node.state == NodeState::kHydrating;
    if (expected) {  // otherwise a stop came in between; its kUnwind is already in the mailbox
      cell.node.state = NodeState::kRunning;
      cell.node.started_unix_ms = clock_.unix_ms();
      cell.node.history.running_since_ms = std::max<uint64_t>(1, clock_.now_ms());
      leave_group(cell);
      start_declared_of(cell.start->path.text());
      start_waiting();
    }
  }
  exits_.changed();
}

// ---- failing -------------------------------------------------------------------------------------

void ActorTree::failed(ActorCell& cell, const Failure& failure) {
  std::string stop_host;
  {
    const MutexLock lock(mutex_);
    if (cell.abandoned) return;
    judge(cell, failure);
    std::swap(stop_host, stop_host_reason_);
  }
  if (!stop_host.empty()) exits_.stop_host(std::move(stop_host));
  exits_.changed();
}

void ActorTree::judge(ActorCell& cell, const Failure& failure) {
  TreeNode& node = cell.node;
  node.last_failure = failure;
  node.last_failure_unix_ms = clock_.unix_ms();
  cell.stats.failed.fetch_add(1, std::memory_order_relaxed);
  // A stop or restart is already on its way: the instance is gone, which is all it wanted.
  if (node.state == NodeState::kUnwinding) return;
  const uint64_t now = clock_.now_ms();
  const Decision decision =
      decide(cell.start->options.supervision, failure, now, node.history, random_);
  ActorCell* const parent = live(node.parent);
  if (decision.directive == Directive::kRestart && parent_runs(cell) &&
      exceeds_total(*parent, now)) {
    over_total(cell, *parent, failure);
  } else {
    apply(cell, failure, decision);
  }
}

void ActorTree::resumed(ActorCell& cell, const Failure& failure) {
  {
    const MutexLock lock(mutex_);
    if (cell.abandoned) return;
    cell.node.last_failure = failure;
    cell.node.last_failure_unix_ms = clock_.unix_ms();
    cell.stats.failed.fetch_add(1, std::memory_order_relaxed);
    log::warn("actor.resumed", "actor failed and goes on without the message",
              {{"actor", cell.start->path.text()},
               {"cause", cause_of(failure)},
               {"message_type", failure.message_type},
               {"message_id", failure.message_id}});
  }
  exits_.changed();
}

bool ActorTree::exceeds_total(ActorCell& parent, uint64_t now_ms) {
  const RestartLimit& total = parent.start->options.supervision.total;
  if (total.restarts == 0) return false;
  auto& window = parent.node.children_restarts_ms;
  while (!window.empty() && now_ms - window.front() > total.within_ms) window.pop_front();
  if (window.size() + 1 > total.restarts) return true;
  window.push_back(now_ms);
  return false;
}

// The supervisor itself has failed: its children fail too often, whichever they are.
void ActorTree::over_total(ActorCell& cell, ActorCell& parent, const Failure& failure) {
  const RestartLimit& total = parent.start->options.supervision.total;
  const std::string& path = parent.start->path.text();
  const std::string why = std::to_string(total.restarts) + " restarts of children in " +
                          std::to_string(total.within_ms / 1000) + "s, last " +
                          cell.start->path.text() + ": " + cause_of(failure);
  log::error("supervisor.total_exceeded", "the children of a supervisor fail too often",
             {{"actor", path}, {"child", cell.start->path.text()}, {"cause", cause_of(failure)}});
  parent.node.children_restarts_ms.clear();
  switch (total.then) {
    case Directive::kPark: park(parent, why); return;
    case Directive::kStop:
      parent.node.ended_by_itself = true;
      unwind(parent, Goal::kStop, ACTORD_STOP_FAILED);
      return;
    case Directive::kStopHost:
      stop_host_reason_ = path + ": " + why;
      park(parent, why);
      return;
    default: escalate(cell, failure); return;
  }
}

void ActorTree::park(ActorCell& cell, const std::string& why) {
  const std::string& path = cell.start->path.text();
  log::error("actor.parked", "actor is parked; its mailbox is kept. Next: actorctl resume " + path,
             {{"actor", path}, {"cause", why}});
  unwind(cell, Goal::kPark, ACTORD_STOP_FAILED);
  cell.node.reason = why;
}

void ActorTree::apply(ActorCell& cell, const Failure& failure, const Decision& decision) {
  TreeNode& node = cell.node;
  const std::string& path = cell.start->path.text();
  const RestartLimit& limit = cell.start->options.supervision.limit;
  const std::string cause = cause_of(failure);
  ActorCell* const group = grouping_parent(cell);
  switch (decision.directive) {
    case Directive::kResume: ACTORD_ASSERT(false);  // decide never says so
    case Directive::kRestart: {
      // What the topology wants started at once (backoff.initial 0) is held by no budget.
      const uint64_t now = clock_.now_ms();
      const uint64_t delay =
          decision.delay_ms == 0 ? 0 : std::max(decision.delay_ms, budget_.take(now));
      ++node.restarts;
      node.restart_due_ms = now + delay;
      log::warn("actor.restart", "actor failed and will be restarted",
                {{"actor", path},
                 {"cause", cause},
                 {"message_type", failure.message_type},
                 {"message_id", failure.message_id},
                 {"attempt", decision.in_window},
                 {"limit", limit.restarts},
                 {"within_ms", limit.within_ms},
                 {"next_delay_ms", delay}});
      node.reason = cause;
      if (group != nullptr) return restart_group(*group, cell, node.restart_due_ms);
      unwind(cell, Goal::kRestart, ACTORD_STOP_RESTART);
      return;
    }
    case Directive::kPark: {
      const std::string why = decision.at_limit
                                  ? limit_text(limit) + " was reached: " + cause
                                  : "class " + std::string(failure_class_name(failure.failure)) +
                                        " parks at once: " + failure.text;
      // Those that share their fate are parked as one, by their supervisor.
      if (group != nullptr) return park(*group, "child " + path + ": " + why);
      park(cell, why);
      return;
    }
    case Directive::kStop:
      log::error("actor.given_up", "actor failed and is stopped by its supervisor",
                 {{"actor", path}, {"cause", cause}});
      node.ended_by_itself = true;
      unwind(cell, Goal::kStop, ACTORD_STOP_FAILED);
      return;
    case Directive::kEscalate:
      log::error("actor.escalated", "actor failed and its parent has to answer for it",
                 {{"actor", path}, {"cause", cause}});
      escalate(cell, failure);
      return;
    case Directive::kStopHost:
      log::error("actor.stop_host", "actor failed and its policy ends the host",
                 {{"actor", path}, {"cause", cause}});
      stop_host_reason_ = path + ": " + cause;
      unwind(cell, Goal::kPark, ACTORD_STOP_FAILED);
      return;
  }
}

void ActorTree::escalate(ActorCell& cell, const Failure& failure) {
  ActorCell* const parent = live(cell.node.parent);
  const std::string path = cell.start->path.text();
  if (parent == nullptr || parent->ref == root_) {
    if (at_root_ == Directive::kPark) return park(cell, cause_of(failure));
    unwind(cell, Goal::kStop, ACTORD_STOP_FAILED);
    stop_host_reason_ = path + ": " + failure.text;
    return;
  }
  // It starts anew with its parent, and not before.
  parent->node.child_escalated = true;
  const Declared* const entry = declared(path);
  const bool comes_back = entry != nullptr && entry->ref == cell.ref;
  unwind(cell, comes_back ? Goal::kWait : Goal::kStop, ACTORD_STOP_FAILED);
  SystemTask task{SystemTask::Kind::kFail, 0, 0, failure, {}};
  task.failure.text = "child " + path + " failed: " + failure.text;
  push(*parent, std::move(task));
}

void ActorTree::restart_due(ActorRef ref, TimerId timer) {
  {
    const MutexLock lock(mutex_);
    ActorCell* const cell = live(ref);
    // A timer that was replaced meanwhile changes nothing.
    if (cell == nullptr) return;
    if (cell->node.group.active && cell->node.group.timer == timer) {
      cell->node.group.timer = 0;
      advance_group(*cell);
    } else if (cell->node.state == NodeState::kBackoff && cell->node.restart_timer == timer) {
      cell->node.restart_timer = 0;
      begin(*cell);
    }
  }
  exits_.changed();
}

// ---- restarting together -------------------------------------------------------------------------

// Null: the actor restarts alone. So does one whose parent is ending: that takes all of them down anyway,
// and a group that begins then would never be dissolved.
ActorCell* ActorTree::grouping_parent(const ActorCell& cell) {
  ActorCell* const parent = live(cell.node.parent);
  if (parent == nullptr || parent->ref == root_ || !parent_runs(cell)) return nullptr;
  return parent->start->options.supervision.strategy == Strategy::kOneForOne ? nullptr : parent;
}

// A failure while a group is on its way (down, waiting or up) joins it: the whole way begins again.
void ActorTree::restart_group(ActorCell& parent, const ActorCell& failed, uint64_t due_ms) {
  const bool all = parent.start->options.supervision.strategy == Strategy::kOneForAll;
  bool member = all;
  for (const ActorRef child : parent.node.children) {
    ActorCell* const cell = live(child);
    member = member || child == failed.ref;
    const bool stays = cell->node.state == NodeState::kParked || cell->node.goal == Goal::kStop;
    if (!member || stays || cell->node.membership == Membership::kDown) continue;
    cell->node.membership = Membership::kGoingDown;
  }
  RestartGroup& group = parent.node.group;
  if (group.timer != 0) timers_.cancel(std::exchange(group.timer, 0));
  group.active = true;
  group.due_ms = due_ms;
  advance_group(parent);
}

// One step of the way; called again by whatever ends the step (a child unwound, terminated, started,
// the delay).
void ActorTree::advance_group(ActorCell& parent) {
  RestartGroup& group = parent.node.group;
  if (!group.active) return;
  const std::vector<ActorRef> children = parent.node.children;  // a copy: steps change it
  for (auto it = children.rbegin(); it != children.rend(); ++it) {
    ActorCell* const cell = live(*it);
    if (cell == nullptr || cell->node.membership != Membership::kGoingDown) continue;
    const NodeState state = cell->node.state;
    if (state == NodeState::kUnwinding || state == NodeState::kEnding) return;
    if (state == NodeState::kBackoff) {
      drop_restart_timer(*cell);
      cell->node.membership = Membership::kDown;
      continue;
    }
    // One that is never restarted is not restarted for its siblings' sake either.
    const bool never = cell->start->options.supervision.restart == RestartType::kNever;
    unwind(*cell, never ? Goal::kStop : Goal::kRestart,
           never ? ACTORD_STOP_NORMAL : ACTORD_STOP_RESTART);
    return;
  }
  const uint64_t now = clock_.now_ms();
  if (group.due_ms > now) {
    if (group.timer == 0)
      group.timer = timers_.arm(group.due_ms, TimerPurpose::kRestart, parent.ref, 0);
    return;
  }
  for (const ActorRef child : children) {
    ActorCell* const cell = live(child);
    if (cell == nullptr) continue;
    if (cell->node.membership == Membership::kGoingUp) return;
    if (cell->node.membership != Membership::kDown || cell->node.state != NodeState::kBackoff)
      continue;
    cell->node.membership = Membership::kGoingUp;
    begin(*cell);
    return;
  }
  group.active = false;
}

void ActorTree::leave_group(ActorCell& cell) {
  if (std::exchange(cell.node.membership, Membership::kNone) == Membership::kNone) return;
  if (ActorCell* const parent = live(cell.node.parent)) advance_group(*parent);
}

void ActorTree::dissolve_group(ActorCell& parent) {
  RestartGroup& group = parent.node.group;
  if (!group.active) return;
  if (group.timer != 0) timers_.cancel(group.timer);
  group = {};
  for (const ActorRef child : parent.node.children) {
    if (ActorCell* const cell = live(child)) cell->node.membership = Membership::kNone;
  }
}

// ---- unwinding -----------------------------------------------------------------------------------

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
  std::erase(parent->node.children, ref);
  const bool takes_parent_along = cell.start->options.supervision.significant &&
                                  cell.node.ended_by_itself && !stopping_all_ &&
                                  parent->node.state != NodeState::kUnwinding;
  if (takes_parent_along) end_with(*parent, cell);
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

// ---- deadlines -----------------------------------------------------------------------------------

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
      judge(*cell, {FailureClass::kTimeout,
                    ACTORD_E_TIMEOUT,
                    "did not start within " + std::to_string(options.start_timeout_ms) + " ms",
                    {},
                    0});
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
  exits_.disown(cell.ref, *cell.start);
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
  const auto bound = registry_.bind(*ref, cell.start, notices.to_nobody);
  ACTORD_ASSERT(bound.has_value());  // the name was free, under this lock
  for (const ActorRef watcher : cell.node.watchers) {
    notices.to_watchers.push_back(termination_notice(watcher, old, ACTORD_STOP_FAILED));
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

// ---- asked for -----------------------------------------------------------------------------------

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

Result<void> ActorTree::set_options(const std::string& path, const ActorOptions& options) {
  const MutexLock lock(mutex_);
  Declared* const entry = declared(path);
  if (entry == nullptr) return no_such(path);
  entry->start.options = options;
  if (ActorCell* const cell = live(entry->ref)) {
    cell->start = std::make_shared<const ActorStart>(entry->start);
    cell->mailbox.set_options(cell->start);
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
    } else if (!entry->ref.is_nobody()) {
      result = Error{ACTORD_E_EXISTS, path + " is not stopped; see: actorctl describe " + path};
    } else {
      entry->wanted = true;
      try_start(*entry);
      if (entry->ref.is_nobody())
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
    if (node.state != NodeState::kParked && node.state != NodeState::kBackoff) {
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
    std::vector<ActorCell*> parked;
    const std::function<void(ActorCell&)> look = [&](ActorCell& cell) {
      if (cell.node.state == NodeState::kParked) parked.push_back(&cell);
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

// ---- looking -------------------------------------------------------------------------------------

ActorView ActorTree::view(ActorCell& cell) {
  const TreeNode& node = cell.node;
  const auto read = [](const auto& counter) { return counter.load(std::memory_order_relaxed); };
  ActorView view;
  view.path = cell.start->path.text();
  view.kind = cell.start->kind;
  view.settings = cell.start->settings;
  view.options = cell.start->options;
  view.state = node_state_name(node.state);
  view.reason = node.reason;
  view.incarnation = cell.ref.incarnation;
  view.restarts = node.restarts;
  view.restarts_by_operator = node.restarts_by_operator;
  if (node.state == NodeState::kRunning) view.started_unix_ms = node.started_unix_ms;
  const bool has_instance =
      node.state == NodeState::kRunning || node.state == NodeState::kHydrating;
  if (has_instance) view.plugin = read(cell.stats.plugin);
  const uint64_t now = clock_.now_ms();
  view.restarts_in_window = static_cast<uint64_t>(std::count_if(
      node.history.restarts_ms.begin(), node.history.restarts_ms.end(),
      [&](uint64_t at_ms) { return now - at_ms <= view.options.supervision.limit.within_ms; }));
  if (node.state == NodeState::kBackoff && node.restart_due_ms > now) {
    view.next_restart_ms = node.restart_due_ms - now;
  }
  view.handled = read(cell.stats.handled);
  view.failed = read(cell.stats.failed);
  view.asks = read(cell.stats.asks);
  view.timers = read(cell.stats.timers);
  view.last_seq = read(cell.stats.last_seq);
  view.snapshot_seq = read(cell.stats.snapshot_seq);
  view.hydrated_events = read(cell.stats.hydrated_events);
  view.hydrated_ms = read(cell.stats.hydrated_ms);
  view.persistent = read(cell.stats.persistent);
  view.mailbox = cell.mailbox.depth();
  view.last_failure = node.last_failure;
  view.last_failure_unix_ms = node.last_failure_unix_ms;
  view.declared = declared(view.path) != nullptr;
  for (const ActorRef child : node.children) {
    if (ActorCell* const c = live(child)) view.children.push_back(c->start->path.text());
  }
  return view;
}

ActorView ActorTree::view(const Declared& absent) {
  ActorView view;
  view.path = absent.start.path.text();
  view.kind = absent.start.kind;
  view.settings = absent.start.settings;
  view.options = absent.start.options;
  view.declared = true;
  view.state = absent.wanted ? "waiting" : "stopped";
  return view;
}

// One that does not run is listed where it would: after its elder siblings, under its own parent.
void ActorTree::walk(const std::string& path, std::vector<ActorView>& views) {
  ActorCell* const cell = live(path);
  Declared* const entry = declared(path);
  if (cell != nullptr && cell->ref != root_) views.push_back(view(*cell));
  if (cell == nullptr && entry != nullptr) views.push_back(view(*entry));
  if (const auto it = declared_children_.find(path); it != declared_children_.end()) {
    for (const std::string& child : it->second) walk(child, views);
  }
  if (cell == nullptr) return;
  for (const ActorRef child : cell->node.children) {
    ActorCell* const c = live(child);
    if (c != nullptr && declared(c->start->path.text()) == nullptr)
      walk(c->start->path.text(), views);
  }
}

std::vector<ActorView> ActorTree::list() {
  const MutexLock lock(mutex_);
  std::vector<ActorView> views;
  walk(live(root_)->start->path.text(), views);
  for (const auto& [path, entry] : declared_) {
    const std::string parent = entry.start.path.parent().text();
    if (live(parent) == nullptr && declared(parent) == nullptr) walk(path, views);
  }
  return views;
}

std::optional<ActorView> ActorTree::describe(const std::string& path) {
  for (ActorView& view : list()) {
    if (view.path == path) return std::move(view);
  }
  return std::nullopt;
}

ActorTree::Standing ActorTree::standing(const std::string& path) {
  const MutexLock lock(mutex_);
  if (ActorCell* const cell = live(path)) {
    const NodeState state = cell->node.state;
    const bool settled = state == NodeState::kRunning || state == NodeState::kParked ||
                         state == NodeState::kBackoff || state == NodeState::kWaiting;
    return {std::string(node_state_name(state)), cell->node.reason, settled};
  }
  const Declared* const entry = declared(path);
  if (entry == nullptr) return {{}, {}, true};
  return {entry->wanted ? "waiting" : "stopped", {}, true};
}

TreeCounts ActorTree::counts() {
  const MutexLock lock(mutex_);
  TreeCounts counts;
  const std::function<void(ActorCell&)> add = [&](ActorCell& cell) {
    if (cell.ref != root_) {
      ++counts.total;
      // Ready is a matter of what the topology declares; who spawns without end would never be.
      const bool eager = cell.start->options.persistence.hydrate == Hydrate::kEager &&
                         declared(cell.start->path.text()) != nullptr;
      switch (cell.node.state) {
        case NodeState::kStarting:
          ++counts.starting;
          counts.eager_pending += eager ? 1 : 0;
          break;
        case NodeState::kHydrating:
          ++counts.hydrating;
          counts.eager_pending += eager ? 1 : 0;
          break;
        case NodeState::kRunning: ++counts.running; break;
        case NodeState::kBackoff: ++counts.backoff; break;
        case NodeState::kWaiting:
          ++counts.waiting;
          --counts.total;
          break;
        case NodeState::kParked: ++counts.parked; break;
        case NodeState::kUnwinding:
        case NodeState::kEnding: ++counts.stopping; break;
        case NodeState::kFree: break;
      }
    }
    for (const ActorRef child : cell.node.children) {
      if (ActorCell* const c = live(child)) add(*c);
    }
  };
  add(*live(root_));
  counts.waiting += static_cast<uint64_t>(
      std::count_if(waiting_.begin(), waiting_.end(), [&](const std::string& path) {
        const Declared* const entry = declared(path);
        return entry != nullptr && entry->ref.is_nobody();
      }));
  counts.abandoned = abandoned_;
  for (const auto& [path, entry] : declared_) {
    if (entry.ref.is_nobody() && !entry.wanted) ++counts.stopped;
  }
  for (const auto& path : waiting_) {
    // One whose parent is parked or in backoff cannot start: the host does not wait for it either.
    const Declared* const entry = declared(path);
    ActorCell* const parent = entry == nullptr ? nullptr : live(entry->start.path.parent().text());
    const bool soon = parent != nullptr && parent->node.state == NodeState::kRunning;
    bool blocked = !soon;
    for (const auto& other : entry == nullptr ? std::vector<std::string>() : entry->after) {
      ActorCell* const cell = live(other);
      blocked = blocked || cell == nullptr || cell->node.state == NodeState::kParked ||
                cell->node.state == NodeState::kBackoff;
    }
    if (!blocked) ++counts.eager_pending;
  }
  return counts;
}

bool ActorTree::stopped() {
  const MutexLock lock(mutex_);
  return stopping_all_ && live(root_)->node.children.empty();
}

bool ActorTree::shutting_down() {
  const MutexLock lock(mutex_);
  return shutting_down_;
}

uint64_t ActorTree::lingering() {
  const MutexLock lock(mutex_);
  return lingering_;
}

std::vector<ActorRef> ActorTree::everyone() {
  const MutexLock lock(mutex_);
  std::vector<ActorRef> refs;
  const std::function<void(ActorCell&)> add = [&](ActorCell& cell) {
    if (cell.ref != root_) refs.push_back(cell.ref);
    for (const ActorRef child : cell.node.children) {
      if (ActorCell* const c = live(child)) add(*c);
    }
  };
  add(*live(root_));
  return refs;
}

}  // namespace actord::host
