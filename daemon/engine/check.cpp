#include "engine/check.hpp"

#include "host/plugin_inspection.hpp"

namespace actord::host {

Checked check_topology(const std::string& path, const EnvLookup& env, const SourceReader& reader) {
  LoadResult loaded = load_document(path, env, reader);
  Checked checked;
  checked.missing = loaded.missing;
  checked.counts = counts(loaded);
  checked.diagnostics = std::move(loaded.diagnostics);
  checked.files = std::move(loaded.files);
  if (!loaded.document) return checked;
  for (const PluginDecl& plugin : plugin_declarations(*loaded.document)) {
    auto judged = inspect_plugin({plugin.name, plugin.path, plugin.plugin_dirs, plugin.sha256});
    if (auto* info = std::get_if<PluginInfo>(&judged)) {
      checked.catalog.add(std::move(*info));
    } else {
      const auto& problem = std::get<PluginProblem>(judged);
      const Span& span = problem.code == "E204" ? plugin.sha256_span : plugin.span;
      checked.diagnostics.add(problem.code, span, problem.text);
    }
  }
  ValidateResult valid = validate(*loaded.document, checked.catalog);
  checked.diagnostics.append(valid.diagnostics);
  if (!checked.diagnostics.has_errors()) checked.spec = std::move(valid.spec);
  return checked;
}

}  // namespace actord::host
