// AskCycles: who waits for whose answer, and whether they wait for each other in a circle.
//
// Only requests that have waited for a while are told here (Release::ask_waits), so an ask that is
// answered in time costs nothing. A circle is no error of the host: nobody is blocked, and each request
// ends at its deadline. But nothing will come of it, so it is said once, by name (log line ask.cycle).
// A request that was forwarded is followed to whom it was sent, not further. Any thread.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/mutex.hpp"
#include "runtime/registry.hpp"

namespace actord::host {

class AskCycles {
 public:
  explicit AskCycles(Registry& registry) : registry_(registry) {}

  void waits(ActorRef asker, uint64_t ask, ActorRef target);
  void settled(ActorRef asker, uint64_t ask);
  uint64_t reported();             // different circles, since the start
  std::vector<std::string> now();  // "/a -> /b -> /a", one for each circle that is there now

 private:
  struct Wait {
    uint64_t ask;
    ActorRef target;
  };
  using Circle = std::vector<ActorRef>;  // each asks the next, the last one the first
  Circle circle_through(ActorRef asker, ActorRef target) ACTORD_REQUIRES(mutex_);
  std::string text(const Circle& circle);

  Registry& registry_;
  Mutex mutex_;
  // guarded by mutex_:
  std::unordered_map<ActorRef, std::vector<Wait>, ActorRefHash> waits_;
  std::set<std::vector<std::pair<uint64_t, uint64_t>>> known_;  // circles that were reported
  uint64_t reported_ = 0;
};

}  // namespace actord::host
