// StepScheduler: one cell per step(), on the caller's thread. In order of waking, or in an order drawn
// from a seed, so that many schedules can be tried and each repeated.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "base/random.hpp"
#include "runtime/scheduler.hpp"

namespace actord::host {

class StepScheduler final : public Scheduler {
 public:
  explicit StepScheduler(WorkerPool::Run run, std::optional<uint64_t> seed = {})
      : run_(std::move(run)), random_(seed.value_or(0)), shuffled_(seed.has_value()) {}

  void schedule(ActorCell& cell) override { queue_.push_back(&cell); }

  // Runs one batch of one cell; false: none is runnable.
  bool step() {
    if (queue_.empty()) return false;
    const size_t at = shuffled_ ? random_.next() % queue_.size() : 0;
    ActorCell* const cell = queue_[at];
    queue_.erase(queue_.begin() + static_cast<ptrdiff_t>(at));
    if (run_(*cell)) queue_.push_back(cell);
    return true;
  }
  void run_until_idle() {
    while (step()) {}
  }
  size_t runnable() const { return queue_.size(); }

 private:
  const WorkerPool::Run run_;
  Random random_;
  const bool shuffled_;
  std::vector<ActorCell*> queue_;
};

}  // namespace actord::host
