// Module: one build of a plugin, mapped into this process.
//
// Never unmapped: threads, destructors of thread-local objects and retired instances may still lead into
// it, and the dynamic linker may keep it anyway. So modules live as long as the process, and the same
// content is the same module.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/kind_catalog.hpp"
#include "host/abi_adapter.hpp"
#include "host/host_api.hpp"

namespace actord::host {

class Module {
 public:
  // Maps a private copy of an inspected plugin (RTLD_NOW | RTLD_LOCAL), checks that what it offers is
  // what its manifest said, and runs its init. Thread: [load], one at a time.
  static Result<const Module*> load(const PluginInfo& info, const std::string& cache_dir);

  const PluginInfo& info() const { return info_; }
  const HostApi& api() const { return api_; }
  const KindTable* find(const std::string& kind) const {  // "plugin.Type"
    const auto it = kinds_.find(kind);
    return it == kinds_.end() ? nullptr : &it->second;
  }
  const std::map<std::string, KindTable>& kinds() const { return kinds_; }
  // What loading changed in the process and the host put back.
  const std::vector<std::string>& meddling() const { return meddling_; }

 private:
  explicit Module(const PluginInfo& info) : info_(info), api_(info.id) {}
  Result<void> open(const std::string& cache_dir);
  Result<void> map(const std::string& copy, const std::string& cache_dir);

  const PluginInfo info_;
  const HostApi api_;
  const actord_plugin* descriptor_ = nullptr;
  std::map<std::string, KindTable> kinds_;
  std::vector<std::string> meddling_;
};

}  // namespace actord::host
