#include "host/module.hpp"

#include <dlfcn.h>

#include <filesystem>
#include <memory>
#include <set>

#include "base/log.hpp"
#include "base/mutex.hpp"
#include "base/text.hpp"
#include "host/descriptor.hpp"
#include "host/plugin_cache.hpp"
#include "host/preflight.hpp"
#include "host/process_state.hpp"

namespace actord::host {
namespace {

struct Table {
  Mutex mutex;  // held while loading: [load] is serialised
  std::map<std::string, const Module*> by_hash ACTORD_GUARDED_BY(mutex);
  // Refused after their code had run: it may hold on to what it was given.
  std::vector<std::unique_ptr<Module>> refused ACTORD_GUARDED_BY(mutex);
};

Table& table() {
  static Table* instance = new Table;  // outlives every plugin thread, so never destroyed
  return *instance;
}

}  // namespace

Result<const Module*> Module::load(const PluginInfo& info, const std::string& cache_dir) {
  Table& modules = table();
  const MutexLock lock(modules.mutex);
  if (const auto it = modules.by_hash.find(info.sha256); it != modules.by_hash.end())
    return it->second;
  std::unique_ptr<Module> module(new Module(info));
  auto opened = module->open(cache_dir);
  if (!opened) {
    modules.refused.push_back(std::move(module));
    return std::move(opened).error();
  }
  const Module* loaded = module.release();
  modules.by_hash[info.sha256] = loaded;
  std::set<std::string> in_use;
  for (const auto& [hash, unused] : modules.by_hash) in_use.insert(hash);
  prune_plugin_cache(cache_dir, in_use);
  return loaded;
}

Result<void> Module::open(const std::string& cache_dir) {
  ACTORD_TRY_ASSIGN(const std::string copy, cache_plugin(info_, cache_dir));
  const ProcessState before;
  auto mapped = map(copy, cache_dir);
  meddling_ = before.restore();
  if (!meddling_.empty()) {
    log::warn("plugin.misbehaved",
              "loading " + info_.file + " changed " + joined(meddling_) + "; put back",
              {{"plugin", info_.id}});
  }
  return mapped;
}

Result<void> Module::map(const std::string& copy, const std::string& cache_dir) {
  const std::string name = std::filesystem::path(info_.file).filename().string();
  const auto refused = [&](const std::string& what) {
    return Error{ACTORD_E_PLUGIN, name + " " + what};
  };
  const PluginCall call{info_.id, {}, nullptr, nullptr};

  void* handle = nullptr;
  std::string link_error;
  // NOW: a missing symbol is found here and not in a turn. LOCAL: plugins do not see each other's names.
  if (auto escaped = run_plugin_code(call, "loading", [&] {
        handle = dlopen(copy.c_str(), RTLD_NOW | RTLD_LOCAL);
        if (handle == nullptr) link_error = dlerror();
      })) {
    return refused("failed: " + *escaped);
  }
  if (handle == nullptr)
    return Error{ACTORD_E_PLUGIN, translate_link_error(link_error, info_.file, cache_dir)};

  const auto entry =
      reinterpret_cast<actord_plugin_entry_fn>(dlsym(handle, ACTORD_PLUGIN_ENTRY_SYMBOL));
  if (entry == nullptr) return refused("does not export " ACTORD_PLUGIN_ENTRY_SYMBOL);
  if (auto escaped =
          run_plugin_code(call, ACTORD_PLUGIN_ENTRY_SYMBOL, [&] { descriptor_ = entry(); })) {
    return refused("failed: " + *escaped);
  }
  auto kinds = check_descriptor(descriptor_, info_);
  if (!kinds) return refused(kinds.error().text);
  kinds_ = std::move(*kinds);
  for (auto& [kind, tables] : kinds_) tables.plugin = &info_;

  if (descriptor_->init == nullptr) return {};
  actord_status status = ACTORD_OK;
  if (auto escaped =
          run_plugin_code(call, "init", [&] { status = descriptor_->init(&api_.table()); })) {
    return refused("failed: " + *escaped);
  }
  if (status == ACTORD_OK) return {};
  return refused("refused to start: init answered " + std::string(status_name(status)) + " (" +
                 std::to_string(status) + "); its log lines may say why");
}

}  // namespace actord::host
