// PluginCache: private copies of plugins, named by content: DIR/<id>-<sha256>.so, 0400 in a 0700 directory.
// The id is for people who meet the file in a stack, a debugger or /proc/PID/maps.
//
// Only such a copy is ever mapped. So overwriting the installed file in place cannot reach running code,
// nobody can swap the file between check and load, and a new build is a new file, which the dynamic
// linker cannot mistake for the old one.
#pragma once

#include <set>
#include <string>

#include "base/status.hpp"
#include "core/kind_catalog.hpp"

namespace actord::host {

// The copy's path. Copies info.file while hashing it; refuses when that is not info.sha256 (the file has
// changed since it was inspected). An intact copy that is there already is used as it is.
Result<std::string> cache_plugin(const PluginInfo& info, const std::string& cache_dir);

// Deletes all but the newest kPluginCopiesKept copies, and never those in use (hashes).
void prune_plugin_cache(const std::string& cache_dir, const std::set<std::string>& in_use);

}  // namespace actord::host
