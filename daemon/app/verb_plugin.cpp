// actord plugin inspect FILE.so: what a plugin offers, read from its manifest without running it.
#include <cstdio>

#include "app/verb.hpp"
#include "base/exit_code.hpp"
#include "host/plugin_inspection.hpp"

namespace actord::host {
namespace {

int inspect(const std::string& file, bool json) {
  const auto judged = inspect_plugin({{}, file, {}, {}});
  if (const auto* problem = std::get_if<PluginProblem>(&judged)) {
    std::fprintf(stderr, "error[%s]: %s\nMore: actord explain %s\n", problem->code.c_str(),
                 problem->text.c_str(), problem->code.c_str());
    return kExitConfig;
  }
  const auto& info = std::get<PluginInfo>(judged);
  const std::string text = json ? plugin_json(info).dump(2) + "\n" : describe_plugin(info);
  std::fputs(text.c_str(), stdout);
  return kExitOk;
}

}  // namespace

Verb add_plugin(CLI::App& app) {
  auto* const plugin = app.add_subcommand("plugin", "Look at plugins");
  plugin->require_subcommand(1);
  auto* const command =
      plugin->add_subcommand("inspect", "What a plugin offers; runs none of its code");
  const auto file = std::make_shared<std::string>();
  const auto json = std::make_shared<bool>(false);
  command->add_option("file", *file, "FILE.so")->required();
  command->add_flag("--json", *json, "As JSON");
  return {command, [file, json] { return inspect(*file, *json); }};
}

}  // namespace actord::host
