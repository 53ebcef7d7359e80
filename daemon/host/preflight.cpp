#include "host/preflight.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <unordered_set>

#include "actord/abi.h"
#include "host/library_search.hpp"
#include "host/plugin_file.hpp"

namespace actord::host {
namespace {

std::string base_name(const std::string& file) {
  return std::filesystem::path(file).filename().string();
}

std::string not_found(const std::string& library, const std::string& file) {
  return "needs " + library + ", not found; try: ldd " + file;
}

std::string too_old(const std::string& version) {
  return "needs " + version +
         ", which this host's libraries are too old for; build it on this release";
}

Result<ElfFile> read_library(const std::string& file) {
  const FileDescriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status {};
  if (!descriptor.valid() || fstat(descriptor.get(), &status) != 0)
    return Error{ACTORD_E_IO, file + " cannot be read"};
  return read_elf_file(FileReader(descriptor.get(), static_cast<uint64_t>(status.st_size)));
}

// The libraries of a plugin and theirs: mapped ones as handles, the others as what they define.
class Closure {
 public:
  explicit Closure(std::string plugin) : plugin_(std::move(plugin)) {}

  // What is missing, as the text continuing "FILE ...".
  std::optional<std::string> add(const ElfFile& of) {
    const auto path = trusted_path(of);
    for (const auto& name : of.needed) {
      const LibrarySearch::Found found = search_.find(name, path);
      if (found.missing()) return missing_library(of, name);
      const auto library =
          read_library(found.handle == nullptr ? found.file : mapped_file(found.handle));
      if (library) {
        if (const auto version = missing_version(of, name, *library))
          return too_old(*version + " of " + name);
      }
      if (!seen_.insert(name).second) continue;
      if (found.handle != nullptr) {
        handles_.push_back(found.handle);
      } else if (auto fault = add_library(library)) {
        return fault;
      }
    }
    return std::nullopt;
  }
  bool defines(const std::string& symbol) const {
    if (names_.count(symbol) != 0 || dlsym(RTLD_DEFAULT, symbol.c_str()) != nullptr) return true;
    for (void* handle : handles_) {
      if (dlsym(handle, symbol.c_str()) != nullptr) return true;
    }
    return false;
  }
  bool complete() const { return complete_; }

 private:
  static std::vector<std::string> trusted_path(const ElfFile& of) {
    std::vector<std::string> path;
    for (const auto& directory : of.search_path) {
      if (!directory.empty() && directory.front() == '/') path.push_back(directory);
    }
    return path;
  }
  std::optional<std::string> add_library(const Result<ElfFile>& library) {
    // The linker will say what is wrong with a library that cannot be read here (a linker script, a
    // file without section headers); guessing would refuse plugins that load.
    if (!library || !library->has_symbols) {
      complete_ = false;
      return std::nullopt;
    }
    for (const auto& symbol : library->symbols) {
      if (symbol.defined) names_.insert(symbol.name);
    }
    return add(*library);
  }
  std::string missing_library(const ElfFile& of, const std::string& name) const {
    std::string text = not_found(name, plugin_);
    for (const auto& directory : of.search_path) {
      if (directory.find("ORIGIN") == std::string::npos) continue;
      return text +
             " ($ORIGIN in its RUNPATH does not count: a private copy of the plugin is loaded)";
    }
    return text;
  }
  static std::string mapped_file(void* handle) {
    link_map* map = nullptr;
    return dlinfo(handle, RTLD_DI_LINKMAP, &map) == 0 && map != nullptr ? map->l_name
                                                                        : std::string();
  }
  static std::optional<std::string> missing_version(const ElfFile& of, const std::string& name,
                                                    const ElfFile& library) {
    if (library.versions.empty())
      return std::nullopt;  // not versioned: the linker takes what is there
    for (const auto& need : of.version_needs) {
      if (need.library != name) continue;
      const auto end = library.versions.end();
      if (std::find(library.versions.begin(), end, need.version) == end) return need.version;
    }
    return std::nullopt;
  }

