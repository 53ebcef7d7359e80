// ScriptedBehavior: an actor made of lambdas, which records all that happens to it. A persistent one
// keeps its state as text: the bodies of its events, joined by ','.
//
// A message of type "do" carries the number of a lambda that the test handed to the factory: so a test
// can make any actor do anything, one turn at a time.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "core/behavior.hpp"
#include "core/turn_context.hpp"

namespace actord::host {

class ScriptedBehavior;
class ScriptedFactory;

struct Act {
  TurnContext& turn;
  ScriptedBehavior& self;
  const Envelope* message;  // null outside receive
};
using Handler = std::function<Outcome(Act&)>;

struct Script {
  Handler start, recovered;
  Handler receive;  // of what is no "do"; the default is content with everything
  std::function<void(Act&, int32_t reason)> stop;
  // Having it makes the kind decide about its children's failures.
  std::function<Outcome(Act&, const ChildFailure&, ChosenDirective&)> decide;
  bool persistent = false;
  bool snapshots = true;
  std::function<Outcome(ScriptedBehavior&, const EventRecord&)> apply;  // before the fold
  std::function<Outcome(ScriptedBehavior&, const SnapshotRecord&)> load;
};

inline std::string join(std::string a, std::string_view b) {
  if (!a.empty()) a += ',';
  return a += b;
}

inline Outcome failed(std::string text = "boom", actord_status status = ACTORD_FAIL_PERMANENT) {
  return {status, std::move(text)};
}

class ScriptedFactory final : public BehaviorFactory {
 public:
  std::map<std::string, Script> kinds;  // fixed before threads run
  std::function<Result<void>(const CreateArgs&)> before_create;

  bool knows(const std::string& kind) const override { return kinds.contains(kind); }
  Result<std::unique_ptr<Behavior>> create(const CreateArgs& args) override;

  size_t keep(Handler handler) {
    const std::lock_guard lock(mutex_);
    kept_.push_back(std::make_shared<Handler>(std::move(handler)));
    return kept_.size() - 1;
  }
  std::shared_ptr<Handler> kept(size_t number) {
    const std::lock_guard lock(mutex_);
    return kept_.at(number);
  }

  void record(const std::string& path, std::string what) {
    const std::lock_guard lock(mutex_);
    if (quiet) return;
    records_[path].push_back(what);
    everything_.push_back(path + " " + what);
  }
  std::vector<std::string> seen(const std::string& path) {
    const std::lock_guard lock(mutex_);
    return records_[path];
  }
  std::vector<std::string> everything() {
    const std::lock_guard lock(mutex_);
    return everything_;
  }
  void forget() {
    const std::lock_guard lock(mutex_);
    records_.clear();
    everything_.clear();
  }
  void came(const std::string& path, ScriptedBehavior* behavior) {
    const std::lock_guard lock(mutex_);
    living_[path] = behavior;
    ++alive_;
  }
  void went(const std::string& path, ScriptedBehavior* behavior) {
    const std::lock_guard lock(mutex_);
    if (living_[path] == behavior) living_.erase(path);
    --alive_;
  }
  ScriptedBehavior* living(const std::string& path) {
    const std::lock_guard lock(mutex_);
    const auto it = living_.find(path);
    return it == living_.end() ? nullptr : it->second;
  }
  int alive() {
    const std::lock_guard lock(mutex_);
    return alive_;
  }
  bool quiet = false;  // records nothing; fixed before threads run

