// The verbs of actorctl; one file each (verb_*.cpp) or for a family of alike ones.
#pragma once

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <functional>

#include "cli/operator_session.hpp"

namespace actord::host {

// What was chosen on the command line; returns the exit code.
using VerbRun = std::function<int(OperatorSession&)>;

// Each declares its verb; parsing one stores its function in chosen, which must outlive app.
void add_status(CLI::App& app, VerbRun& chosen);
void add_ps(CLI::App& app, VerbRun& chosen);
void add_describe(CLI::App& app, VerbRun& chosen);
void add_send(CLI::App& app, VerbRun& chosen);
void add_ask(CLI::App& app, VerbRun& chosen);
void add_publish(CLI::App& app, VerbRun& chosen);
void add_reload(CLI::App& app, VerbRun& chosen);
void add_diff(CLI::App& app, VerbRun& chosen);
void add_lifecycle(CLI::App& app, VerbRun& chosen);  // start, stop, restart, park, resume
void add_dead(CLI::App& app, VerbRun& chosen);
void add_topics(CLI::App& app, VerbRun& chosen);
void add_subscriptions(CLI::App& app, VerbRun& chosen);
void add_tags(CLI::App& app, VerbRun& chosen);

// How long a verb waits for the daemon when --timeout does not say.
inline constexpr uint64_t kAnswerTimeoutMs = 10'000;

}  // namespace actord::host
