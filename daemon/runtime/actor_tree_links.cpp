// Links: two actors that share their fate. What they are worth is said in ext/spawn.h; the model is OTP's:
// an end by failure takes the other along, a normal one does not.
#include <algorithm>

#include "base/limits.hpp"
#include "base/log.hpp"
#include "runtime/actor_tree.hpp"

namespace actord::host {

void ActorTree::link(ActorRef one, ActorRef other) {
  {
    const MutexLock lock(mutex_);
    ActorCell* const cell = live(one);
    if (cell == nullptr || one == other) return;
    ActorCell* const peer = live(other);
    if (peer == nullptr) {
      fall_with(*cell, "one that has ended");
    } else {
      std::vector<ActorRef>& mine = links_[one];
      if (std::find(mine.begin(), mine.end(), other) != mine.end()) return;
      std::vector<ActorRef>& theirs = links_[other];  // an element stays where it is
      if (mine.size() >= limits::kLinksPerActor || theirs.size() >= limits::kLinksPerActor) {
        log::error("actor.link_limit", "not linked: one of the two has 1,000 links already",
                   {{"actor", cell->start->path.text()}, {"other", peer->start->path.text()}});
        return;
      }
      mine.push_back(other);
      theirs.push_back(one);
    }
  }
  exits_.changed();
}

void ActorTree::unlink(ActorRef one, ActorRef other) {
  const MutexLock lock(mutex_);
  forget_link(one, other);
  forget_link(other, one);
}

void ActorTree::forget_link(ActorRef one, ActorRef other) {
  const auto it = links_.find(one);
  if (it == links_.end()) return;
  std::erase(it->second, other);
  if (it->second.empty()) links_.erase(it);
}

void ActorTree::break_links(ActorCell& ended) {
  const auto found = links_.extract(ended.ref);
  if (found.empty()) return;
  const bool failed = ended.node.stop_reason == ACTORD_STOP_FAILED;
  for (const ActorRef other : found.mapped()) {
    forget_link(other, ended.ref);
    ActorCell* const peer = failed ? live(other) : nullptr;
    if (peer != nullptr) fall_with(*peer, ended.start->path.text());
  }
}

// Nobody is asked about it, and it is not restarted: it cannot be without the other.
void ActorTree::fall_with(ActorCell& cell, const std::string& other) {
  if (cell.node.goal == Goal::kStop || cell.node.state == NodeState::kEnding) return;
  log::error("actor.linked_end", "actor ends with one that it was linked to",
             {{"actor", cell.start->path.text()}, {"other", other}});
  cell.node.ended_by_itself = true;
  unwind(cell, Goal::kStop, ACTORD_STOP_FAILED);
}

}  // namespace actord::host