 private:
  std::mutex mutex_;
  // guarded by mutex_:
  std::vector<std::shared_ptr<Handler>> kept_;
  std::map<std::string, std::vector<std::string>> records_;
  std::vector<std::string> everything_;
  std::map<std::string, ScriptedBehavior*> living_;
  int alive_ = 0;
};

inline std::string describe_message(const Envelope& m) {
  const std::string type(m.type.name()), payload(m.payload.view());
  const std::string reason = std::to_string(m.reason);
  switch (m.kind) {
    case MessageKind::kUser: return payload.empty() ? type : type + " " + payload;
    case MessageKind::kReply: return "reply " + type + " " + payload;
    case MessageKind::kAskFailed: return "ask_failed " + reason;
    case MessageKind::kTimer:
      return "timer " + m.extra->key + (payload.empty() ? "" : " " + payload);
    case MessageKind::kTerminated: return "terminated " + reason;
    case MessageKind::kUndelivered:
      return "undelivered " + reason + " token " + std::to_string(m.token);
    case MessageKind::kShutdownSoon: return "shutdown_soon";
    case MessageKind::kFileChanged: return "file_changed " + m.extra->key;
    case MessageKind::kListed: {
      const char* const changes[] = {"present", "all", "added", "removed"};
      return m.extra->key + " " + changes[m.reason] +
             (m.extra->text.empty() ? "" : " " + m.extra->text);
    }
  }
  return "?";
}

class ScriptedBehavior final : public Behavior {
 public:
  ScriptedBehavior(ScriptedFactory& factory, const Script& script, std::string path)
      : factory_(factory), script_(script), path_(std::move(path)) {
    factory_.came(path_, this);
  }
  ~ScriptedBehavior() override { factory_.went(path_, this); }
  ScriptedBehavior(const ScriptedBehavior&) = delete;
  ScriptedBehavior& operator=(const ScriptedBehavior&) = delete;

  std::string state;  // of a persistent one: the fold of its events
  std::map<std::string, ActorRef> refs;
  std::vector<uint64_t> asks;
  uint64_t number = 0, put_off = 0;

  Outcome start(TurnContext& turn) override {
    factory_.record(path_, "start");
    Act act{turn, *this, nullptr};
    return script_.start ? script_.start(act) : Outcome{};
  }
  Outcome receive(TurnContext& turn, const Envelope& message) override {
    Act act{turn, *this, &message};
    if (message.kind == MessageKind::kUser && message.type.name() == "do") {
      return (*factory_.kept(std::stoul(std::string(message.payload.view()))))(act);
    }
    factory_.record(path_, describe_message(message));
    return script_.receive ? script_.receive(act) : Outcome{};
  }
  void stop(TurnContext& turn, int32_t reason) override {
    factory_.record(path_, "stop " + std::to_string(reason));
    Act act{turn, *this, nullptr};
    if (script_.stop) script_.stop(act, reason);
  }
  bool supervises() const override { return script_.decide != nullptr; }
  Outcome decide(TurnContext& turn, const ChildFailure& failure, ChosenDirective& chosen) override {
    factory_.record(path_, "decide " + failure.path + " " +
                               std::string(failure_class_name(failure.failure.failure)));
    Act act{turn, *this, nullptr};
    return script_.decide(act, failure, chosen);
  }
  bool persistent() const override { return script_.persistent; }
  uint32_t state_version() const override { return 1; }
  Outcome apply_event(const EventRecord& event) override {
    if (script_.apply) {
      if (Outcome outcome = script_.apply(*this, event); outcome.failed()) return outcome;
    }
    state = join(std::move(state), event.body.view());
    return {};
  }
  Outcome load_snapshot(const SnapshotRecord& snapshot) override {
    factory_.record(path_, "snapshot " + std::to_string(snapshot.seq));
    if (script_.load) {
      if (Outcome outcome = script_.load(*this, snapshot); outcome.failed()) return outcome;
    }
    state = std::string(snapshot.body.view());
    return {};
  }
  Result<std::optional<Bytes>> save_snapshot() override {
    if (!script_.snapshots) return std::optional<Bytes>();
    return std::optional<Bytes>(Bytes(state));
  }
  Outcome recovered(TurnContext& turn) override {
    factory_.record(path_, "recovered " + state);
    Act act{turn, *this, nullptr};
    return script_.recovered ? script_.recovered(act) : Outcome{};
  }

 private:
  ScriptedFactory& factory_;
  const Script script_;
  const std::string path_;
};

inline Result<std::unique_ptr<Behavior>> ScriptedFactory::create(const CreateArgs& args) {
  if (before_create) ACTORD_TRY(before_create(args));
  const auto it = kinds.find(args.kind);
  if (it == kinds.end()) return Error{ACTORD_E_NOT_FOUND, "no kind " + args.kind};
  return std::unique_ptr<Behavior>(
      std::make_unique<ScriptedBehavior>(*this, it->second, args.path.text()));
}

}  // namespace actord::host
