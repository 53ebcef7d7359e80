// The worker pool: no wake-up is lost, no cell runs twice at once.
#include "runtime/scheduler.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

namespace actord::host {
namespace {

// Cells with a counter each; a mailbox is not needed to test who runs what.
struct Load {
  explicit Load(size_t count) : pending(count), running(count), runs(count) {
    for (size_t i = 0; i < count; ++i) cells.push_back(std::make_unique<ActorCell>(i));
  }
  std::vector<std::unique_ptr<ActorCell>> cells;
  std::vector<std::atomic<uint64_t>> pending, running, runs;
  std::atomic<uint64_t> done{0};

  // As the mailbox does it: whoever makes it runnable schedules it, once.
  void push(Scheduler& pool, size_t i) {
    if (pending[i].fetch_add(1) == 0) pool.schedule(*cells[i]);
  }
  bool run(ActorCell& cell) {
    const size_t i = cell.slot;
    EXPECT_EQ(running[i].fetch_add(1), 0u) << "one thread at a time";
    runs[i].fetch_add(1);
    running[i].fetch_sub(1);
    done.fetch_add(1);
    return pending[i].fetch_sub(1) > 1;
  }
};

void wait_for(const std::atomic<uint64_t>& value, uint64_t expected) {
  for (uint64_t seen = value.load(); seen < expected; seen = value.load())
    std::this_thread::yield();
  EXPECT_EQ(value.load(), expected);
}

TEST(WorkerPool, EveryWakeFromOutsideIsServedAlsoWhenAllWorkersSleep) {
  Load load(1);
  WorkerPool pool(2, [&](ActorCell& cell) { return load.run(cell); });
  pool.start();
  for (uint64_t i = 1; i <= 20'000; ++i) {  // each finds the workers going to sleep, or asleep
    load.push(pool, 0);
    wait_for(load.done, i);
  }
}

TEST(WorkerPool, ManySourcesAndCellsAllRunAndNeverTwiceAtOnce) {
  constexpr size_t kCells = 50;
  constexpr uint64_t kEach = 20'000;
  Load load(kCells);
  WorkerPool pool(4, [&](ActorCell& cell) { return load.run(cell); });
  pool.start();
  std::vector<std::thread> sources;
  for (int s = 0; s < 3; ++s) {
    sources.emplace_back([&, s] {
      for (uint64_t i = 0; i < kEach; ++i)
        load.push(pool, (i * 7 + static_cast<uint64_t>(s)) % kCells);
    });
  }
  for (auto& source : sources) source.join();
  wait_for(load.done, 3 * kEach);
}

TEST(WorkerPool, ACellWokenByAWorkerDoesNotWaitForItsLongTurn) {
  std::promise<void> other_ran;
  auto ran = other_ran.get_future();
  ActorCell slow(1), other(2);
  Scheduler* scheduler = nullptr;
  WorkerPool pool(2, [&](ActorCell& cell) {
    if (cell.slot == 2) {
      other_ran.set_value();
      return false;
    }
    scheduler->schedule(other);  // on this worker's own queue
    scheduler->offer();          // and the turn goes on
    EXPECT_EQ(ran.wait_for(std::chrono::seconds(30)), std::future_status::ready);
    return false;
  });
  scheduler = &pool;
  pool.start();
  pool.schedule(slow);
  EXPECT_EQ(ran.wait_for(std::chrono::seconds(30)), std::future_status::ready);
}

TEST(WorkerPool, ABusyCellDoesNotStarveTheOthersOnOneWorker) {
  std::atomic<bool> stop{false};
  std::promise<void> ran;
  ActorCell busy(1), other(2);
  WorkerPool pool(1, [&](ActorCell& cell) {
    if (cell.slot == 2) {
      stop = true;
      ran.set_value();
      return false;
    }
    return !stop.load();
  });
  pool.start();
  pool.schedule(busy);
  pool.schedule(other);
  EXPECT_EQ(ran.get_future().wait_for(std::chrono::seconds(30)), std::future_status::ready);
}

TEST(WorkerPool, StopWaitsForRunningBatchesAndMayComeTwice) {
  Load load(10);
  WorkerPool pool(3, [&](ActorCell& cell) { return load.run(cell); });
  pool.start();
  for (size_t i = 0; i < 10; ++i) load.push(pool, i);
  pool.stop();
  const uint64_t done = load.done.load();
  pool.stop();
  load.push(pool, 0);  // a late wake is queued and harmless
  EXPECT_EQ(load.done.load(), done);
}

TEST(WorkerPool, APoolThatNeverStartedEnds) {
  ActorCell cell(1);
  WorkerPool pool(2, [](ActorCell&) { return false; });
  pool.schedule(cell);
}

}  // namespace
}  // namespace actord::host
