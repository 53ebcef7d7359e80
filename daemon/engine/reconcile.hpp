// Reconcile: walks a plan against what runs, one idempotent step at a time. Boot, reload, rollback and
// nothing else change the set of declared actors. Loop thread only.
//
// Steps that take time (an actor stopping) are waited for; whoever sees a change calls advance().
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/kind_catalog.hpp"
#include "host/plugin_factory.hpp"
#include "runtime/runtime.hpp"
#include "topology/plan.hpp"

namespace actord::host {

class Reconcile {
 public:
  // What became of a plan that was walked to its end.
  struct Outcome {
    std::vector<std::string> problems;    // plugins that did not load, actors that did not start
    std::vector<std::string> not_loaded;  // names of these plugins
  };
  // When a plugin does not load: a plan that can be undone ends before anything was touched. A boot has
  // nothing to go back to, and goes on with the others; the actors of this one are parked.
  enum class OnRefusal : uint8_t { kEnd, kGoOn };
  using Done = std::function<void(Outcome)>;

  Reconcile(Runtime& runtime, PluginFactory& factory, std::string plugin_cache)
      : runtime_(runtime), factory_(factory), plugin_cache_(std::move(plugin_cache)) {}

  // Requires: !busy(). catalog: of the desired topology. done is called when every step is taken and
  // every actor started is up or has failed.
  void begin(Plan plan, KindCatalog catalog, OnRefusal on_refusal, Done done);
  void advance();
  bool busy() const { return done_ != nullptr; }

 private:
  enum class Progress : uint8_t { kDone, kWait, kFailed };
  Progress take(const Step& step);
  Progress perform(const LoadPlugin& action);
  Progress perform(const ForgetPlugin& action);
  Progress perform(const Unsubscribe& action);
  Progress perform(const Subscribe& action);
  Progress perform(const UpdateSubscription& action);
  Progress perform(const StopActor& action);
  Progress perform(const RestartActor& action);
  Progress perform(const StartActor& action);
  Progress perform(const UpdateOptions& action);
  Progress perform(const SetHost& action);
  Progress perform(const SetLogging& action);
  bool all_settled();
  void finish();

  Runtime& runtime_;
  PluginFactory& factory_;
  const std::string plugin_cache_;
  Plan plan_;
  KindCatalog catalog_;
  size_t at_ = 0;
  std::vector<ActorSpec> started_;  // not settled yet
  OnRefusal on_refusal_ = OnRefusal::kEnd;
  Outcome outcome_;
  Done done_;
};

}  // namespace actord::host