  const std::string plugin_;
  LibrarySearch search_;
  std::set<std::string> seen_;
  std::vector<void*> handles_;
  std::unordered_set<std::string> names_;
  bool complete_ = true;
};

PluginProblem refused(const char* code, const std::string& file, const std::string& what) {
  return {code, base_name(file) + " " + what};
}

std::optional<PluginProblem> judge_search_path(const ElfFile& plugin, const std::string& file) {
  for (const auto& directory : plugin.search_path) {
    if (directory.find("ORIGIN") != std::string::npos)
      continue;  // leads to the cache, which is ours
    if (directory.empty() || directory.front() != '/') {
      return refused("E202", file,
                     "searches libraries in \"" + directory +
                         "\" (RUNPATH), which depends on where "
                         "the daemon runs; link it with absolute -rpath or none");
    }
    if (!std::filesystem::exists(directory)) continue;
    const std::string fault = directory_fault(directory);
    if (!fault.empty())
      return refused("E202", file, "searches libraries in an unsafe place (RUNPATH): " + fault);
  }
  return std::nullopt;
}

std::string missing_symbols(const ElfFile& plugin, const Closure& closure) {
  std::set<std::string> own;
  for (const auto& symbol : plugin.symbols) {
    if (symbol.defined) own.insert(symbol.name);
  }
  std::string names;
  int count = 0;
  for (const auto& symbol : plugin.symbols) {
    if (symbol.defined || symbol.weak || own.count(symbol.name) != 0 ||
        closure.defines(symbol.name))
      continue;
    if (++count <= 3) names += (names.empty() ? "" : ", ") + symbol.name;
  }
  if (count > 3) names += " and " + std::to_string(count - 3) + " more";
  return names;
}

std::optional<PluginProblem> judge_entry(const ElfFile& plugin, const std::string& file) {
  if (!plugin.has_symbols) return std::nullopt;
  for (const auto& symbol : plugin.symbols) {
    if (symbol.defined && symbol.name == ACTORD_PLUGIN_ENTRY_SYMBOL) return std::nullopt;
  }
  return refused("E203", file,
                 "does not export " ACTORD_PLUGIN_ENTRY_SYMBOL
                 "; is the function there, extern \"C\" and marked ACTORD_EXPORT?");
}

std::string undefined(const std::string& names) {
  return "uses symbols that nothing defines: " + names +
         "; link the library that has them (-Wl,-z,defs shows this when it is built)";
}

// The word after `mark`, cut at blanks and commas.
std::string word_after(const std::string& text, const std::string& mark) {
  const size_t at = text.find(mark);
  if (at == std::string::npos) return {};
  const size_t begin = text.find_first_not_of(" `'", at + mark.size());
  if (begin == std::string::npos) return {};
  return text.substr(begin, text.find_first_of(" ,;`'", begin) - begin);
}

}  // namespace

std::optional<PluginProblem> preflight(const ElfFile& plugin, const std::string& file) {
  if (plugin.text_relocations) {
    return refused("E203", file, "has text relocations; compile all of it with -fPIC");
  }
  if (plugin.executable_stack) {
    return refused("E203", file, "wants an executable stack; link it with -z noexecstack");
  }
  if (auto problem = judge_entry(plugin, file)) return problem;
  if (auto problem = judge_search_path(plugin, file)) return problem;
  Closure closure(file);
  if (const auto fault = closure.add(plugin)) return refused("E202", file, *fault);
  if (plugin.has_symbols && closure.complete()) {
    const std::string names = missing_symbols(plugin, closure);
    if (!names.empty()) return refused("E202", file, undefined(names));
  }
  return std::nullopt;
}

std::string translate_link_error(const std::string& error, const std::string& file,
                                 const std::string& cache_dir) {
  const std::string name = base_name(file);
  if (const std::string symbol = word_after(error, "undefined symbol:"); !symbol.empty()) {
    return name + " " + undefined(symbol);
  }
  if (error.find("failed to map segment") != std::string::npos) {
    return name + " cannot be mapped: directory " + cache_dir +
           " is noexec (mount or NoExecPaths=); allow execution there, or choose another "
           "host.data_dir";
  }
  if (error.find("static TLS") != std::string::npos) {
    return name +
           " needs more static thread storage than is left; compile it with "
           "-ftls-model=global-dynamic";
  }
  if (error.find("cannot open shared object file") != std::string::npos) {
    return name + " " + not_found(error.substr(0, error.find(':')), file);
  }
  const std::string version = word_after(error, "version");
  if (!version.empty() && error.find("not found") != std::string::npos) {
    return name + " " + too_old(version);
  }
  return name + " cannot be loaded: " + error;
}

}  // namespace actord::host
