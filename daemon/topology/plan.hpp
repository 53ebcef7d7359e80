// Plan: the steps that lead from what runs to what is wanted. Boot, reload and shutdown are this one
// mechanism: boot = diff({}, spec), reload = diff(running, spec), drain = diff(running, {}).
//
// Order of the steps, and why:
//   LoadPlugin     first: the likeliest to fail, before anything was touched
//   StopActor      leaf first, in reverse start order; each after Unsubscribe of what leads to it, so
//                  that nobody publishes to a stopping actor
//   UpdateOptions, UpdateSubscription   hot; cannot fail
//   Subscribe      before any actor starts, so that no message misses a subscriber
//   SetHost, SetLogging   before any actor starts, so that the first failure meets the host's policy
//   RestartActor   of actors that stay and have other settings or another build; leaf first, all of them
//                  as one: each starts anew in its place, and a child not before its parent
//   StartActor     root first, in start order, `after` respected
//   ForgetPlugin   a plugin is forgotten when nobody uses it
// An actor whose kind changes is another actor: a StopActor and a StartActor of the same path, with its
// children; its subscriptions are taken away and given back, and what waited for it is not given to its
// successor. A restart in place keeps address, mailbox, watchers and subscriptions. Every action carries what is needed to undo it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <variant>
#include <vector>

#include "topology/diagnostic.hpp"
#include "topology/spec.hpp"

namespace actord::host {

// previous.name is empty when the plugin is new.
struct LoadPlugin {
  PluginSpec plugin, previous;
};
struct ForgetPlugin {
  PluginSpec plugin;
};
struct Unsubscribe {
  SubscriptionSpec subscription;
};
struct Subscribe {
  SubscriptionSpec subscription;
};
// Of one topic and target; its options differ.
struct UpdateSubscription {
  SubscriptionSpec from, to;
};
// replaced: the plan also holds the other half.
struct StopActor {
  ActorSpec actor;
  bool replaced = false;
};
struct StartActor {
  ActorSpec actor;
  bool replaced = false;
};
struct RestartActor {
  ActorSpec from, to;
};
struct UpdateOptions {
  ActorPath path;
  ActorOptions from, to;
};  // mailbox and supervision
struct SetHost {
  HostSpec from, to;
};  // name, plugin_dirs, shutdown, policy
struct SetLogging {
  LoggingSpec from, to;
};

using Action = std::variant<LoadPlugin, Unsubscribe, StopActor, UpdateOptions, UpdateSubscription,
                            Subscribe, RestartActor, StartActor, SetHost, SetLogging, ForgetPlugin>;

struct Step {
  char op = '+';     // + - ~
  std::string path;  // the actor's, or "plugin orders", "host", "logging"
  std::string text;  // "+ /orders/intake start orders.Intake"
  Span span;         // of the YAML that asks for it; of what was, for a removal
  Action action;
};

// One line per thing that differs, for people: what `diff` prints.
struct Change {
  char op = '+';
  std::string path;
  std::string text;  // "~ /orders/intake mailbox.capacity 1024 -> 8192 (hot)"
  Span span;
};

struct Plan {
  std::vector<Change> changes;
  std::vector<Step> steps;
  Diagnostics refused;  // E307: keys that need a process restart. Not empty: there are no steps.

  bool empty() const { return steps.empty() && refused.empty(); }
};

// Pure and deterministic.
Plan diff(const Spec& running, const Spec& desired);

std::string print(const Plan& plan);        // the changes, or "no changes"; refusals last
std::string print_steps(const Plan& plan);  // what apply will do, in order
nlohmann::json to_json(const Plan& plan);

}  // namespace actord::host
