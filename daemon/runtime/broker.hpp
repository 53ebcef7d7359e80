// Broker: who listens to a topic. A trie of pattern segments; the cost of a match follows the depth
// of the pattern tree, not the number of subscriptions.
//
// A subscription names an incarnation (made by code, ends with the instance) or a path (made by the
// topology: whoever lives there now). One subscriber is found once, however many patterns match, in
// the order of its oldest matching subscription.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/status.hpp"
#include "core/actor_ref.hpp"
#include "core/topic.hpp"

namespace actord::host {

struct Subscriber {
  ActorRef ref;  // nobody: by path
  std::string path;
  bool operator==(const Subscriber&) const = default;
};

class Filter;  // runtime/filter.hpp

// A subscriber and what its subscription lets through; no filter: everything.
struct Listener : Subscriber {
  std::shared_ptr<Filter> filter;
};

struct SubscriptionView {
  std::string pattern;
  Subscriber subscriber;
  std::shared_ptr<Filter> filter;
};

class Broker {
 public:
  // Subscribing twice to one pattern is one subscription. E_LIMIT past kSubscriptionsMax.
  Result<void> subscribe(const TopicPattern& pattern, const Subscriber& subscriber,
                         std::shared_ptr<Filter> filter = nullptr);
  // The filter it had, if any.
  std::shared_ptr<Filter> unsubscribe(const TopicPattern& pattern, const Subscriber& subscriber);
  void unsubscribe_all(ActorRef ref);
  std::shared_ptr<Filter> filter(const TopicPattern& pattern, const Subscriber& subscriber) const;
  void set_filter(const TopicPattern& pattern, const Subscriber& subscriber,
                  std::shared_ptr<Filter> filter);
  // Where a filter is among them, each subscription by itself, the oldest first: whoever asks the
  // filters sees to it that a subscriber gets one copy.
  std::vector<Listener> match(const Topic& topic) const;
  bool heard(const Topic& topic) const { return !match(topic).empty(); }
  std::vector<SubscriptionView> list() const;  // by age

 private:
  struct SubscriberHash {
    size_t operator()(const Subscriber& one) const {
      return one.ref.is_nobody() ? std::hash<std::string>{}(one.path) : ActorRefHash{}(one.ref);
    }
  };
  struct Entry {
    Listener listener;
    std::string pattern;
  };
  struct Node {
    std::map<std::string, std::unique_ptr<Node>, std::less<>> children;  // "*" and "?" among them
    std::map<uint64_t, Entry> entries;                                   // by age
    bool is_star = false;
  };
  Node* find(const TopicPattern& pattern, bool make);
  Entry* find_entry(const TopicPattern& pattern, const Subscriber& subscriber);
  void prune(const TopicPattern& pattern);
  static void enter(const Node* node, std::vector<const Node*>& states);

  mutable std::shared_mutex mutex_;
  // guarded by mutex_:
  Node root_;
  uint64_t last_age_ = 0;
  uint64_t count_ = 0;
  // What each subscriber has, and as which entry: every way in or out costs the same however many
  // there are, of one subscriber or of one pattern. A node with entries never goes away.
  std::unordered_map<Subscriber, std::unordered_map<Node*, uint64_t>, SubscriberHash> of_;
};

}  // namespace actord::host
