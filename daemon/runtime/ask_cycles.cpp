#include "runtime/ask_cycles.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "base/log.hpp"

namespace actord::host {
namespace {

// The same circle, wherever it is entered.
std::vector<std::pair<uint64_t, uint64_t>> members_of(const std::vector<ActorRef>& circle) {
  std::vector<std::pair<uint64_t, uint64_t>> members;
  for (const ActorRef ref : circle) members.emplace_back(ref.slot, ref.incarnation);
  std::sort(members.begin(), members.end());
  return members;
}

}  // namespace

void AskCycles::waits(ActorRef asker, uint64_t ask, ActorRef target) {
  Circle circle;
  {
    const MutexLock lock(mutex_);
    waits_[asker].push_back({ask, target});
    circle = circle_through(asker, target);
    if (circle.empty()) return;
    if (known_.size() >= limits::kAskCyclesKnown) known_.clear();
    if (!known_.insert(members_of(circle)).second) return;
    ++reported_;
  }
  log::warn("ask.cycle", "actors wait for each other's answers in a circle, until their deadlines",
            {{"actors", text(circle)}});
}

void AskCycles::settled(ActorRef asker, uint64_t ask) {
  const MutexLock lock(mutex_);
  const auto it = waits_.find(asker);
  if (it == waits_.end()) return;
  std::erase_if(it->second, [&](const Wait& wait) { return wait.ask == ask; });
  if (it->second.empty()) waits_.erase(it);
}

// Breadth first from the target; the way back is kept, so the circle found is a shortest one.
AskCycles::Circle AskCycles::circle_through(ActorRef asker, ActorRef target) {
  std::unordered_map<ActorRef, ActorRef, ActorRefHash> came_from{{target, asker}};
  std::vector<ActorRef> queue{target};
  for (size_t at = 0; at < queue.size() && at < limits::kAskCycleActors; ++at) {
    if (queue[at] == asker) {
      Circle circle{asker};
      for (ActorRef one = came_from.at(asker); one != asker; one = came_from.at(one))
        circle.push_back(one);
      std::reverse(circle.begin() + 1, circle.end());
      return circle;
    }
    const auto it = waits_.find(queue[at]);
    if (it == waits_.end()) continue;
    for (const Wait& wait : it->second) {
      if (came_from.emplace(wait.target, queue[at]).second) queue.push_back(wait.target);
    }
  }
  return {};
}

uint64_t AskCycles::reported() {
  const MutexLock lock(mutex_);
  return reported_;
}

std::vector<std::string> AskCycles::now() {
  std::set<std::vector<std::pair<uint64_t, uint64_t>>> seen;
  std::vector<Circle> circles;
  {
    const MutexLock lock(mutex_);
    for (const auto& [asker, list] : waits_) {
      for (const Wait& wait : list) {
        Circle circle = circle_through(asker, wait.target);
        if (!circle.empty() && seen.insert(members_of(circle)).second)
          circles.push_back(std::move(circle));
      }
    }
  }
  std::vector<std::string> texts;
  for (const Circle& circle : circles) texts.push_back(text(circle));
  std::sort(texts.begin(), texts.end());
  return texts;
}

std::string AskCycles::text(const Circle& circle) {
  std::string text;
  for (const ActorRef ref : circle) text += registry_.path_of(ref) + " -> ";
  return text + registry_.path_of(circle.front());
}

}  // namespace actord::host
