// ScriptedBehavior: an actor made of functions. ScriptedFactory: kinds by name.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "core/behavior.hpp"
#include "core/turn_context.hpp"

namespace actord::host {

// What a kind does. All parts are optional. State is a string; events append their body to it.
struct Script {
  std::function<Outcome(TurnContext&, std::string& state)> start;
  std::function<Outcome(TurnContext&, const Envelope&, std::string& state)> receive;
  std::function<void(TurnContext&, int32_t reason)> stop;
  std::function<Outcome(const EventRecord&)> check_event;
  std::function<Outcome(const SnapshotRecord&)> check_snapshot;
  bool persistent = false;
};

class ScriptedBehavior final : public Behavior {
 public:
  explicit ScriptedBehavior(const Script& script) : script_(script) {}
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
  const Script& script_;
  std::string state_;
};

class ScriptedFactory final : public BehaviorFactory {
 public:
  Script& kind(const std::string& name) { return kinds_[name]; }
  bool knows(const std::string& kind) const override { return kinds_.contains(kind); }
  Result<std::unique_ptr<Behavior>> create(const CreateArgs& args) override {
    const auto it = kinds_.find(args.kind);
    if (it == kinds_.end()) return Error{ACTORD_E_NOT_FOUND, "no kind " + args.kind};
    return std::unique_ptr<Behavior>(new ScriptedBehavior(it->second));
  }

 private:
  std::map<std::string, Script> kinds_;
};

}  // namespace actord::host
