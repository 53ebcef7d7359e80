#include "host/plugin_factory.hpp"

#include "base/log.hpp"

namespace actord::host {

Result<void> PluginFactory::load(const PluginInfo& info, const std::string& cache_dir) {
  auto opened = Module::load(info, cache_dir);
  if (!opened) {
    const MutexLock lock(mutex_);
    refusals_[info.id] = opened.error().text;
    return std::move(opened).error();
  }
  const Module* const module = *opened;
  uint32_t number = 0;
  {
    const MutexLock lock(mutex_);
    refusals_.erase(info.id);
    Generation& generation = current_[info.id];
    if (generation.module == module) return {};
    generation.module = module;
    number = ++generation.number;
  }
  log::info(
      "plugin.loaded", info.id + " " + info.version + " loaded",
      {{"plugin", info.id}, {"file", info.file}, {"sha256", info.sha256}, {"generation", number}});
  return {};
}

const Module* PluginFactory::offering(const std::string& kind) const {
  const std::string_view plugin = std::string_view(kind).substr(0, kind.find('.'));
  const MutexLock lock(mutex_);
  const auto it = current_.find(plugin);
  return it == current_.end() || it->second.module->find(kind) == nullptr ? nullptr
                                                                          : it->second.module;
}

bool PluginFactory::knows(const std::string& kind) const { return offering(kind) != nullptr; }

Result<std::unique_ptr<Behavior>> PluginFactory::create(const CreateArgs& args) {
  const Module* module = offering(args.kind);
  if (module == nullptr) return missing(args.kind);
  return AbiActor::create(module->api(), *module->find(args.kind), args);
}

Error PluginFactory::missing(const std::string& kind) const {
  const std::string plugin = kind.substr(0, kind.find('.'));
  const MutexLock lock(mutex_);
  if (const auto why = refusals_.find(plugin); why != refusals_.end()) {
    return {ACTORD_E_NOT_FOUND, "plugin " + plugin + " is not loaded: " + why->second +
                                    "; mend it, then: actorctl reload"};
  }
  return {ACTORD_E_NOT_FOUND,
          "no loaded plugin offers the kind " + kind + "; declare it under plugins: and reload"};
}

std::vector<PluginFactory::Loaded> PluginFactory::loaded() const {
  std::vector<Loaded> list;
  const MutexLock lock(mutex_);
  for (const auto& [id, generation] : current_) {
    const PluginInfo& info = generation.module->info();
    list.push_back({id, info.version, info.file, info.sha256, generation.number});
  }
  return list;
}

}  // namespace actord::host
