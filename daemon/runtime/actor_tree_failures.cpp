// What the tree does about a failure: the directive applied, the way up, and a supervisor that has had
// enough. What to do is decided in supervision.cpp.
#include "runtime/actor_tree.hpp"

#include "base/assert.hpp"
#include "base/limits.hpp"
#include "base/log.hpp"

namespace actord::host {
namespace {

std::string cause_of(const Failure& failure) {
  return std::string(failure_class_name(failure.failure)) + ": " + failure.text;
}

std::string limit_text(const RestartLimit& limit) {
  return "the limit of " + std::to_string(limit.restarts) + " restarts in " +
         std::to_string(limit.within_ms / 1000) + "s";
}

}  // namespace

ActorTree::Verdict ActorTree::failed(ActorCell& cell, const Failure& failure, bool resumable) {
  Verdict verdict = Verdict::kEnds;
  std::string stop_host;
  {
    const MutexLock lock(mutex_);
    if (cell.abandoned) return verdict;
    verdict = judge(cell, failure, resumable);
    std::swap(stop_host, stop_host_reason_);
  }
  if (!stop_host.empty()) exits_.stop_host(std::move(stop_host));
  exits_.changed();
  return verdict;
}

ActorTree::Verdict ActorTree::judge(ActorCell& cell, const Failure& failure, bool resumable) {
  TreeNode& node = cell.node;
  node.last_failure = failure;
  node.last_failure_unix_ms = clock_.unix_ms();
  cell.stats.failed.fetch_add(1, std::memory_order_relaxed);
  if (ask_parent(cell, failure, resumable)) return Verdict::kUndecided;
  if (resumable && resumes(cell.start->options.supervision, failure.failure)) {
    go_on(cell, failure);
    return Verdict::kGoesOn;
  }
  // A stop or restart is already on its way: the instance is gone, which is all it wanted.
  if (node.state != NodeState::kUnwinding) carry_out(cell, failure, {});
  return Verdict::kEnds;
}

void ActorTree::late_start(ActorCell& cell, uint64_t timeout_ms) {
  TreeNode& node = cell.node;
  node.last_failure = {FailureClass::kTimeout,
                       ACTORD_E_TIMEOUT,
                       "did not start within " + std::to_string(timeout_ms) + " ms",
                       {},
                       0,
                       0};
  node.last_failure_unix_ms = clock_.unix_ms();
  cell.stats.failed.fetch_add(1, std::memory_order_relaxed);
  carry_out(cell, Failure(node.last_failure), {});
}

// ---- the parent's code decides ---------------------------------------------------------------------

// False: there is nobody to ask. A parent that is itself undecided, or has to answer for another child,
// cannot decide either.
bool ActorTree::ask_parent(ActorCell& cell, const Failure& failure, bool resumable) {
  TreeNode& node = cell.node;
  const bool alive = node.state == NodeState::kRunning || node.state == NodeState::kStarting ||
                     node.state == NodeState::kHydrating;
  ActorCell* const parent = live(node.parent);
  const bool asked = alive && parent != nullptr && parent->node.state == NodeState::kRunning &&
                     parent->node.supervises && !parent->node.child_escalated;
  if (!asked) return false;
  node.state = NodeState::kUndecided;
  node.resumable = resumable;
  node.question = ++last_question_;
  node.reason = cause_of(failure);
  node.restart_timer =
      timers_.arm(clock_.now_ms() + limits::kDecisionMs, TimerPurpose::kRestart, cell.ref, 0);
  auto question = std::make_shared<ChildFailure>();
  question->number = node.question;
  question->child = cell.ref;
  question->path = cell.start->path.text();
  question->kind = cell.start->kind;
  question->failure = failure;
  question->restarts = node.restarts;
  question->restarts_in_window = static_cast<uint32_t>(restarts_in_window(cell));
  question->resumable = resumable;
  SystemTask task{SystemTask::Kind::kDecide, 0, 0, {}, {}};
  task.child = std::move(question);
  push(*parent, std::move(task));
  return true;
}

void ActorTree::decided(ActorRef child, uint64_t question, ChosenDirective chosen) {
  std::string stop_host;
  {
    const MutexLock lock(mutex_);
    ActorCell* const cell = live(child);
    // It was stopped, parked or restarted meanwhile, or the answer came too late.
    if (cell == nullptr || cell->node.state != NodeState::kUndecided ||
        cell->node.question != question) {
      return;
    }
    settle_question(*cell, chosen);
    std::swap(stop_host, stop_host_reason_);
  }
  if (!stop_host.empty()) exits_.stop_host(std::move(stop_host));
  exits_.changed();
}

void ActorTree::settle_question(ActorCell& cell, ChosenDirective chosen) {
  TreeNode& node = cell.node;
  drop_restart_timer(cell);
  node.question =
      0;  // a late answer means nothing, also where the state lasts (it may wait for siblings)
  const Failure failure = node.last_failure;
  const bool goes_on = chosen ? *chosen == Directive::kResume
                              : resumes(cell.start->options.supervision, failure.failure);
  if (!goes_on || !node.resumable) return carry_out(cell, failure, chosen);
  node.state = NodeState::kRunning;
  node.reason.clear();
  go_on(cell, failure);
  push(cell, {SystemTask::Kind::kResume, 0, 0, failure, {}});
  start_waiting();  // who waits for it to be ready
}

// ---- directives ------------------------------------------------------------------------------------

void ActorTree::go_on(ActorCell& cell, const Failure& failure) {
  log::warn("actor.resumed", "actor failed and goes on without the message",
            {{"actor", cell.start->path.text()},
             {"cause", cause_of(failure)},
             {"message_type", failure.message_type},
             {"message_id", failure.message_id}});
}

void ActorTree::carry_out(ActorCell& cell, const Failure& failure, ChosenDirective chosen) {
  TreeNode& node = cell.node;
  const uint64_t now = clock_.now_ms();
  const Decision decision =
      decide(cell.start->options.supervision, failure, now, node.history, random_, chosen);
  ActorCell* const parent = live(node.parent);
  if (decision.directive == Directive::kRestart && parent_runs(cell) &&
      exceeds_total(*parent, now)) {
    over_total(cell, *parent, failure);
  } else {
    apply(cell, failure, decision, chosen.has_value());
  }
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

void ActorTree::apply(ActorCell& cell, const Failure& failure, const Decision& decision,
                      bool by_parent) {
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
      const std::string why = decision.at_limit ? limit_text(limit) + " was reached: " + cause
                              : by_parent
                                  ? "by its parent: " + cause
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
  std::string stop_host;
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
    } else if (cell->node.state == NodeState::kUndecided && cell->node.restart_timer == timer) {
      cell->node.restart_timer = 0;
      log::warn("supervisor.undecided", "a parent has not decided in time; the topology decides",
                {{"actor", cell->start->path.text()}, {"waited_ms", limits::kDecisionMs}});
      settle_question(*cell, {});
      std::swap(stop_host, stop_host_reason_);
    }
  }
  if (!stop_host.empty()) exits_.stop_host(std::move(stop_host));
  exits_.changed();
}

}  // namespace actord::host
