// actord: the daemon. The command line, and the wall where exceptions of its library end.
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "app/usage.hpp"
#include "app/verb.hpp"
#include "base/exit_code.hpp"
#include "base/log.hpp"

namespace actord::host {
namespace {

std::optional<std::string> environment(const std::string& name) {
  const char* const value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return value;
}

int command_line(int argc, char** argv) {
  CLI::App app{"actord: a host for actors from plugins"};
  app.set_version_flag("--version", "actord " ACTORD_VERSION);
  app.require_subcommand(0, 1);
  const Verb verbs[] = {add_run(app, environment), add_check(app, environment), add_explain(app),
                        add_plugin(app)};
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
    std::fputs(usage_text(app, error).c_str(), stderr);
    return kExitUsage;
  }
  for (const Verb& verb : verbs) {
    if (verb.command->parsed()) return verb.run();
  }
  return verbs[0].run();
}

}  // namespace

// The wall: what a verb throws is a bug, and ends as one.
int actord_main(int argc, char** argv) {
  log::configure(log::Level::kInfo, log::Format::kAuto);
  try {
    return command_line(argc, argv);
  } catch (const std::exception& error) {
    log::error("host.bug", "an exception reached main; this is a bug in actord",
               {{"what", error.what()}});
    return kExitInternal;
  }
}

}  // namespace actord::host

int main(int argc, char** argv) { return actord::host::actord_main(argc, argv); }
