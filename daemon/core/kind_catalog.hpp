// KindCatalog: which kinds of actor the installed plugins offer, read from their manifests. A value:
// the topology is checked against it without any plugin code running.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace actord::host {

struct SettingSchema {
  std::string key;
  std::string type;  // string path integer number boolean duration size array object
  bool required = false;
  nlohmann::json default_value;     // null: none
  nlohmann::json min, max;          // null: none; of the number, or of the string's length
  std::vector<std::string> one_of;  // empty: any
  std::string doc;
};

struct KindInfo {
  std::string name;    // "plugin.Type"
  std::string plugin;  // "plugin"
  std::string doc;
  bool persistent = false;
  uint32_t state_version = 0;
  std::vector<std::string> accepts, emits;  // message types; empty: not said
  std::vector<SettingSchema> settings;
};

struct PluginInfo {
  std::string id;
  std::string version;
  std::string doc;
  std::string file;    // absolute
  std::string sha256;  // hex
  uint32_t abi_major = 0, abi_minor_built = 0, abi_minor_min = 0;
  std::vector<KindInfo> kinds;
};

class KindCatalog {
 public:
  void add(PluginInfo plugin) {
    for (const auto& kind : plugin.kinds) kinds_[kind.name] = kind;
    plugins_[plugin.id] = std::move(plugin);
  }
  const KindInfo* find(const std::string& kind) const {
    const auto it = kinds_.find(kind);
    return it == kinds_.end() ? nullptr : &it->second;
  }
  const PluginInfo* plugin(const std::string& id) const {
    const auto it = plugins_.find(id);
    return it == plugins_.end() ? nullptr : &it->second;
  }
  const std::map<std::string, KindInfo>& kinds() const { return kinds_; }
  const std::map<std::string, PluginInfo>& plugins() const { return plugins_; }

 private:
  std::map<std::string, KindInfo> kinds_;
  std::map<std::string, PluginInfo> plugins_;
};

}  // namespace actord::host
