// LawFixture: the real runtime on one thread with a manual clock and the memory store; actors made of
// functions; the few words the tests of laws and traps need.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/behavior.hpp"
#include "core/turn_context.hpp"
#include "runtime/runtime.hpp"
#include "storage/memory_log.hpp"
#include "support/manual_clock.hpp"
#include "support/step_scheduler.hpp"

namespace actord::host {

// What a kind does. All parts are optional. State is a string; events append their body to it.
struct LawScript {
  std::function<Outcome(TurnContext&, std::string& state)> start;
  std::function<Outcome(TurnContext&, const Envelope&, std::string& state)> receive;
  std::function<void(TurnContext&, int32_t reason)> stop;
  std::function<Outcome(const EventRecord&)> check_event;
  std::function<Outcome(const SnapshotRecord&)> check_snapshot;
  bool persistent = false;
};

class LawBehavior final : public Behavior {
 public:
  explicit LawBehavior(const LawScript& script) : script_(script) {}
  Outcome start(TurnContext& turn) override {
    return script_.start ? script_.start(turn, state_) : Outcome{};
  }
  Outcome receive(TurnContext& turn, const Envelope& message) override {
    return script_.receive ? script_.receive(turn, message, state_) : Outcome{ACTORD_UNHANDLED, {}};
  }
  void stop(TurnContext& turn, int32_t reason) override {
    if (script_.stop) script_.stop(turn, reason);
  }
  bool persistent() const override { return script_.persistent; }
  uint32_t state_version() const override { return 1; }
  Outcome apply_event(const EventRecord& event) override {
    if (script_.check_event) {
      if (Outcome outcome = script_.check_event(event); outcome.failed()) return outcome;
    }
    state_ += event.body.view();
    return {};
  }
  Outcome load_snapshot(const SnapshotRecord& snapshot) override {
    if (script_.check_snapshot) {
      if (Outcome outcome = script_.check_snapshot(snapshot); outcome.failed()) return outcome;
    }
    state_ = snapshot.body.view();
    return {};
  }
  Result<std::optional<Bytes>> save_snapshot() override { return std::optional(Bytes(state_)); }

 private:
  const LawScript& script_;
  std::string state_;
};

class LawFactory final : public BehaviorFactory {
 public:
  LawScript& kind(const std::string& name) { return kinds_[name]; }
  bool knows(const std::string& kind) const override { return kinds_.contains(kind); }
  Result<std::unique_ptr<Behavior>> create(const CreateArgs& args) override {
    const auto it = kinds_.find(args.kind);
    if (it == kinds_.end()) return Error{ACTORD_E_NOT_FOUND, "no kind " + args.kind};
    return std::unique_ptr<Behavior>(new LawBehavior(it->second));
  }

 private:
  std::map<std::string, LawScript> kinds_;
};

class LawFixture : public ::testing::Test {
 protected:
  LawFixture() : LawFixture(std::nullopt) {}
  explicit LawFixture(std::optional<uint64_t> seed)
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

  LawScript& kind(const std::string& name) { return factory_.kind(name); }
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
  LawFactory factory_;
  MemoryLog log_;
  StepScheduler* scheduler_ = nullptr;
  std::string stop_host_, log_failed_;
  std::vector<std::string> trace_;  // for scripts to write into
  Runtime runtime_;
};

// A handler's send, in one line.
inline SendRequest law_send(std::string_view path, std::string_view type, std::string_view payload = {}) {
  SendRequest request;
  request.to_path = path;
  request.type = type;
  request.payload = Bytes(payload);
  return request;
}

}  // namespace actord::host
