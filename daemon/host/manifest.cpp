#include "host/manifest.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <set>

#include "base/limits.hpp"

namespace actord::host {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 9> kSettingTypes = {
    "string", "path", "integer", "number", "boolean", "duration", "size", "array", "object"};

Error wrong(const std::string& where, const std::string& what) {
  return Error{ACTORD_E_PLUGIN, where + ": " + what};
}

std::string shown(const json& value) {
  std::string text = value.dump(-1, ' ', false, json::error_handler_t::replace);
  if (text.size() > 60) text = text.substr(0, 57) + "...";
  return text;
}

// Reads one JSON object; remembers the first error, so that its users read like a list of members.
class Members {
 public:
  Members(const json& object, std::string where) : object_(object), where_(std::move(where)) {
    if (!object_.is_object()) fail("wants an object, got " + shown(object_));
  }

  bool failed() const { return !error_.text.empty(); }
  Error error() const { return error_; }
  std::string place(const std::string& key) const {
    return where_.empty() ? key : where_ + "." + key;
  }

  const json* find(const char* key) const {
    if (!object_.is_object()) return nullptr;
    const auto it = object_.find(key);
    return it == object_.end() ? nullptr : &*it;
  }
  std::string text(const char* key, bool required) {
    const json* value = find(key);
    if (value == nullptr) {
      if (required) fail_at(key, "is missing");
      return {};
    }
    if (!value->is_string()) {
      fail_at(key, "wants text, got " + shown(*value));
      return {};
    }
    return value->get<std::string>();
  }
  bool flag(const char* key) {
    const json* value = find(key);
    if (value == nullptr) return false;
    if (value->is_boolean()) return value->get<bool>();
    fail_at(key, "wants true or false, got " + shown(*value));
    return false;
  }
  uint32_t number(const char* key) {
    const json* value = find(key);
    if (value == nullptr) return 0;
    if (value->is_number_unsigned() && value->get<uint64_t>() <= UINT32_MAX)
      return value->get<uint32_t>();
    fail_at(key, "wants a whole number from 0 to 4294967295, got " + shown(*value));
    return 0;
  }
  std::vector<std::string> texts(const char* key) {
    std::vector<std::string> list;
    const json* value = find(key);
    if (value == nullptr) return list;
    const auto is_text = [](const json& item) { return item.is_string(); };
    if (!value->is_array() || !std::all_of(value->begin(), value->end(), is_text)) {
      fail_at(key, "wants a list of texts, got " + shown(*value));
      return list;
    }
    for (const json& item : *value) list.push_back(item.get<std::string>());
    return list;
  }
  void fail_at(const char* key, const std::string& what) {
    if (!failed()) error_ = wrong(place(key), what);
  }

 private:
  void fail(const std::string& what) {
    error_ = wrong(where_.empty() ? "the manifest" : where_, what);
  }

