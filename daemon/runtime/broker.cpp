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

Result<void> Broker::subscribe(const TopicPattern& pattern, const Subscriber& subscriber) {
  const std::unique_lock lock(mutex_);
  if (const Node* known = find(pattern, false)) {
    for (const Entry& entry : known->entries) {
      if (entry.subscriber == subscriber) return {};
    }
  }
  if (count_ >= limits::kSubscriptionsMax) return Error{ACTORD_E_LIMIT, "too many subscriptions"};
  Node* node = find(pattern, true);
  node->entries.push_back({++last_age_, subscriber, pattern.text});
  ++count_;
  if (!subscriber.ref.is_nobody()) patterns_of_[subscriber.ref].push_back(pattern.text);
  return {};
}

void Broker::unsubscribe(const TopicPattern& pattern, const Subscriber& subscriber) {
  const std::unique_lock lock(mutex_);
  Node* node = find(pattern, false);
  if (node == nullptr) return;
  count_ -=
      std::erase_if(node->entries, [&](const Entry& e) { return e.subscriber == subscriber; });
  if (!subscriber.ref.is_nobody()) {
    const auto it = patterns_of_.find(subscriber.ref);
    if (it != patterns_of_.end()) {
      std::erase(it->second, pattern.text);
      if (it->second.empty()) patterns_of_.erase(it);
    }
  }
  prune(pattern);
}

void Broker::unsubscribe_all(ActorRef ref) {
  std::vector<std::string> patterns;
  {
    const std::shared_lock lock(mutex_);
    const auto it = patterns_of_.find(ref);
    if (it == patterns_of_.end()) return;
    patterns = it->second;
  }
  for (const auto& text : patterns) {
    if (auto pattern = TopicPattern::parse(text)) unsubscribe(*pattern, {ref, {}});
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

std::vector<Subscriber> Broker::match(const Topic& topic) const {
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
  std::vector<const Entry*> found;
  size_t sources = 0;
  for (const Node* node : states) {
    sources += node->entries.empty() ? 0 : 1;
    for (const Entry& entry : node->entries) found.push_back(&entry);
  }
  std::sort(found.begin(), found.end(),
            [](const Entry* a, const Entry* b) { return a->age < b->age; });
  std::vector<Subscriber> subscribers;
  subscribers.reserve(found.size());
  // One pattern holds a subscriber once; only several patterns can find it twice.
  std::unordered_set<ActorRef, ActorRefHash> seen_refs;
  std::unordered_set<std::string_view> seen_paths;
  for (const Entry* entry : found) {
    const Subscriber& one = entry->subscriber;
    const bool fresh = sources < 2 || (one.ref.is_nobody() ? seen_paths.insert(one.path).second
                                                           : seen_refs.insert(one.ref).second);
    if (fresh) subscribers.push_back(one);
  }
  return subscribers;
}

std::vector<SubscriptionView> Broker::list() const {
  const std::shared_lock lock(mutex_);
  std::vector<const Entry*> entries;
  const std::function<void(const Node&)> walk = [&](const Node& node) {
    for (const Entry& entry : node.entries) entries.push_back(&entry);
    for (const auto& [segment, child] : node.children) walk(*child);
  };
  walk(root_);
  std::sort(entries.begin(), entries.end(),
            [](const Entry* a, const Entry* b) { return a->age < b->age; });
  std::vector<SubscriptionView> views;
  views.reserve(entries.size());
  for (const Entry* entry : entries) views.push_back({entry->pattern, entry->subscriber});
  return views;
}

}  // namespace actord::host
