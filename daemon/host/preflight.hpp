// Preflight: would the dynamic linker take this plugin? Answered from files, so that `check` can tell
// and no code of a refused plugin runs, its constructors included.
#pragma once

#include <optional>
#include <string>

#include "host/elf_file.hpp"
#include "host/plugin_problem.hpp"

namespace actord::host {

// file: for the texts. Refuses: text relocations, an executable stack, a library search path that is
// relative, lies beside the file ($ORIGIN) or is open to others when a library is needed from it,
// missing libraries (theirs too), libraries too old for it, symbols nobody defines, no entry symbol.
std::optional<PluginProblem> preflight(const ElfFile& plugin, const std::string& file);

// What dlopen said, in words that name the cause and what to do. cache_dir: where the file lies.
std::string translate_link_error(const std::string& error, const std::string& file,
                                 const std::string& cache_dir);

}  // namespace actord::host
