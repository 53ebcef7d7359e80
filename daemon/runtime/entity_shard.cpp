#include "runtime/entity_shard.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace actord::host {
namespace {

// It has an instance, or is about to, or has not yet got rid of it.
bool takes_place(NodeState state) {
  return state != NodeState::kFree && state != NodeState::kWaiting && state != NodeState::kParked &&
         state != NodeState::kEnding;
}

}  // namespace

std::shared_ptr<const ActorStart> EntityShard::start_of(std::string_view key) const {
  auto start = std::make_shared<ActorStart>();
  start->path = parent_.child(key);
  start->kind = options_.kind;
  start->settings = options_.settings;
  start->options = options_.options;
  start->entity = true;
  return start;
}

bool EntityShard::moved(ActorCell& cell, NodeState before, uint64_t now_ms) {
  const NodeState state = cell.node.state;
  if (before == NodeState::kWaiting) {
    if (!waiting_.empty() && waiting_.front() == cell.ref) {
      waiting_.pop_front();
    } else {
      std::erase(waiting_, cell.ref);
    }
  }
  if (state == NodeState::kWaiting && before != NodeState::kWaiting) waiting_.push_back(cell.ref);
  if (state == NodeState::kUnwinding && cell.node.goal == Goal::kPassivate) leaving_.insert(&cell);
  if (before == NodeState::kUnwinding) leaving_.erase(&cell);
  if (takes_place(before) == takes_place(state)) return false;
  if (takes_place(state)) {
    add(cell, now_ms);
    return false;
  }
  remove(cell);
  return true;
}

void EntityShard::add(ActorCell& cell, uint64_t since_ms) {
  active_[&cell] = since_ms;
  by_idleness_.insert({since_ms, &cell});
}

void EntityShard::remove(ActorCell& cell) {
  const auto it = active_.find(&cell);
  ACTORD_ASSERT(it != active_.end());
  by_idleness_.erase({it->second, &cell});
  active_.erase(it);
}

void EntityShard::inherited(ActorCell& from, ActorCell& to) {
  const auto it = active_.find(&from);
  if (it == active_.end()) return;
  const uint64_t since_ms = it->second;
  remove(from);
  add(to, since_ms);
  if (leaving_.erase(&from) > 0) leaving_.insert(&to);
}

uint64_t EntityShard::places_needed() const {
  const uint64_t wanted = active_.size() + waiting_.size();
  const uint64_t there = options_.max_active + leaving_.size();
  return wanted > there ? wanted - there : 0;
}

ActorCell* EntityShard::longest_idle(uint64_t at_most_ms, uint64_t now_ms,
                                     const std::function<bool(ActorCell&)>& may_go) {
  for (auto it = by_idleness_.begin(); it != by_idleness_.end() && it->since_ms <= at_most_ms;) {
    const auto [since_ms, cell] = *it;
    const uint64_t idle_since = cell->idle_since.load();
    const bool idle = idle_since != 0 && may_go(*cell);
    if (idle && idle_since <= since_ms) return cell;
    // At work, it will not be idle before now; those that were looked at just now stay behind.
    const uint64_t later = idle ? idle_since : now_ms;
    if (later <= since_ms) {
      ++it;
      continue;
    }
    by_idleness_.erase(it);
    by_idleness_.insert({later, cell});
    active_[cell] = later;
    it = by_idleness_.begin();
  }
  return nullptr;
}

void EntityShard::keep_watch(const std::string& key, Watch watch) {
  watches_[key].push_back(watch);
  watched_as_[watch.as] = key;
}

void EntityShard::drop_watch(ActorRef watcher, ActorRef as) {
  const auto known = watched_as_.find(as);
  if (known == watched_as_.end()) return;
  const auto list = watches_.find(known->second);
  std::erase_if(list->second,
                [&](const Watch& one) { return one.watcher == watcher && one.as == as; });
  const bool others = std::any_of(list->second.begin(), list->second.end(),
                                  [&](const Watch& one) { return one.as == as; });
  if (list->second.empty()) watches_.erase(list);
  if (!others) watched_as_.erase(known);
}

std::vector<EntityShard::Watch> EntityShard::take_watches(const std::string& key) {
  const auto list = watches_.extract(key);
  if (list.empty()) return {};
  for (const Watch& watch : list.mapped()) watched_as_.erase(watch.as);
  return list.mapped();
}

std::vector<EntityShard::Watch> EntityShard::take_all_watches() {
  std::vector<Watch> all;
  for (const auto& [key, list] : watches_) all.insert(all.end(), list.begin(), list.end());
  watches_.clear();
  watched_as_.clear();
  return all;
}

}  // namespace actord::host
