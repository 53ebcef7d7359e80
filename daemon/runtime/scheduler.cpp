#include "runtime/scheduler.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "base/thread_stack.hpp"

namespace actord::host {
namespace {

constexpr size_t kNoWorker = SIZE_MAX;
thread_local const WorkerPool* my_pool = nullptr;
thread_local size_t my_index = kNoWorker;

}  // namespace

size_t WorkerPool::Queue::push(ActorCell& cell) {
  const std::lock_guard lock(mutex);
  cell.run_next = nullptr;
  (tail == nullptr ? head : tail->run_next) = &cell;
  tail = &cell;
  return size.fetch_add(1, std::memory_order_relaxed) + 1;
}

ActorCell* WorkerPool::Queue::pop() {
  const std::lock_guard lock(mutex);
  ActorCell* const cell = head;
  if (cell == nullptr) return nullptr;
  head = cell->run_next;
  if (head == nullptr) tail = nullptr;
  size.fetch_sub(1, std::memory_order_relaxed);
  return cell;
}

WorkerPool::WorkerPool(uint32_t workers, Run run) : run_(std::move(run)) {
  for (uint32_t i = 0; i < workers; ++i) queues_.push_back(std::make_unique<Queue>());
}

WorkerPool::~WorkerPool() { stop(); }

void WorkerPool::start() {
  for (size_t i = 0; i < queues_.size(); ++i) hire(i);
}

void WorkerPool::hire(size_t queue) {
  auto place = std::find_if(workers_.begin(), workers_.end(),
                            [](const auto& one) { return one->ended.load(); });
  if (place == workers_.end()) {
    place = workers_.insert(workers_.end(), nullptr);
  } else {
    (*place)->thread.join();
  }
  *place = std::make_unique<Worker>();
  Worker& worker = **place;
  worker.queue = queue;
  worker.thread = std::thread([this, &worker] {
    work(worker);
    worker.ended.store(true);
  });
}

void WorkerPool::stop() {
  {
    const std::lock_guard lock(sleep_mutex_);
    stopping_ = true;
  }
  sleep_condition_.notify_all();
  for (auto& worker : workers_) worker->thread.join();
  workers_.clear();
}

void WorkerPool::schedule(ActorCell& cell) {
  const bool mine = my_pool == this;
  const size_t index =
      mine ? my_index : round_robin_.fetch_add(1, std::memory_order_relaxed) % queues_.size();
  const size_t waiting = queues_[index]->push(cell);
  if (!mine || waiting > 1) wake_one();
}

void WorkerPool::offer() {
  if (my_pool == this && queues_[my_index]->size.load(std::memory_order_relaxed) > 0) wake_one();
}

// seq_cst on sleepers_ and the queue's mutex pair with work(): either the sleeper sees the cell in
// its last look, or this thread sees the sleeper.
void WorkerPool::wake_one() {
  if (sleepers_.load(std::memory_order_seq_cst) == 0) return;
  {
    const std::lock_guard lock(sleep_mutex_);
    ++signals_;
  }
  sleep_condition_.notify_one();
}

ActorCell* WorkerPool::next(size_t index) {
  for (size_t i = 0; i < queues_.size(); ++i) {
    if (ActorCell* cell = queues_[(index + i) % queues_.size()]->pop()) return cell;
  }
  return nullptr;
}

std::vector<std::optional<RunningStep>> WorkerPool::running() {
  std::vector<std::optional<RunningStep>> steps;
  steps.reserve(workers_.size());
  for (const auto& worker : workers_) steps.push_back(worker->watch.look());
  return steps;
}

std::vector<std::string> WorkerPool::stack(size_t worker) {
  return stack_of(workers_[worker]->thread.native_handle());
}

bool WorkerPool::replace(size_t worker) {
  const auto stuck = std::count_if(workers_.begin(), workers_.end(), [](const auto& one) {
    return one->replaced.load() && !one->ended.load();
  });
  if (static_cast<uint64_t>(stuck) >= limits::kStuckWorkersMax || workers_[worker]->replaced) {
    return false;
  }
  workers_[worker]->replaced.store(true, std::memory_order_relaxed);
  hire(workers_[worker]->queue);
  return true;
}

void WorkerPool::work(Worker& worker) {
  const size_t index = worker.queue;
  my_pool = this;
  my_index = index;
  WorkerWatch::set_mine(&worker.watch);
  while (!stopping_.load(std::memory_order_relaxed) &&
         !worker.replaced.load(std::memory_order_relaxed)) {
    ActorCell* cell = next(index);
    if (cell == nullptr) {
      std::unique_lock lock(sleep_mutex_);
      if (stopping_) return;
      const uint64_t seen = signals_;
      sleepers_.fetch_add(1, std::memory_order_seq_cst);
      lock.unlock();
      cell = next(index);  // the last look, after becoming visible as a sleeper
      lock.lock();
      if (cell == nullptr) {
        sleep_condition_.wait(lock, [&] { return stopping_ || signals_ != seen; });
      }
      sleepers_.fetch_sub(1, std::memory_order_seq_cst);
      if (cell == nullptr) continue;
    }
    offer();  // the turn may be slow: what waits behind it must not wait for it
    if (run_(*cell)) schedule(*cell);
  }
  // One that was replaced has queued cells for itself, in the belief that it would run them next.
  wake_one();
}

}  // namespace actord::host
