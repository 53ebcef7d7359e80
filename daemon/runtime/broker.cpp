#include "runtime/broker.hpp"

#include <algorithm>
#include <functional>
#include <mutex>
#include <string_view>
#include <unordered_set>

#include "base/limits.hpp"

namespace actord::host {

Broker::Node* Broker::find(const TopicPattern& pattern, bool make) {
  Node* node = &root_;
  for (const auto& segment : pattern.segments) {
    auto it = node->children.find(segment);
    if (it == node->children.end()) {
      if (!make) return nullptr;
      it = node->children.emplace(segment, std::make_unique<Node>()).first;
      it->second->is_star = segment == "*";
    }
    node = it->second.get();
  }
  return node;
}

Broker::Entry* Broker::find_entry(const TopicPattern& pattern, const Subscriber& subscriber) {
  Node* const node = find(pattern, false);
  const auto mine = of_.find(subscriber);
  if (node == nullptr || mine == of_.end()) return nullptr;
  const auto age = mine->second.find(node);
  return age == mine->second.end() ? nullptr : &node->entries.at(age->second);
}

std::shared_ptr<Filter> Broker::filter(const TopicPattern& pattern,
                                       const Subscriber& subscriber) const {
  const std::shared_lock lock(mutex_);
  Entry* const entry = const_cast<Broker*>(this)->find_entry(pattern, subscriber);
  return entry == nullptr ? nullptr : entry->listener.filter;
}

void Broker::set_filter(const TopicPattern& pattern, const Subscriber& subscriber,
                        std::shared_ptr<Filter> filter) {
  const std::unique_lock lock(mutex_);
  if (Entry* const entry = find_entry(pattern, subscriber))
    entry->listener.filter = std::move(filter);
}

Result<void> Broker::subscribe(const TopicPattern& pattern, const Subscriber& subscriber,
                               std::shared_ptr<Filter> filter) {
  const std::unique_lock lock(mutex_);
  if (find_entry(pattern, subscriber) != nullptr) return {};
  if (count_ >= limits::kSubscriptionsMax) return Error{ACTORD_E_LIMIT, "too many subscriptions"};
  Node* const node = find(pattern, true);
  node->entries.emplace(++last_age_, Entry{{subscriber, std::move(filter)}, pattern.text});
  of_[subscriber].emplace(node, last_age_);
  ++count_;
  return {};
}

std::shared_ptr<Filter> Broker::unsubscribe(const TopicPattern& pattern,
                                            const Subscriber& subscriber) {
  const std::unique_lock lock(mutex_);
  Node* const node = find(pattern, false);
  const auto mine = of_.find(subscriber);
  if (node == nullptr || mine == of_.end()) return nullptr;
  const auto entry = mine->second.find(node);
  if (entry == mine->second.end()) return nullptr;
  auto filter = std::move(node->entries.at(entry->second).listener.filter);
  node->entries.erase(entry->second);
  mine->second.erase(entry);
  if (mine->second.empty()) of_.erase(mine);
  --count_;
  prune(pattern);
  return filter;
}

void Broker::unsubscribe_all(ActorRef ref) {
  const std::unique_lock lock(mutex_);
  const auto mine = of_.find({ref, {}});
  if (mine == of_.end()) return;
  const auto entries = std::move(mine->second);
  of_.erase(mine);
  for (const auto& [node, age] : entries) {
    const auto entry = node->entries.find(age);
    const auto pattern = TopicPattern::parse(entry->second.pattern);
    node->entries.erase(entry);
    --count_;
    prune(*pattern);
  }
}

// Removes nodes that lead nowhere, from the leaf up.
void Broker::prune(const TopicPattern& pattern) {
  std::vector<std::pair<Node*, const std::string*>> way;
  Node* node = &root_;
  for (const auto& segment : pattern.segments) {
    const auto it = node->children.find(segment);
    if (it == node->children.end()) break;
    way.emplace_back(node, &segment);
    node = it->second.get();
  }
  for (auto step = way.rbegin(); step != way.rend(); ++step) {
    const auto it = step->first->children.find(*step->second);
    if (!it->second->children.empty() || !it->second->entries.empty()) return;
    step->first->children.erase(it);
  }
}

// A state and what is reached from it for nothing: "*" may stand for zero segments.
void Broker::enter(const Node* node, std::vector<const Node*>& states) {
  if (std::find(states.begin(), states.end(), node) != states.end()) return;
  states.push_back(node);
  const auto star = node->children.find("*");
  if (star != node->children.end()) enter(star->second.get(), states);
}

std::vector<Listener> Broker::match(const Topic& topic) const {
  const std::shared_lock lock(mutex_);
  // The set of trie nodes reachable so far. A star node stays in the set as segments pass. Each node
  // is in the set once, so a match is polynomial whatever the patterns.
  std::vector<const Node*> states;
  enter(&root_, states);
  for (const auto& segment : topic.segments) {
    std::vector<const Node*> next;
    for (const Node* node : states) {
      if (node->is_star) enter(node, next);
      const auto exact = node->children.find(segment);
      if (exact != node->children.end()) enter(exact->second.get(), next);
      const auto one = node->children.find("?");
      if (one != node->children.end()) enter(one->second.get(), next);
    }
    states = std::move(next);
    if (states.empty()) return {};
  }
  std::vector<std::pair<uint64_t, const Listener*>> found;  // by age
  size_t sources = 0;
  bool filtered = false;
  for (const Node* node : states) {
    sources += node->entries.empty() ? 0 : 1;
    for (const auto& [age, entry] : node->entries) {
      found.emplace_back(age, &entry.listener);
      filtered = filtered || entry.listener.filter != nullptr;
    }
  }
  if (sources > 1) std::sort(found.begin(), found.end());
  std::vector<Listener> listeners;
  listeners.reserve(found.size());
  // One pattern holds a subscriber once; only several patterns can find it twice.
  const bool once = sources < 2 || filtered;
  std::unordered_set<ActorRef, ActorRefHash> seen_refs;
  std::unordered_set<std::string_view> seen_paths;
  for (const auto& [age, one] : found) {
    const bool fresh = once || (one->ref.is_nobody() ? seen_paths.insert(one->path).second
                                                     : seen_refs.insert(one->ref).second);
    if (fresh) listeners.push_back(*one);
  }
  return listeners;
}

std::vector<SubscriptionView> Broker::list() const {
  const std::shared_lock lock(mutex_);
  std::map<uint64_t, const Entry*> entries;
  const std::function<void(const Node&)> walk = [&](const Node& node) {
    for (const auto& [age, entry] : node.entries) entries.emplace(age, &entry);
    for (const auto& [segment, child] : node.children) walk(*child);
  };
  walk(root_);
  std::vector<SubscriptionView> views;
  views.reserve(entries.size());
  for (const auto& [age, entry] : entries)
    views.push_back({entry->pattern, entry->listener, entry->listener.filter});
  return views;
}

}  // namespace actord::host
