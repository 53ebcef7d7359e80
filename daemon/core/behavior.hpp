// Behavior: an actor's code as the runtime sees it. Two implementations: a plugin's instance
// (host/abi_adapter) and a scripted one (tests).
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "core/actor_options.hpp"
#include "core/child_failure.hpp"
#include "core/durable_log.hpp"
#include "core/envelope.hpp"
#include "core/failure.hpp"

namespace actord::host {

class TurnContext;
struct PluginInfo;

class Behavior {
 public:
  virtual ~Behavior() = default;

  virtual Outcome start(TurnContext& turn) = 0;
  virtual Outcome receive(TurnContext& turn, const Envelope& message) = 0;
  virtual void stop(TurnContext& turn, int32_t reason) = 0;  // ACTORD_STOP_*

  // The build of the plugin whose code this is; lives as long as the process. Null: of no plugin.
  virtual const PluginInfo* plugin() const { return nullptr; }

  // Supervision by code: whether decide is asked about failures of children.
  virtual bool supervises() const { return false; }
  virtual Outcome decide(TurnContext& turn, const ChildFailure& failure, ChosenDirective& chosen);

  // Persistence. apply_event and load_snapshot touch nothing but the actor's state.
  virtual bool persistent() const { return false; }
  virtual uint32_t state_version() const { return 0; }
  virtual Outcome apply_event(const EventRecord& event);
  virtual Outcome load_snapshot(const SnapshotRecord& snapshot);
  virtual Result<std::optional<Bytes>> save_snapshot();  // nothing: the kind has none
  virtual Outcome recovered(TurnContext& turn);
};

struct CreateArgs {
  const ActorPath& path;
  const std::string& kind;
  const std::string& settings;
};

class BehaviorFactory {
 public:
  virtual ~BehaviorFactory() = default;
  virtual bool knows(const std::string& kind) const = 0;
  virtual Result<std::unique_ptr<Behavior>> create(const CreateArgs& args) = 0;
};

}  // namespace actord::host