  const json& object_;
  std::string where_;
  Error error_;
};

// "plugin" and "Type" of "plugin.Type": the dot between them must be the only one.
bool valid_name(std::string_view name) {
  if (name.empty() || name.size() > 64) return false;
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto rest = [&](char c) {
    return letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  return letter(name.front()) && std::all_of(name.begin(), name.end(), rest);
}
constexpr const char* kNameRule = "is 1 to 64 letters, digits, '_' and '-', a letter first";

// A duration or size may be written as text ("250ms"); the topology's reader gives it its meaning.
bool fits_type(const json& value, const std::string& type) {
  if (type == "string" || type == "path") return value.is_string();
  if (type == "integer") return value.is_number_integer();
  if (type == "number") return value.is_number();
  if (type == "boolean") return value.is_boolean();
  if (type == "array") return value.is_array();
  if (type == "object") return value.is_object();
  return value.is_string() || value.is_number_unsigned();
}

void read_bound(Members& members, const char* key, const std::string& type, json& bound) {
  const json* value = members.find(key);
  if (value == nullptr) return;
  const bool amount = (type == "duration" || type == "size") && fits_type(*value, type);
  if (!value->is_number() && !amount) {
    members.fail_at(key, "wants a number, got " + shown(*value));
    return;
  }
  bound = *value;
}

Result<SettingSchema> read_setting(const json& value, const std::string& key,
                                   const std::string& where) {
  Members members(value, where);
  SettingSchema setting;
  setting.key = key;
  setting.type = members.text("type", true);
  setting.required = members.flag("required");
  setting.doc = members.text("doc", false);
  setting.one_of = members.texts("enum");
  if (members.failed()) return members.error();
  if (std::find(kSettingTypes.begin(), kSettingTypes.end(), setting.type) == kSettingTypes.end()) {
    return wrong(members.place("type"), "\"" + setting.type +
                                            "\" is no type; allowed: string, path, integer, "
                                            "number, boolean, duration, size, array, object");
  }
  if (!setting.one_of.empty() && setting.type != "string") {
    return wrong(members.place("enum"), "goes with type string, not " + setting.type);
  }
  read_bound(members, "min", setting.type, setting.min);
  read_bound(members, "max", setting.type, setting.max);
  if (const json* value_default = members.find("default"); value_default != nullptr) {
    if (!fits_type(*value_default, setting.type)) {
      members.fail_at("default", "is no " + setting.type + ": " + shown(*value_default));
    }
    setting.default_value = *value_default;
  }
  if (members.failed()) return members.error();
  return setting;
}

Result<void> read_settings(const Members& members, KindInfo& kind) {
  const json* settings = members.find("settings");
  if (settings == nullptr) return {};
  const std::string where = members.place("settings");
  if (!settings->is_object()) return wrong(where, "wants an object, got " + shown(*settings));
  for (const auto& [key, value] : settings->items()) {
    ACTORD_TRY_ASSIGN(auto setting, read_setting(value, key, where + "." + key));
    kind.settings.push_back(std::move(setting));
  }
  return {};
}

Result<KindInfo> read_kind(const json& value, const std::string& plugin, const std::string& where) {
  Members members(value, where);
  KindInfo kind;
  const std::string type = members.text("name", true);
  kind.plugin = plugin;
  kind.name = plugin + "." + type;
  kind.doc = members.text("doc", false);
  kind.persistent = members.flag("persistent");
  kind.state_version = members.number("state_version");
  kind.accepts = members.texts("accepts");
  kind.emits = members.texts("emits");
  if (members.failed()) return members.error();
  if (!valid_name(type))
    return wrong(members.place("name"), "\"" + type + "\": a kind's name " + kNameRule);
  ACTORD_TRY(read_settings(members, kind));
  return kind;
}

Result<void> read_kinds(const Members& members, PluginInfo& plugin) {
  const json* kinds = members.find("kinds");
  if (kinds == nullptr || !kinds->is_array() || kinds->empty()) {
    return wrong("kinds", "wants a list with at least one kind");
  }
  if (kinds->size() > limits::kKindsPerPlugin) return wrong("kinds", "more than 1024 kinds");
  std::set<std::string> names;
  for (size_t i = 0; i < kinds->size(); ++i) {
    const std::string where = "kinds[" + std::to_string(i) + "]";
    ACTORD_TRY_ASSIGN(auto kind, read_kind((*kinds)[i], plugin.id, where));
    if (!names.insert(kind.name).second)
      return wrong(where + ".name", kind.name + " is there twice");
    plugin.kinds.push_back(std::move(kind));
  }
  return {};
}

// Values are copied recursively, so a deep one could use up the stack: found before it is parsed.
bool too_deep(std::string_view text) {
  uint64_t depth = 0;
  bool in_text = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_text) {
      if (c == '\\') ++i;
      in_text = c != '"';
    } else if (c == '"') {
      in_text = true;
    } else if (c == '[' || c == '{') {
      if (++depth > limits::kManifestDepth) return true;
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return false;
}

std::string version_text(uint32_t major, uint32_t minor) {
  return std::to_string(major) + "." + std::to_string(minor);
}

std::string accepted_versions() {
  const std::string oldest = version_text(ACTORD_ABI_MAJOR, 0);
  if (ACTORD_ABI_MINOR == 0) return oldest;
  return oldest + " to " + version_text(ACTORD_ABI_MAJOR, ACTORD_ABI_MINOR);
}

Result<void> judge_version(const actord_note_version& version) {
  if (version.major != ACTORD_ABI_MAJOR) {
    return Error{ACTORD_E_PLUGIN, "was built with SDK " +
                                      version_text(version.major, version.minor_built) +
                                      "; this host accepts " + accepted_versions() +
                                      ". Rebuild it with actord-dev " +
                                      version_text(ACTORD_ABI_MAJOR, ACTORD_ABI_MINOR)};
  }
  if (version.minor_min > ACTORD_ABI_MINOR) {
    return Error{ACTORD_E_PLUGIN,
                 "needs a host of SDK " + version_text(version.major, version.minor_min) +
                     " or later; this host offers " +
                     version_text(ACTORD_ABI_MAJOR, ACTORD_ABI_MINOR) +
                     ". Install a newer actord, or rebuild the plugin with actord-dev " +
                     version_text(ACTORD_ABI_MAJOR, ACTORD_ABI_MINOR)};
  }
  return {};
}

// The only note of a type. How many there are is the linker's doing: two objects with a manifest each
// make two.
Result<const ElfNote*> only(const std::vector<ElfNote>& notes, uint32_t type, const char* what) {
  const ElfNote* found = nullptr;
  for (const ElfNote& note : notes) {
    if (note.type != type) continue;
    if (found != nullptr) {
      return Error{ACTORD_E_PLUGIN,
                   "has more than one manifest; ACTORD_MANIFEST stands once in a plugin"};
    }
    found = &note;
  }
  if (found == nullptr)
    return Error{ACTORD_E_PLUGIN, std::string("has a .note.actord without ") + what};
  return found;
}

}  // namespace

Result<PluginInfo> parse_manifest_json(std::string_view text) {
  if (text.size() > limits::kManifestBytes) return wrong("the manifest", "larger than 1 MiB");
  if (too_deep(text)) return wrong("the manifest", "nested deeper than 32");
  const json document = json::parse(text, nullptr, false);
  if (document.is_discarded()) return wrong("the manifest", "no valid JSON in UTF-8");
  Members members(document, "");
  PluginInfo plugin;
  plugin.id = members.text("id", true);
  plugin.version = members.text("version", true);
  plugin.doc = members.text("doc", false);
  if (members.failed()) return members.error();
  if (!valid_name(plugin.id))
    return wrong("id", "\"" + plugin.id + "\": a plugin's id " + kNameRule);
  ACTORD_TRY(read_kinds(members, plugin));
  return plugin;
}

Result<PluginInfo> read_manifest(const std::vector<ElfNote>& notes) {
  if (notes.empty()) {
    return Error{ACTORD_E_PLUGIN,
                 "is not an actord plugin (no .note.actord; did you link actord::sdk?)"};
  }
  ACTORD_TRY_ASSIGN(const ElfNote* record, only(notes, ACTORD_NOTE_VERSION, "a version record"));
  actord_note_version version{};
  if (record->description.size() < sizeof version) {
    return Error{ACTORD_E_PLUGIN, "has a .note.actord with a version record that is too short"};
  }
  std::memcpy(&version, record->description.data(), sizeof version);
  // Before the JSON: what another major writes there is not ours to judge.
  ACTORD_TRY(judge_version(version));

  ACTORD_TRY_ASSIGN(const ElfNote* manifest, only(notes, ACTORD_NOTE_MANIFEST, "a manifest"));
  std::string_view text = manifest->description;
  while (!text.empty() && text.back() == '\0') text.remove_suffix(1);
  auto plugin = parse_manifest_json(text);
  if (!plugin) return Error{ACTORD_E_PLUGIN, "has a wrong manifest: " + plugin.error().text};
  plugin->abi_major = version.major;
  plugin->abi_minor_built = version.minor_built;
  plugin->abi_minor_min = version.minor_min;
  return plugin;
}

}  // namespace actord::host
