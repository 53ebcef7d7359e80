#include "runtime/actor_tree.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "base/log.hpp"

namespace actord::host {

namespace {

Error no_such(const std::string& path) {
  return {ACTORD_E_NOT_FOUND, "no actor " + path + "; see: actorctl ps"};
}

// One that has failed and may go on keeps its children meanwhile.
bool takes_children(const ActorCell* parent) {
  return parent != nullptr && !parent->node.child_escalated &&
         (parent->node.state == NodeState::kRunning ||
          (parent->node.state == NodeState::kUndecided && parent->node.resumable));
}

}  // namespace

ActorTree::ActorTree(Registry& registry, Scheduler& scheduler, Timers& timers, Broker& broker,
                     Tags& tags, Clock& clock, Random random)
    : registry_(registry),
      scheduler_(scheduler),
      timers_(timers),
      broker_(broker),
      tags_(tags),
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

Result<void> ActorTree::adopt(ActorCell& parent, ActorRef ref,
                              std::shared_ptr<const ActorStart> start) {
  ACTORD_TRY(registry_.bind(ref, std::move(start)));
  ActorCell& cell = *registry_.cell(ref);
  tags_.declare(ref, cell.start->path.text(), cell.start->options.tags);
  cell.node = TreeNode{};
  cell.node.state = NodeState::kWaiting;
  cell.node.parent = parent.ref;
  parent.node.children.push_back(ref);
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
  cell.node.supervises = false;
  push(cell, {SystemTask::Kind::kStart, 0, 0, {}, {}});
}

Result<void> ActorTree::spawn(ActorRef parent, ActorRef ref, ActorStart start) {
  Result<void> result;
  {
    const MutexLock lock(mutex_);
    ActorCell* const cell = live(parent);
    // Effects of an instance that has ended may be released late; its successor spawns for itself.
    const bool alive =
        cell != nullptr &&
        (cell->node.state == NodeState::kRunning || cell->node.state == NodeState::kUndecided ||
         cell->node.state == NodeState::kStarting || cell->node.state == NodeState::kHydrating);
    if (!alive) {
      result = Error{ACTORD_E_CLOSED, "the parent is stopping"};
    } else if (cell->node.children.size() >= cell->start->options.supervision.max_children) {
      result =
          Error{ACTORD_E_LIMIT, "its parent has " + std::to_string(cell->node.children.size()) +
                                    " children already (supervision.max_children)"};
    } else if (!exits_.knows(start.kind)) {
      result = Error{ACTORD_E_NOT_FOUND, "no loaded plugin has the kind " + start.kind};
    } else {
      result = adopt(*cell, ref, std::make_shared<const ActorStart>(std::move(start)));
      if (result) begin(*registry_.cell(ref));
    }
    if (!result) registry_.recycle(ref);
  }
  exits_.changed();
  return result;
}

void ActorTree::declare(std::vector<Declaration> declarations) {
  {
    const MutexLock lock(mutex_);
    std::vector<Declared*> entries;
    for (Declaration& one : declarations) {
      const std::string path = one.start.path.text();
      declared_children_[one.start.path.parent().text()].push_back(path);
      Declared& entry = declared_[path];
      entry = {std::move(one.start), std::move(one.after), {}, true, ++last_order_};
      keep_place(entry);
      entries.push_back(&entry);  // stays where it is
    }
    for (Declared* const entry : entries) try_start(*entry);
    start_waiting();
  }
  exits_.changed();
}

// Its address and its mailbox, before it runs. Not where there is no parent, or the name is another's:
// then when it starts.
void ActorTree::keep_place(Declared& entry) {
  const std::string& path = entry.start.path.text();
  if (stopping_all_ || !entry.wanted || live(entry.ref) != nullptr) return;
  ActorCell* const parent = live(entry.start.path.parent().text());
  if (parent == nullptr || parent->node.goal == Goal::kStop || registry_.find(path) != ActorRef())
    return;
  auto ref = registry_.reserve();
  if (!ref) {
    log::error("actor.start_failed", ref.error().text, {{"actor", path}});
    return;
  }
  entry.ref = *ref;
  const auto adopted = adopt(*parent, *ref, std::make_shared<const ActorStart>(entry.start));
  ACTORD_ASSERT(adopted.has_value());  // the name was free, under this lock
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
    keep_place(entry);
    return;
  }
  const bool overtaken = std::erase(waiting_, path) > 0;
  keep_place(entry);
  ActorCell* const cell = live(entry.ref);
  if (cell == nullptr) return;
  if (overtaken) {  // siblings stop in the reverse of the order in which they started
    auto& siblings = parent->node.children;
    std::erase(siblings, cell->ref);
    siblings.push_back(cell->ref);
  }
  begin(*cell);
}

// Waits for what will not come while nobody does anything about it.
bool ActorTree::hopeless(const std::string& path) {
  ActorCell* const cell = live(path);
  if (cell == nullptr || cell->node.state == NodeState::kParked) return true;
  if (cell->node.state != NodeState::kWaiting) return false;
  const Declared* const entry = declared(path);
  if (entry == nullptr) return true;
  const std::string parent = entry->start.path.parent().text();
  return hopeless(parent) || std::any_of(entry->after.begin(), entry->after.end(),
                                         [&](const std::string& other) { return hopeless(other); });
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

void ActorTree::started(ActorCell& cell, bool supervises) {
  {
    const MutexLock lock(mutex_);
    const bool expected =
        cell.node.state == NodeState::kStarting || cell.node.state == NodeState::kHydrating;
    if (expected) {  // otherwise a stop came in between; its kUnwind is already in the mailbox
      cell.node.state = NodeState::kRunning;
      cell.node.supervises = supervises;
      cell.node.started_unix_ms = clock_.unix_ms();
      cell.node.history.running_since_ms = std::max<uint64_t>(1, clock_.now_ms());
      leave_group(cell);
      start_declared_of(cell.start->path.text());
      start_waiting();
    }
  }
  exits_.changed();
}

}  // namespace actord::host
