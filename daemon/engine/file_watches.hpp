// FileWatches: which actors want to know of which file. The watching itself is done elsewhere (loop);
// loop thread only.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/limits.hpp"
#include "core/actor_ref.hpp"

namespace actord::host {

class FileWatches {
 public:
  struct Exits {
    std::function<void(const std::string& path)> add = [](const std::string&) {};
    std::function<void(const std::string& path)> remove = [](const std::string&) {};
  };
  void connect(Exits exits) { exits_ = std::move(exits); }

  void watch(ActorRef watcher, const std::string& path) {
    auto& paths = paths_of_[watcher];
    if (paths.size() >= limits::kFileWatchesPerActor) return;
    auto& watchers = watchers_of_[path];
    if (std::find(watchers.begin(), watchers.end(), watcher) != watchers.end()) return;
    if (watchers.empty()) exits_.add(path);
    watchers.push_back(watcher);
    paths.push_back(path);
  }
  void unwatch(ActorRef watcher) {
    const auto it = paths_of_.find(watcher);
    if (it == paths_of_.end()) return;
    for (const std::string& path : it->second) {
      auto& watchers = watchers_of_[path];
      std::erase(watchers, watcher);
      if (!watchers.empty()) continue;
      watchers_of_.erase(path);
      exits_.remove(path);
    }
    paths_of_.erase(it);
  }
  std::vector<ActorRef> watchers(const std::string& path) const {
    const auto it = watchers_of_.find(path);
    return it == watchers_of_.end() ? std::vector<ActorRef>() : it->second;
  }

 private:
  Exits exits_;
  std::map<std::string, std::vector<ActorRef>> watchers_of_;
  std::unordered_map<ActorRef, std::vector<std::string>, ActorRefHash> paths_of_;
};

}  // namespace actord::host
