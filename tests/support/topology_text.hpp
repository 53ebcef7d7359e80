// Topologies in tests: files in memory, a fixed environment, and a catalog of known kinds.
#pragma once

#include <fnmatch.h>

#include <map>
#include <string>

#include "core/kind_catalog.hpp"
#include "topology/document.hpp"
#include "topology/validate.hpp"

namespace actord::host::testing {

using Files = std::map<std::string, std::string>;
using Environment = std::map<std::string, std::string>;

inline SourceReader memory_reader(Files files) {
  SourceReader reader;
  reader.read = [files](const std::string& path) -> Result<std::string> {
    const auto it = files.find(path);
    if (it == files.end()) return Error{ACTORD_E_NOT_FOUND, path + ": No such file or directory"};
    return it->second;
  };
  reader.glob = [files](const std::string& pattern) {
    std::vector<std::string> paths;
    for (const auto& [path, text] : files) {
      if (::fnmatch(pattern.c_str(), path.c_str(), FNM_PATHNAME) == 0) paths.push_back(path);
    }
    return paths;
  };
  return reader;
}

inline EnvLookup environment(Environment variables) {
  return [variables](const std::string& name) -> std::optional<std::string> {
    const auto it = variables.find(name);
    if (it == variables.end()) return std::nullopt;
    return it->second;
  };
}

inline SettingSchema setting(std::string key, std::string type,
                             nlohmann::json default_value = nullptr, nlohmann::json min = nullptr,
                             nlohmann::json max = nullptr) {
  SettingSchema schema;
  schema.key = std::move(key);
  schema.type = std::move(type);
  schema.default_value = std::move(default_value);
  schema.min = std::move(min);
  schema.max = std::move(max);
  return schema;
}

// orders.{Intake, Ledger (persistent)}, pricing.Quoter, io.Tail (persistent), audit.{Sink, Source, Copy}.
inline KindCatalog known_kinds() {
  KindInfo intake;
  intake.name = "orders.Intake";
  intake.plugin = "orders";
  intake.accepts = {"order"};
  intake.emits = {"book"};
  intake.settings = {setting("currency", "string", "EUR"),
                     setting("max_lines", "integer", 100, 1, 500),
                     setting("patience", "duration", "250ms", "1ms", "1m"),
                     setting("buffer", "size", "64KiB"),
                     setting("ratio", "number", nullptr, 0, 1),
                     setting("strict", "boolean", false),
                     setting("tags", "array"),
                     setting("extra", "object")};
  intake.settings[0].one_of = {"EUR", "USD", "GBP"};
  KindInfo ledger;
  ledger.name = "orders.Ledger";
  ledger.plugin = "orders";
  ledger.persistent = true;
  ledger.accepts = {"book"};
  ledger.emits = {"booked"};
  KindInfo quoter;
  quoter.name = "pricing.Quoter";
  quoter.plugin = "pricing";
  quoter.emits = {"quote"};
  KindInfo tail;
  tail.name = "io.Tail";
  tail.plugin = "io";
  tail.persistent = true;
  tail.emits = {"line"};
  tail.settings = {setting("file", "string")};
  tail.settings[0].required = true;
  tail.settings[0].doc = "the file to follow";
  KindInfo sink;
  sink.name = "audit.Sink";
  sink.plugin = "audit";
  sink.accepts = {"record"};

  KindInfo source;
  source.name = "audit.Source";
  source.plugin = "audit";
  source.emits = {"record"};

  KindInfo copy;
  copy.name = "audit.Copy";
  copy.plugin = "audit";
  copy.emits = {"record"};
  copy.settings = {setting("target", "path")};
  copy.settings[0].required = true;

  KindCatalog catalog;
  const auto add = [&](std::string id, std::vector<KindInfo> kinds) {
    PluginInfo plugin;
    plugin.id = std::move(id);
    plugin.kinds = std::move(kinds);
    catalog.add(std::move(plugin));
  };
  add("orders", {intake, ledger});
  add("pricing", {quoter});
  add("io", {tail});
  add("audit", {sink, source, copy});
  return catalog;
}

struct Checked {
  LoadResult loaded;
  Diagnostics diagnostics;  // of both phases
  std::optional<Spec> spec;

  std::string rendered() const { return render(diagnostics, loaded.files, counts(loaded)); }
  // Without source lines: "t.yaml:2:3: error[E102]: ..." one a line, sorted.
  std::string lines() const {
    std::string out;
    for (const auto& diagnostic : diagnostics.sorted(loaded.files)) out += diagnostic.line() + "\n";
    return out;
  }
};

inline Checked check(const std::string& path, const SourceReader& reader,
                     const Environment& variables = {},
                     const KindCatalog& catalog = known_kinds()) {
  Checked checked;
  checked.loaded = load_document(path, environment(variables), reader);
  checked.diagnostics = checked.loaded.diagnostics;
  if (checked.loaded.document) {
    ValidateResult result = validate(*checked.loaded.document, catalog);
    checked.diagnostics.append(result.diagnostics);
    checked.spec = std::move(result.spec);
  }
  return checked;
}

inline Checked check_text(const std::string& text, const Environment& variables = {}) {
  return check("t.yaml", memory_reader({{"t.yaml", text}}), variables);
}

}  // namespace actord::host::testing
