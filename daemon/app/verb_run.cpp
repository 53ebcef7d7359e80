// actord run: the daemon, in the foreground.
#include <cstdio>

#include "app/config_search.hpp"
#include "app/daemon.hpp"
#include "app/verb.hpp"
#include "base/exit_code.hpp"
#include "base/log.hpp"

namespace actord::host {
namespace {

int run(const std::string& given, const EnvLookup& env) {
  const ConfigChoice choice = find_config(given, env);
  Checked checked = check_topology(choice.file, env, disk_reader());
  if (checked.missing) {
    std::fprintf(stderr, "actord: no topology file %s (%s)\nNext: actord run -c FILE\n",
                 choice.file.c_str(), choice.why.c_str());
    return kExitNoConfig;
  }
  if (!checked.diagnostics.empty()) std::fputs(checked.report().c_str(), stderr);
  if (!checked.spec) return kExitConfig;
  log::configure(checked.spec->logging.level, checked.spec->logging.format);
  log::info("host.config", "topology chosen", {{"file", choice.file}, {"why", choice.why}});
  return Daemon::run(choice.file, std::move(checked), env);
}

}  // namespace

Verb add_run(CLI::App& app, const EnvLookup& env) {
  auto* const command = app.add_subcommand("run", "Run the host in the foreground (the default)");
  const auto config = std::make_shared<std::string>();
  command->add_option("-c,--config", *config, "Topology file");
  return {command, [config, env] { return run(*config, env); }};
}

}  // namespace actord::host
