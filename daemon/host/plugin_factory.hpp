// PluginFactory: makes actors of the kinds that the loaded plugins offer.
//
// Loading a newer build of a plugin is a new generation: it serves new instances; those that run keep the
// code they were made by.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/mutex.hpp"
#include "core/behavior.hpp"
#include "core/kind_catalog.hpp"
#include "host/module.hpp"

namespace actord::host {

class PluginFactory final : public BehaviorFactory {
 public:
  struct Loaded {
    std::string id, version, file, sha256;
    uint32_t generation = 1;  // of the id, counted from 1
  };

  // Loads an inspected plugin; cache_dir is "<data_dir>/plugins". On error the generation before goes
  // on; without one, create() names the error. Loading what is already current does nothing.
  Result<void> load(const PluginInfo& info, const std::string& cache_dir);

  bool knows(const std::string& kind) const override;
  Result<std::unique_ptr<Behavior>> create(const CreateArgs& args) override;  // any thread
  std::vector<Loaded> loaded() const;  // current generations, by id

 private:
  struct Generation {
    const Module* module = nullptr;
    uint32_t number = 0;
  };
  const Module* offering(const std::string& kind) const;
  Error missing(const std::string& kind) const;

  mutable Mutex mutex_;
  std::map<std::string, Generation, std::less<>> current_
      ACTORD_GUARDED_BY(mutex_);  // by plugin id
  // Why the last try failed, by plugin id; for the actors that wait for it.
  std::map<std::string, std::string, std::less<>> refusals_ ACTORD_GUARDED_BY(mutex_);
};

}  // namespace actord::host
