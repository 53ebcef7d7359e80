// Verb: one thing `actord` can be told to do. Each adds itself to the command line and gives back what
// to run; the number is the exit code.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "topology/environment.hpp"

namespace actord::host {

struct Verb {
  CLI::App* command;
  std::function<int()> run;
};

Verb add_run(CLI::App& app, const EnvLookup& env);
Verb add_check(CLI::App& app, const EnvLookup& env);
Verb add_explain(CLI::App& app);
Verb add_plugin(CLI::App& app);

}  // namespace actord::host
