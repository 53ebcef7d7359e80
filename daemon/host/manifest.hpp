// Manifest: what a plugin says about itself in its ELF notes (abi.h, "The manifest").
//
// Two notes: a version record of fixed size, judged first, and JSON. Members that this host does not
// know are skipped, because a younger plugin may say more; members it knows must be right.
#pragma once

#include <string_view>
#include <vector>

#include "base/status.hpp"
#include "core/kind_catalog.hpp"
#include "host/elf_note.hpp"

namespace actord::host {

// The notes owned by "actord" of one file. file and sha256 stay empty. The error's text continues
// "FILE ...": "was built with SDK 2.0; this host accepts 1.0".
Result<PluginInfo> read_manifest(const std::vector<ElfNote>& notes);

// The JSON note alone. The error's text names the member: "kinds[0].settings.path.type ...".
Result<PluginInfo> parse_manifest_json(std::string_view text);

}  // namespace actord::host
