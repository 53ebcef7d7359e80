// The descriptor a plugin returns from its entry symbol, held against the manifest that was read from its
// file. The topology was checked against the manifest, so a plugin that does something else is refused.
#pragma once

#include <map>
#include <string>

#include "core/kind_catalog.hpp"
#include "host/abi_adapter.hpp"

namespace actord::host {

// The tables by "plugin.Type". The error's text continues "FILE ...". Runs get_extension of the kinds.
Result<std::map<std::string, KindTable>> check_descriptor(const actord_plugin* descriptor,
                                                          const PluginInfo& info);

}  // namespace actord::host
