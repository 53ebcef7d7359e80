// Scheduler: where runnable cells wait for a worker. Two implementations: worker threads (here), and
// one that runs a cell per step (tests), so that the runtime is repeatable from a seed.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "runtime/actor_cell.hpp"
#include "runtime/worker_watch.hpp"

namespace actord::host {

class Scheduler {
 public:
  virtual ~Scheduler() = default;
  // Requires: the caller got kQueuedWake for it, or runs it and keeps it. Any thread.
  virtual void schedule(ActorCell& cell) = 0;
  // The calling worker goes on with what it runs: cells that wait behind it may be taken by others.
  virtual void offer() {}

  // --- for the watchdog; the loop's thread ---
  // What each worker is doing; a worker keeps its number while its thread lives.
  virtual std::vector<std::optional<RunningStep>> running() { return {}; }
  virtual std::vector<std::string> stack(size_t) { return {}; }
  // A new thread takes over the queue of a worker that is stuck, whose thread ends after its turn.
  virtual bool replace(size_t) { return false; }
};

// Work-stealing worker threads, one per queue; more only while a turn is stuck (replace). A worker queues what it wakes on its own queue, so chatty actors
// stay on one core; a sleeping worker is woken as soon as a cell would have to wait for a turn.
class WorkerPool final : public Scheduler {
 public:
  // run: handles a batch of the cell; true = schedule it again.
  using Run = std::function<bool(ActorCell&)>;

  WorkerPool(uint32_t workers, Run run);
  ~WorkerPool() override;  // stops
  void start();
  void stop();  // after the running batches; queued cells stay queued
  void schedule(ActorCell& cell) override;
  void offer() override;
  std::vector<std::optional<RunningStep>> running() override;
  std::vector<std::string> stack(size_t worker) override;
  bool replace(size_t worker) override;
  uint32_t workers() const { return static_cast<uint32_t>(queues_.size()); }

 private:
  struct alignas(64) Queue {
    std::mutex mutex;
    ActorCell* head = nullptr;  // guarded by mutex, as the next two
    ActorCell* tail = nullptr;
    std::atomic<size_t> size{0};  // written under mutex

    size_t push(ActorCell& cell);
    ActorCell* pop();
  };
  struct Worker {
    size_t queue = 0;
    WorkerWatch watch;
    std::atomic<bool> replaced{false};
    std::atomic<bool> ended{false};
    std::thread thread;
  };
  void hire(size_t queue);
  void work(Worker& worker);
  ActorCell* next(size_t index);
  void wake_one();

  const Run run_;
  std::vector<std::unique_ptr<Queue>> queues_;
  // Those of threads that have ended are used again. Touched by start, stop and the watchdog only.
  std::vector<std::unique_ptr<Worker>> workers_;
  std::atomic<size_t> round_robin_{0};
  std::atomic<uint32_t> sleepers_{0};
  std::mutex sleep_mutex_;
  std::condition_variable sleep_condition_;
  uint64_t signals_ = 0;               // guarded by sleep_mutex_
  std::atomic<bool> stopping_{false};  // set under sleep_mutex_
};

}  // namespace actord::host
