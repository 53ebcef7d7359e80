// Watchdog: finds turns that do not end. Called every limits::kWatchdogMs on the loop's thread.
//
// A step that lasts longer than its actor's turn_budget is reported (actor, message, time, stack), and
// another thread takes over the worker's queue, so that nobody waits behind it. The stuck thread is
// not stopped: that cannot be done safely. It ends by itself when its turn does, which is reported too.
// Deadlines of starts and stops are the tree's: it is told of every step that lasts (overdue).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/mutex.hpp"
#include "runtime/actor_tree.hpp"
#include "runtime/registry.hpp"
#include "runtime/scheduler.hpp"

namespace actord::host {

struct StuckTurn {
  std::string actor, message_type;
  uint64_t message_id = 0;
  uint64_t for_ms = 0;
};

class Watchdog {
 public:
  Watchdog(Scheduler& scheduler, Registry& registry, ActorTree& tree)
      : scheduler_(scheduler), registry_(registry), tree_(tree) {}

  void look(uint64_t now_ms);
  std::vector<StuckTurn> stuck();  // as seen by the last look
  uint64_t reports();              // turns that were over their budget since the start

 private:
  struct Seen {
    uint64_t step = 0;
    uint64_t since_ms = 0;
    std::string path;  // not empty: reported
    uint64_t reported_ms = 0;
  };
  void report(size_t worker, Seen& seen, const RunningStep& step, uint64_t now_ms);
  static void ended(const Seen& seen, uint64_t now_ms);

  Scheduler& scheduler_;
  Registry& registry_;
  ActorTree& tree_;
  std::vector<Seen> seen_;  // of each worker; the loop's thread only
  Mutex mutex_;
  // guarded by mutex_:
  std::vector<StuckTurn> stuck_;
  uint64_t reports_ = 0;
};

}  // namespace actord::host
