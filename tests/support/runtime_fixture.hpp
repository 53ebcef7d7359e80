// RuntimeFixture: the real runtime on one thread, a manual clock and the memory store, with the few
// words a test needs.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "runtime/runtime.hpp"
#include "storage/memory_log.hpp"
#include "support/manual_clock.hpp"
#include "support/scripted_behavior.hpp"
#include "support/step_scheduler.hpp"

namespace actord::host {

class RuntimeFixture : public ::testing::Test {
 protected:
  RuntimeFixture() : RuntimeFixture(std::nullopt) {}
  explicit RuntimeFixture(std::optional<uint64_t> seed)
      : log_(clock_, manual_log()),
        runtime_(
            clock_, Random(seed.value_or(7)), log_, factory_,
            [&](WorkerPool::Run run) {
              auto made = std::make_unique<StepScheduler>(std::move(run), seed);
              scheduler_ = made.get();
              return made;
            },
            exits()) {}

  static MemoryLogOptions manual_log() {
    MemoryLogOptions options;
    options.manual = true;
    return options;
  }
  RuntimeExits exits() {
    RuntimeExits exits;
    exits.stop_host = [this](std::string reason) { stop_host_ = std::move(reason); };
    exits.log_failed = [this](Error error) { log_failed_ = std::move(error.text); };
    return exits;
  }

  Script& kind(const std::string& name) { return factory_.kind(name); }
  ActorStart actor(const std::string& path, const std::string& kind = {}) {
    ActorStart start;
    start.path = *ActorPath::parse(path);
    start.kind = kind;
    start.options.supervision.backoff.jitter = 0;
    return start;
  }
  void declare(ActorStart start, std::vector<std::string> after = {}) {
    runtime_.tree().declare(std::move(start), std::move(after));
  }
  void declare(const std::string& path, const std::string& kind = {}) { declare(actor(path, kind)); }
  void send(const std::string& path, const std::string& type, const std::string& payload = {}) {
    auto message = runtime_.outside_message(type, payload);
    message->with_extra().to_path = path;
    runtime_.router().route(std::move(message));
  }
  // Runs cells and the store until nothing moves.
  void settle() {
    while (scheduler_->step() || log_.step()) {
    }
  }
  void run_cells() {
    while (scheduler_->step()) {
    }
  }
  void advance(uint64_t ms) {
    clock_.advance_ms(ms);
    runtime_.fire_due();
    settle();
  }
  std::string state(const std::string& path) { return runtime_.tree().standing(path).state; }
  std::string reason(const std::string& path) { return runtime_.tree().standing(path).reason; }
  ActorRef ref(const std::string& path) { return runtime_.registry().find(path); }
  uint64_t dead(DeadReason reason) { return runtime_.dead_letters().count(reason); }
  MessageSums sums() { return runtime_.counters().sums(); }

  ManualClock clock_;
  ScriptedFactory factory_;
  MemoryLog log_;
  StepScheduler* scheduler_ = nullptr;
  std::string stop_host_, log_failed_;
  std::vector<std::string> trace_;  // for scripts to write into
  Runtime runtime_;
};

// A handler's send, in one line.
inline SendRequest to_path(std::string_view path, std::string_view type, std::string_view payload = {}) {
  SendRequest request;
  request.to_path = path;
  request.type = type;
  request.payload = Bytes(payload);
  return request;
}

}  // namespace actord::host
