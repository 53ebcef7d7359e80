// EntityShard: the entities below one path: who is active, who has been idle for longest, who waits for a
// place, and who watches one that is passive. Of a passive entity nobody watches it knows nothing at all.
// A plain structure; guarded by ActorTree's mutex.
//
// Idleness is told by the strands (ActorCell::idle_since) without any lock, so the order kept here may be
// behind: an entry stands at a time that is never later than the moment since which its entity is idle.
// Whoever asks for the longest idle one moves those that have worked meanwhile to where they belong.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "core/entity_options.hpp"
#include "runtime/actor_cell.hpp"

namespace actord::host {

class EntityShard {
 public:
  struct Watch {
    ActorRef watcher;
    ActorRef as;  // the activation that it knew
  };

  EntityShard(ActorPath parent, EntityOptions options)
      : parent_(std::move(parent)), options_(std::move(options)) {}

  const ActorPath& parent() const { return parent_; }
  const EntityOptions& options() const { return options_; }
  void set_options(EntityOptions options) { options_ = std::move(options); }
  // Requires: a valid segment.
  std::shared_ptr<const ActorStart> start_of(std::string_view key) const;

  // --- places ---
  // The entity's state has changed, from `before`. True: it has given back its place.
  bool moved(ActorCell& cell, NodeState before, uint64_t now_ms);
  void waits(ActorRef ref) { waiting_.push_back(ref); }
  // Another cell goes on with the place of one.
  void inherited(ActorCell& from, ActorCell& to);
  uint64_t active() const { return active_.size(); }
  uint64_t waiting() const { return waiting_.size(); }
  bool has_room() const { return active_.size() < options_.max_active; }
  ActorRef first_waiting() const { return waiting_.front(); }  // Requires: waiting() > 0
  // How many have to be passivated, beside those that are being, for those that wait to have a place.
  uint64_t places_needed() const;

  // --- idleness ---
  // The one that has been idle for longest and may go, if it has been since at_most_ms or longer.
  ActorCell* longest_idle(uint64_t at_most_ms, uint64_t now_ms,
                          const std::function<bool(ActorCell&)>& may_go);
  // Nobody has been idle since before this. Requires: active() > 0.
  uint64_t nobody_idle_before_ms() const { return by_idleness_.begin()->since_ms; }

  // --- watches of passive entities, by key ---
  void keep_watch(const std::string& key, Watch watch);
  void drop_watch(ActorRef watcher, ActorRef as);
  std::vector<Watch> take_watches(const std::string& key);
  std::vector<Watch> take_all_watches();

  // The tree's own notes.
  TimerId timer = 0;
  bool pressed = false;  // somebody waits, and nobody was idle: whoever becomes it says so
  uint64_t activations = 0, passivations = 0;

 private:
  struct Entry {
    uint64_t since_ms;
    ActorCell* cell;
    bool operator<(const Entry& other) const {
      return since_ms != other.since_ms ? since_ms < other.since_ms : cell->slot < other.cell->slot;
    }
  };
  void add(ActorCell& cell, uint64_t since_ms);
  void remove(ActorCell& cell);

  const ActorPath parent_;
  EntityOptions options_;
  std::set<Entry> by_idleness_;
  std::unordered_map<ActorCell*, uint64_t> active_;  // where it stands in there
  std::unordered_set<ActorCell*> leaving_;           // being passivated
  std::deque<ActorRef> waiting_;                     // each with its place and its mailbox
  std::unordered_map<std::string, std::vector<Watch>> watches_;
  std::unordered_map<ActorRef, std::string, ActorRefHash> watched_as_;  // its key
};

}  // namespace actord::host
