// Inspecting a plugin: everything that can be said about it without running it. `actord check`,
// `actord plugin inspect` and the start of the daemon ask here, so they cannot disagree.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "core/kind_catalog.hpp"
#include "host/plugin_file.hpp"
#include "host/plugin_problem.hpp"

namespace actord::host {

// File I/O only, nothing written, no code of the plugin run. Judged in this order: found, trusted, an
// ELF file for this machine, a plugin, of this major, a good manifest, the declared name, the pin,
// linkable.
Judged<PluginInfo> inspect_plugin(const PluginRequest& request);

std::string describe_plugin(const PluginInfo& plugin);  // lines for people
nlohmann::json plugin_json(const PluginInfo& plugin);

}  // namespace actord::host
