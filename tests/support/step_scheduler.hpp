// StepScheduler: one cell per step(), on the caller's thread. In order of waking, or in an order drawn
// from a seed, so that many schedules can be tried and each repeated.
//
// A handler may step others from inside its turn: to them, and to the watchdog, its own worker is then
// in a turn that does not end, and they run on another one.
#pragma once

#include <functional>
#include <memory>
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

  void schedule(ActorCell& cell) override {
    if (on_schedule) on_schedule(cell);
    queue_.push_back(&cell);
  }
  std::function<void(ActorCell&)> on_schedule;

  // Runs one batch of one cell; false: none is runnable.
  bool step() {
    if (queue_.empty()) return false;
    const size_t at = shuffled_ ? random_.next() % queue_.size() : 0;
    ActorCell* const cell = queue_[at];
    queue_.erase(queue_.begin() + static_cast<ptrdiff_t>(at));
    if (depth_ == workers_.size()) workers_.push_back(std::make_unique<WorkerWatch>());
    WorkerWatch* const outer = WorkerWatch::mine();
    WorkerWatch::set_mine(workers_[depth_++].get());
    if (run_(*cell)) queue_.push_back(cell);
    --depth_;
    WorkerWatch::set_mine(outer);
    return true;
  }
  void run_until_idle() {
    while (step()) {}
  }
  std::vector<std::optional<RunningStep>> running() override {
    std::vector<std::optional<RunningStep>> steps;
    for (const auto& worker : workers_) steps.push_back(worker->look());
    return steps;
  }
  bool replace(size_t) override {
    ++replaced;
    return true;
  }
  std::vector<std::string> stack(size_t) override { return {"frame"}; }
  int replaced = 0;

  size_t runnable() const { return queue_.size(); }

 private:
  const WorkerPool::Run run_;
  Random random_;
  const bool shuffled_;
  size_t depth_ = 0;  // of steps inside steps
  std::vector<std::unique_ptr<WorkerWatch>> workers_;
  std::vector<ActorCell*> queue_;
};

}  // namespace actord::host
