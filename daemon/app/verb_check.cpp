// actord check: the start-up path up to the point of starting. Writes nothing, runs no plugin code.
#include <cstdio>

#include "app/config_search.hpp"
#include "app/verb.hpp"
#include "base/exit_code.hpp"
#include "engine/check.hpp"

namespace actord::host {
namespace {

struct Options {
  std::string file, config;
  bool strict = false, json = false;
};

int check(const Options& options, const EnvLookup& env) {
  const ConfigChoice choice =
      find_config(!options.file.empty() ? options.file : options.config, env);
  const Checked checked = check_topology(choice.file, env, disk_reader());
  if (checked.missing) {
    std::fprintf(stderr, "actord: no topology file %s (%s)\nNext: actord check FILE\n",
                 choice.file.c_str(), choice.why.c_str());
    return kExitNoConfig;
  }
  const std::string report =
      options.json ? to_json(checked.diagnostics, checked.files, checked.counts).dump(2) + "\n"
                   : checked.report();
  std::fputs(report.c_str(), stdout);
  if (checked.diagnostics.has_errors()) return kExitConfig;
  return options.strict && checked.diagnostics.warnings() > 0 ? kExitDifferences : kExitOk;
}

}  // namespace

Verb add_check(CLI::App& app, const EnvLookup& env) {
  auto* const command =
      app.add_subcommand("check", "Say everything that is wrong with a topology; touch nothing");
  const auto options = std::make_shared<Options>();
  command->add_option("file", options->file, "Topology file");
  command->add_option("-c,--config", options->config, "The same, as `run` takes it");
  command->add_flag("--strict", options->strict, "Exit 2 when there are warnings");
  command->add_flag("--json", options->json, "Findings as JSON");
  return {command, [options, env] { return check(*options, env); }};
}

}  // namespace actord::host
