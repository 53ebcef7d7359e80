// AbiActor: a plugin's instance as a core Behavior. The only place where an Envelope becomes an
// actord_message and a plugin's status becomes an Outcome.
#pragma once

#include <memory>
#include <string>

#include "actord/ext/persist.h"
#include "actord/ext/supervise.h"
#include "core/behavior.hpp"
#include "host/host_api.hpp"
#include "host/inlet.hpp"
#include "host/plugin_call.hpp"

namespace actord::host {

// A kind's tables in the plugin's memory, checked when the module was loaded.
struct KindTable {
  const actord_kind* kind = nullptr;
  const actord_actor_persist* persist = nullptr;      // null: not persistent
  const PluginInfo* plugin = nullptr;                 // the build they belong to
  const actord_actor_supervise* supervise = nullptr;  // null: the topology decides
};

class AbiActor final : public Behavior {
 public:
  // api and table outlive the instance. The error carries what the plugin said.
  static Result<std::unique_ptr<Behavior>> create(const HostApi& api, const KindTable& table,
                                                  const CreateArgs& args);
  ~AbiActor() override;

  Outcome start(TurnContext& turn) override;
  Outcome receive(TurnContext& turn, const Envelope& message) override;
  void stop(TurnContext& turn, int32_t reason) override;

  const PluginInfo* plugin() const override { return table_.plugin; }
  bool supervises() const override { return table_.supervise != nullptr; }
  Outcome decide(TurnContext& turn, const ChildFailure& failure, ChosenDirective& chosen) override;
  bool persistent() const override { return table_.persist != nullptr; }
  uint32_t state_version() const override { return table_.kind->state_version; }
  Outcome apply_event(const EventRecord& event) override;
  Outcome load_snapshot(const SnapshotRecord& snapshot) override;
  Result<std::optional<Bytes>> save_snapshot() override;
  Outcome recovered(TurnContext& turn) override;

 private:
  AbiActor(const HostApi& api, const KindTable& table, void* self, std::string path)
      : api_(api), table_(table), self_(self), path_(std::move(path)) {}

  PluginCall call(TurnContext* turn);

  const HostApi& api_;
  const KindTable table_;
  void* const self_;
  const std::string path_;
  InletSet inlets_;
};

}  // namespace actord::host
