#include "host/descriptor.hpp"

#include <cstddef>

#include "base/limits.hpp"
#include "host/abi_values.hpp"

namespace actord::host {
namespace {

// What the structs had in the first minor: a plugin may be older than this host, never smaller.
constexpr uint32_t kPluginSize = offsetof(actord_plugin, kinds) + sizeof(const actord_kind*);
constexpr uint32_t kKindSize = offsetof(actord_kind, get_extension) + sizeof(void (*)());
constexpr uint32_t kPersistSize = offsetof(actord_actor_persist, recovered) + sizeof(void (*)());
constexpr uint32_t kSuperviseSize = offsetof(actord_actor_supervise, decide) + sizeof(void (*)());

Error disagrees(const std::string& what) {
  return Error{ACTORD_E_PLUGIN, "is not what its manifest says: " + what + "; rebuild it"};
}

Result<void> check_head(const actord_plugin* plugin, const PluginInfo& info) {
  if (plugin == nullptr)
    return Error{ACTORD_E_PLUGIN, "returned no descriptor from " ACTORD_PLUGIN_ENTRY_SYMBOL};
  if (plugin->struct_size < kPluginSize)
    return disagrees("its descriptor is smaller than that of SDK 1.0");
  if (plugin->abi_major != info.abi_major) return disagrees("its code is for another SDK major");
  if (plugin->abi_minor_min > ACTORD_ABI_MINOR)
    return disagrees("its code needs a later SDK minor");
  if (text_of(plugin->id) != info.id) {
    return disagrees("its code has the id \"" + text_of(plugin->id) + "\", its manifest \"" +
                     info.id + "\"");
  }
  if (text_of(plugin->version) != info.version) {
    return disagrees("its code has the version " + text_of(plugin->version) + ", its manifest " +
                     info.version);
  }
  if (plugin->kind_count > limits::kKindsPerPlugin || plugin->kind_count != info.kinds.size()) {
    return disagrees("its code offers " + std::to_string(plugin->kind_count) +
                     " kinds, its manifest " + std::to_string(info.kinds.size()));
  }
  if (plugin->kinds == nullptr || plugin->kind_stride < kKindSize)
    return disagrees("its table of kinds is cut");
  return {};
}

// The table of an optional feature; null: the kind does not have it.
template <class Table>
Result<const Table*> find_extension(const actord_kind& kind, const PluginInfo& info,
                                    const char* id) {
  const Table* table = nullptr;
  if (kind.get_extension == nullptr) return table;
  const PluginCall call{info.id, {}, nullptr, nullptr};
  if (auto escaped = run_plugin_code(call, "get_extension", [&] {
        table = static_cast<const Table*>(kind.get_extension(id));
      })) {
    return Error{ACTORD_E_PLUGIN, "failed: " + *escaped};
  }
  return table;
}

Result<const actord_actor_persist*> find_persist(const actord_kind& kind, const PluginInfo& info,
                                                 const std::string& name) {
  ACTORD_TRY_ASSIGN(const auto* table,
                    find_extension<actord_actor_persist>(kind, info, ACTORD_EXT_ACTOR_PERSIST));
  if (table == nullptr) return table;
  if (table->struct_size < kPersistSize || table->apply_event == nullptr) {
    return disagrees(name + " has an incomplete " ACTORD_EXT_ACTOR_PERSIST);
  }
  if (table->snapshot_save != nullptr && table->snapshot_load == nullptr) {
    return disagrees(name + " saves snapshots but cannot load them");
  }
  return table;
}

Result<const actord_actor_supervise*> find_supervise(const actord_kind& kind,
                                                     const PluginInfo& info,
                                                     const std::string& name) {
  ACTORD_TRY_ASSIGN(const auto* table,
                    find_extension<actord_actor_supervise>(kind, info, ACTORD_EXT_ACTOR_SUPERVISE));
  if (table == nullptr) return table;
  if (table->struct_size < kSuperviseSize || table->decide == nullptr) {
    return disagrees(name + " has an incomplete " ACTORD_EXT_ACTOR_SUPERVISE);
  }
  return table;
}

Result<KindTable> check_kind(const actord_kind& kind, const PluginInfo& info,
                             const KindInfo& said) {
  const bool complete = kind.create != nullptr && kind.start != nullptr &&
                        kind.receive != nullptr && kind.stop != nullptr && kind.destroy != nullptr;
  if (kind.struct_size < kKindSize || !complete)
    return disagrees(said.name + " lacks a required function");
  if (kind.state_version != said.state_version) {
    return disagrees(said.name + " has state version " + std::to_string(kind.state_version) +
                     " in code and " + std::to_string(said.state_version) + " in the manifest");
  }
  ACTORD_TRY_ASSIGN(const auto* persist, find_persist(kind, info, said.name));
  if ((persist != nullptr) != said.persistent) {
    return disagrees(said.name + (said.persistent ? " is persistent in the manifest only"
                                                  : " is persistent in code only"));
  }
  ACTORD_TRY_ASSIGN(const auto* supervise, find_supervise(kind, info, said.name));
  return KindTable{&kind, persist, nullptr, supervise};
}

}  // namespace

Result<std::map<std::string, KindTable>> check_descriptor(const actord_plugin* descriptor,
                                                          const PluginInfo& info) {
  ACTORD_TRY(check_head(descriptor, info));
  std::map<std::string, const KindInfo*> said;
  for (const auto& kind : info.kinds) said[kind.name] = &kind;
  std::map<std::string, KindTable> tables;
  const auto* at = reinterpret_cast<const char*>(descriptor->kinds);
  for (uint32_t i = 0; i < descriptor->kind_count; ++i, at += descriptor->kind_stride) {
    const auto& kind = *reinterpret_cast<const actord_kind*>(at);
    const std::string name = info.id + "." + text_of(kind.name);
    const auto known = said.find(name);
    if (known == said.end() || tables.count(name) != 0)
      return disagrees("its code offers " + name + ", its manifest does not");
    ACTORD_TRY_ASSIGN(tables[name], check_kind(kind, info, *known->second));
  }
  return tables;
}

}  // namespace actord::host
