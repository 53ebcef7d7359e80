// Routees: the actors that a router chooses among, and the strategies it chooses by.
//
//   Routees routees{Strategy::kConsistentHash};
//   routees.add(ref, "/workers/a");
//   if (Ref to = routees.choose(context, message.key())) context.forward(to);
//
// kRoundRobin      one after the other; over n of them each gets 1/n, one more or less.
// kRandom          by the host's randomness.
// kLeastLoaded     the one with the fewest messages in its mailbox; of equals, one after the other. Asks
//                  the host about each of them.
// kConsistentHash  by key: the same key to the same actor, on every machine and in every run. When one
//                  leaves only its own keys move, when one comes it takes about 1/n of them (rendezvous
//                  hashing over the names, so an actor that is replaced under its name keeps its keys).
//                  Looks at each of them. Without a key: one after the other.
// Sending to all of them (broadcast) is the caller's own loop over entries().
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "actord/context.hpp"

namespace actord {

enum class Strategy : uint8_t { kRoundRobin, kRandom, kLeastLoaded, kConsistentHash };

namespace detail {

// FNV-1a, then a finalizer: near names must not give near scores. Fixed for ever, as keys depend on it.
constexpr uint64_t hash_text(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return hash;
}
constexpr uint64_t mix(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

}  // namespace detail

class Routees {
 public:
  struct Entry {
    Ref actor;
    std::string name;  // what it is known by, whoever lives there
    uint64_t seed = 0;
  };

  explicit Routees(Strategy strategy) : strategy_(strategy) {}

  // A name that is there already gets this actor.
  void add(Ref actor, std::string name) {
    for (Entry& entry : entries_) {
      if (entry.name != name) continue;
      entry.actor = actor;
      return;
    }
    const uint64_t seed = detail::hash_text(name);
    entries_.push_back({actor, std::move(name), seed});
  }
  // Nobody is passed over because one before it is gone.
  bool remove(Ref actor) {
    const auto found = std::find_if(entries_.begin(), entries_.end(),
                                    [&](const Entry& entry) { return entry.actor == actor; });
    if (found == entries_.end()) return false;
    if (static_cast<std::size_t>(found - entries_.begin()) < next_) --next_;
    entries_.erase(found);
    return true;
  }

  bool empty() const noexcept { return entries_.empty(); }
  std::size_t size() const noexcept { return entries_.size(); }
  const std::vector<Entry>& entries() const noexcept { return entries_; }

  // Nobody when there is none.
  Ref choose(Context& context, std::string_view key) {
    if (entries_.empty()) return {};
    if (strategy_ == Strategy::kConsistentHash && !key.empty()) return owner_of(key)->actor;
    if (strategy_ == Strategy::kRandom) return entries_[context.random() % entries_.size()].actor;
    if (strategy_ == Strategy::kLeastLoaded) return least_loaded(context);
    return turn();
  }
  // Whose key this is. Requires: not empty.
  const Entry* owner_of(std::string_view key) const {
    const uint64_t hash = detail::hash_text(key);
    const Entry* owner = nullptr;
    uint64_t best = 0;
    for (const Entry& entry : entries_) {
      const uint64_t score = detail::mix(hash ^ detail::mix(entry.seed));
      const bool wins = owner == nullptr || score > best ||
                        (score == best && entry.name < owner->name);  // whatever order they came in
      if (!wins) continue;
      owner = &entry;
      best = score;
    }
    return owner;
  }

 private:
  Ref turn() {
    if (next_ >= entries_.size()) next_ = 0;
    return entries_[next_++].actor;
  }
  Ref least_loaded(Context& context) {
    Ref best = {};
    std::optional<uint64_t> least;
    std::size_t at = next_;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      const std::size_t here = (next_ + i) % entries_.size();
      const std::optional<uint64_t> load = context.load(entries_[here].actor);
      if (!load || (least && *load >= *least)) continue;
      least = load;
      best = entries_[here].actor;
      at = here;
    }
    next_ = (at + 1) % entries_.size();
    return best;
  }

  Strategy strategy_;
  std::vector<Entry> entries_;
  std::size_t next_ = 0;
};

}  // namespace actord
