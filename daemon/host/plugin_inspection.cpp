#include "host/plugin_inspection.hpp"

#include <algorithm>
#include <filesystem>

#include "base/limits.hpp"
#include "host/elf_file.hpp"
#include "host/manifest.hpp"
#include "host/preflight.hpp"
#include "host/sha256.hpp"

namespace actord::host {
namespace {

using nlohmann::json;

constexpr size_t kNoteRangesMax = 64;

Result<std::vector<ElfNote>> notes_in(const FileReader& file,
                                      const std::vector<NoteRange>& ranges) {
  std::vector<ElfNote> all;
  if (ranges.size() > kNoteRangesMax)
    return Error{ACTORD_E_PLUGIN, "is damaged: it has more than 64 note sections"};
  for (const auto& range : ranges) {
    ACTORD_TRY_ASSIGN(auto notes, read_notes(file, range, ACTORD_NOTE_OWNER));
    std::move(notes.begin(), notes.end(), std::back_inserter(all));
  }
  return all;
}

// Segments come first: they are what a stripped file still has, and what is loaded.
Result<std::vector<ElfNote>> notes_of(const FileReader& file, const ElfFile& elf) {
  ACTORD_TRY_ASSIGN(auto notes, notes_in(file, elf.segment_notes));
  if (!notes.empty()) return notes;
  return notes_in(file, elf.section_notes);
}

Result<std::string> hash_of(const FileReader& file) {
  Sha256 hash;
  std::string chunk;
  for (uint64_t at = 0; at < file.size(); at += chunk.size()) {
    const uint64_t size = std::min<uint64_t>(file.size() - at, 1u << 20);
    if (!file.read(at, size, chunk))
      return Error{ACTORD_E_IO, "changed while it was read; try again"};
    hash.update(chunk);
  }
  return hash.hex();
}

bool is_pin(const std::string& text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

// Nothing when the file is what was asked for by name and pin.
std::optional<PluginProblem> judge_identity(const PluginRequest& request, const PluginInfo& plugin,
                                            const std::string& file) {
  if (!request.name.empty() && request.name != plugin.id) {
    return PluginProblem{"E203", file + " is the plugin \"" + plugin.id + "\", not \"" +
                                     request.name + "\"; declare it as " + plugin.id};
  }
  if (request.sha256.empty() || request.sha256 == plugin.sha256) return std::nullopt;
  if (!is_pin(request.sha256)) {
    return PluginProblem{"E204", "sha256 \"" + request.sha256.substr(0, 80) +
                                     "\" is no pin: 64 hex digits in lower case; " + file +
                                     " has " + plugin.sha256};
  }
  return PluginProblem{"E204", "sha256 of " + file + " differs from the pinned one: it is " +
                                   plugin.sha256 + ", pinned is " + request.sha256 +
                                   "; if the change is intended, pin the new one"};
}

json setting_json(const SettingSchema& setting) {
  json out = {{"type", setting.type}, {"required", setting.required}};
  if (!setting.default_value.is_null()) out["default"] = setting.default_value;
  if (!setting.min.is_null()) out["min"] = setting.min;
  if (!setting.max.is_null()) out["max"] = setting.max;
  if (!setting.one_of.empty()) out["enum"] = setting.one_of;
  if (!setting.doc.empty()) out["doc"] = setting.doc;
  return out;
}

std::string json_text(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string setting_line(const SettingSchema& setting, size_t width) {
  std::string line =
      "    " + setting.key + std::string(width - setting.key.size() + 2, ' ') + setting.type;
  if (setting.required) line += ", required";
  if (!setting.default_value.is_null()) line += ", default " + json_text(setting.default_value);
  if (!setting.min.is_null()) line += ", min " + json_text(setting.min);
  if (!setting.max.is_null()) line += ", max " + json_text(setting.max);
  if (!setting.one_of.empty()) line += ", one of " + json_text(json(setting.one_of));
  if (!setting.doc.empty()) line += "  " + setting.doc;
  return line + "\n";
}

std::string names_line(const char* label, const std::vector<std::string>& names) {
  if (names.empty()) return {};
  std::string line = std::string("    ") + label;
  for (const auto& name : names) line += " " + name;
  return line + "\n";
}

std::string describe_kind(const KindInfo& kind) {
  std::string text = "  " + kind.name;
  if (kind.persistent)
    text += "  (persistent, state version " + std::to_string(kind.state_version) + ")";
  if (!kind.doc.empty()) text += "  " + kind.doc;
  text += "\n" + names_line("accepts", kind.accepts) + names_line("emits", kind.emits);
  size_t width = 0;
  for (const auto& setting : kind.settings) width = std::max(width, setting.key.size());
  for (const auto& setting : kind.settings) text += setting_line(setting, width);
  return text;
}

}  // namespace

Judged<PluginInfo> inspect_plugin(const PluginRequest& request) {
  auto opened = open_plugin_file(request);
  if (auto* problem = std::get_if<PluginProblem>(&opened)) return std::move(*problem);
  const PluginFile& file = std::get<PluginFile>(opened);
  const std::string name = std::filesystem::path(file.path).filename().string();
  const FileReader reader(file.descriptor.get(), file.size);
  const auto refused = [&](const char* code, const Error& error) {
    return PluginProblem{code, name + " " + error.text};
  };

  auto elf = read_elf_file(reader);
  if (!elf) return refused("E203", elf.error());
  auto notes = notes_of(reader, *elf);
  if (!notes) return refused("E203", notes.error());
  auto plugin = read_manifest(*notes);
  if (!plugin) return refused("E203", plugin.error());
  plugin->file = file.path;
  auto hash = hash_of(reader);
  if (!hash) return refused("E202", hash.error());
  plugin->sha256 = *hash;
  if (auto problem = judge_identity(request, *plugin, name)) return std::move(*problem);
  if (auto problem = preflight(*elf, file.path)) return std::move(*problem);
  return std::move(*plugin);
}

std::string describe_plugin(const PluginInfo& plugin) {
  const auto version = [&](uint32_t minor) {
    return std::to_string(plugin.abi_major) + "." + std::to_string(minor);
  };
  std::string text = plugin.id + " " + plugin.version;
  if (!plugin.doc.empty()) text += "  " + plugin.doc;
  text += "\n  file    " + plugin.file + "\n  sha256  " + plugin.sha256 +
          "\n  SDK     built with " + version(plugin.abi_minor_built) + ", needs a host of " +
          version(plugin.abi_minor_min) + " or later\n";
  text += plugin.kinds.size() == 1 ? "1 kind\n" : std::to_string(plugin.kinds.size()) + " kinds\n";
  for (const auto& kind : plugin.kinds) text += describe_kind(kind);
  return text;
}

json plugin_json(const PluginInfo& plugin) {
  json kinds = json::array();
  for (const auto& kind : plugin.kinds) {
    json settings = json::object();
    for (const auto& setting : kind.settings) settings[setting.key] = setting_json(setting);
    kinds.push_back({{"name", kind.name},
                     {"doc", kind.doc},
                     {"persistent", kind.persistent},
                     {"state_version", kind.state_version},
                     {"accepts", kind.accepts},
                     {"emits", kind.emits},
                     {"settings", std::move(settings)}});
  }
  return {{"id", plugin.id},
          {"version", plugin.version},
          {"doc", plugin.doc},
          {"file", plugin.file},
          {"sha256", plugin.sha256},
          {"abi",
           {{"major", plugin.abi_major},
            {"minor_built", plugin.abi_minor_built},
            {"minor_min", plugin.abi_minor_min}}},
          {"kinds", std::move(kinds)}};
}

}  // namespace actord::host
