#include "engine/new_builds.hpp"

#include <algorithm>

namespace actord::host {
namespace {

// The versions; where these are the same, what tells the builds apart.
std::string build_change(const PluginInfo& from, const PluginInfo& to) {
  if (from.version != to.version) return from.version + " -> " + to.version;
  return to.version + " sha256 " + short_sha256(from.sha256) + " -> " + short_sha256(to.sha256);
}

bool loads_already(const Plan& plan, const std::string& plugin) {
  return std::any_of(plan.steps.begin(), plan.steps.end(), [&](const Step& step) {
    const auto* load = std::get_if<LoadPlugin>(&step.action);
    return load != nullptr && load->plugin.name == plugin;
  });
}

// With their parent end also those that the topology does not name.
bool stops(const Plan& plan, const std::string& path) {
  return std::any_of(plan.steps.begin(), plan.steps.end(), [&](const Step& step) {
    const bool stop = std::holds_alternative<StopActor>(step.action) ||
                      std::holds_alternative<RestartActor>(step.action);
    return stop && (path == step.path || path.starts_with(step.path + "/"));
  });
}

}  // namespace

std::string short_sha256(const std::string& sha256) { return sha256.substr(0, 12); }

void add_new_builds(Plan& plan, const KindCatalog& from, const KindCatalog& to, const Spec& spec) {
  if (!plan.refused.empty()) return;
  for (const PluginSpec& plugin : spec.plugins) {
    const PluginInfo* const before = from.plugin(plugin.name);
    const PluginInfo* const after = to.plugin(plugin.name);
    if (before == nullptr || after == nullptr || before->sha256 == after->sha256) continue;
    if (loads_already(plan, plugin.name)) continue;
    const std::string name = "plugin " + plugin.name;
    const std::string text = "~ " + name + " " + build_change(*before, *after) +
                             " (new build; actors started from now on)";
    plan.changes.push_back({'~', name, text, plugin.span});
    // Loading comes first: it is the likeliest to fail, and nothing was touched by then.
    plan.steps.insert(plan.steps.begin(),
                      {'~', name, text, plugin.span, LoadPlugin{plugin, plugin}});
  }
}

ActorsByPlugin actors_of_old_builds(const std::vector<ActorView>& actors,
                                    const KindCatalog& catalog, const Plan& plan) {
  ActorsByPlugin found;
  for (const ActorView& actor : actors) {
    if (actor.plugin == nullptr) continue;
    const PluginInfo* const current = catalog.plugin(actor.plugin->id);
    if (current == nullptr || current->sha256 == actor.plugin->sha256) continue;
    if (stops(plan, actor.path)) continue;
    found[actor.plugin->id].push_back(actor.path);
  }
  return found;
}

}  // namespace actord::host
