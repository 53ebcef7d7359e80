// WorkerWatch: what one worker thread is doing. Written by that thread, read by the watchdog.
//
// A step is one call into an actor's code, or a few. The number of steps is odd while one is running;
// who sees the same odd number twice has seen a step that has not ended. So the worker reads no clock:
// it pays a few plain stores a turn, and the watchdog measures with its own.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "base/symbol.hpp"
#include "core/actor_ref.hpp"

namespace actord::host {

struct RunningStep {
  uint64_t number = 0;
  ActorRef actor;
  Symbol message_type;  // empty: no message, a start or a stop
  uint64_t message_id = 0;
};

class WorkerWatch {
 public:
  // The watch of the calling worker; null on other threads.
  static WorkerWatch* mine() { return of_this_thread; }
  static void set_mine(WorkerWatch* watch) { of_this_thread = watch; }

  void enter(ActorRef actor) { write(actor, {}, 0, number_ + 1); }
  void message(ActorRef actor, Symbol type, uint64_t id) { write(actor, type, id, number_ + 2); }
  void leave() {
    ++number_;
    number_seen_.store(number_, std::memory_order_release);
  }

  // Nothing while idle, or between two steps.
  std::optional<RunningStep> look() const {
    const uint64_t before = number_seen_.load(std::memory_order_acquire);
    RunningStep step{before,
                     {slot_.load(std::memory_order_acquire), life_.load(std::memory_order_acquire)},
                     type_.load(std::memory_order_acquire),
                     message_id_.load(std::memory_order_acquire)};
    // Fields of the next step may have been read with this one's number: then it has changed.
    const uint64_t after = number_seen_.load(std::memory_order_relaxed);
    if (before != after || before % 2 == 0) return std::nullopt;
    return step;
  }

 private:
  void write(ActorRef actor, Symbol type, uint64_t id, uint64_t number) {
    // Even (or stale) while the fields change, so that look() never mixes two steps.
    number_seen_.store(number_ + (number_ % 2), std::memory_order_relaxed);
    slot_.store(actor.slot, std::memory_order_release);
    life_.store(actor.incarnation, std::memory_order_release);
    type_.store(type, std::memory_order_release);
    message_id_.store(id, std::memory_order_release);
    number_ = number;
    number_seen_.store(number, std::memory_order_release);
  }

  static inline thread_local WorkerWatch* of_this_thread = nullptr;

  uint64_t number_ = 0;  // the worker's own
  std::atomic<uint64_t> number_seen_{0};
  std::atomic<uint64_t> slot_{0}, life_{0}, message_id_{0};
  std::atomic<Symbol> type_{};
};

}  // namespace actord::host
