// The tree as operators see it.
#include "runtime/actor_tree.hpp"

#include <algorithm>
#include <functional>

namespace actord::host {

std::string_view node_state_name(NodeState state) {
  switch (state) {
    case NodeState::kFree: return "free";
    case NodeState::kStarting: return "starting";
    case NodeState::kHydrating: return "hydrating";
    case NodeState::kRunning: return "running";
    case NodeState::kUndecided: return "undecided";
    case NodeState::kUnwinding: return "stopping";
    case NodeState::kBackoff: return "backoff";
    case NodeState::kWaiting: return "waiting";
    case NodeState::kParked: return "parked";
    case NodeState::kEnding: return "stopping";
  }
  return "free";
}

namespace {

std::string_view state_of(const TreeNode& node) {
  return node.suspended && node.state == NodeState::kRunning ? "suspended"
                                                             : node_state_name(node.state);
}

}  // namespace

uint64_t ActorTree::restarts_in_window(const ActorCell& cell) {
  const uint64_t now = clock_.now_ms();
  const auto& times = cell.node.history.restarts_ms;
  return static_cast<uint64_t>(std::count_if(times.begin(), times.end(), [&](uint64_t at_ms) {
    return now - at_ms <= cell.start->options.supervision.limit.within_ms;
  }));
}

ActorView ActorTree::view(ActorCell& cell) {
  const TreeNode& node = cell.node;
  const auto read = [](const auto& counter) { return counter.load(std::memory_order_relaxed); };
  ActorView view;
  view.path = cell.start->path.text();
  view.kind = cell.start->kind;
  view.settings = cell.start->settings;
  view.options = cell.start->options;
  view.state = state_of(node);
  view.reason = node.reason;
  view.incarnation = cell.ref.incarnation;
  view.restarts = node.restarts;
  view.restarts_by_operator = node.restarts_by_operator;
  if (node.state == NodeState::kRunning) view.started_unix_ms = node.started_unix_ms;
  const bool has_instance = node.state == NodeState::kRunning ||
                            node.state == NodeState::kHydrating ||
                            (node.state == NodeState::kUndecided && node.resumable);
  if (has_instance) view.plugin = read(cell.stats.plugin);
  const uint64_t now = clock_.now_ms();
  view.restarts_in_window = restarts_in_window(cell);
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
    return {std::string(state_of(cell->node)), cell->node.reason, settled};
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
        case NodeState::kRunning:
          ++(cell.node.suspended ? counts.suspended : counts.running);
          break;
        case NodeState::kUndecided: ++counts.undecided; break;
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
                cell->node.state == NodeState::kBackoff || cell->node.state == NodeState::kWaiting;
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
    if (cell.ref != root_ && cell.node.state != NodeState::kWaiting) refs.push_back(cell.ref);
    for (const ActorRef child : cell.node.children) {
      if (ActorCell* const c = live(child)) add(*c);
    }
  };
  add(*live(root_));
  return refs;
}

}  // namespace actord::host
