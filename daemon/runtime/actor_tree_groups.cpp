// Siblings that start anew together (supervision.strategy one_for_all, rest_for_one).
#include "runtime/actor_tree.hpp"

#include <utility>

namespace actord::host {

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
    // One that waits has not come up yet; it starts after those before it, as it would have.
    const bool stays = cell->node.state == NodeState::kParked ||
                       cell->node.state == NodeState::kWaiting || cell->node.goal == Goal::kStop;
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

}  // namespace actord::host
