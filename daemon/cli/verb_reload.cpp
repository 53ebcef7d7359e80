// actorctl reload: apply the topology file to the running host.
#include <memory>

#include "cli/fields.hpp"
#include "cli/human.hpp"
#include "cli/plan_text.hpp"
#include "cli/verb.hpp"

namespace actord::host {
namespace {

using nlohmann::json;

// Building and hydrating a new generation may take long.
constexpr uint64_t kReloadTimeoutMs = 120'000;

struct ReloadOptions {
  bool wait = false;
  bool dry_run = false;
};

std::vector<std::string> plan_of(const json& answer) {
  std::vector<std::string> steps;
  for (const json& step : list_of(answer, "plan")) {
    steps.push_back(step.is_string() ? step.get<std::string>() : compact(step));
  }
  return steps;
}

int print_outcome(OperatorSession& session, const Result<json>& outcome, bool dry_run) {
  if (!outcome) return session.fail(outcome.error());
  if (session.wants_json()) {
    session.print_json(*outcome);
    return kExitOk;
  }
  if (session.quiet()) return kExitOk;
  const std::string generation = std::to_string(number_of(*outcome, "generation"));
  const auto steps = plan_of(*outcome);
  if (flag_of(*outcome, "unchanged") || steps.empty()) {
    session.out() << "no changes; generation " << generation << " stays\n";
    for (const auto& line : old_build_lines(*outcome))
      session.out() << session.with_socket(line) << '\n';
    return kExitOk;
  }
  session.out() << plan_text(dry_run ? "plan" : "plan " + generation, steps) << '\n';
  if (dry_run) {
    session.say("nothing was changed; apply it: actorctl reload --wait");
  } else {
    session.out() << session.paint()(Colour::kGreen, "ok") << "  generation " << generation
                  << " is live\n";
  }
  for (const auto& line : old_build_lines(*outcome))
    session.out() << session.with_socket(line) << '\n';
  return kExitOk;
}

int request_only(OperatorSession& session, uint64_t timeout_ms) {
  std::optional<Result<json>> outcome;
  const auto status = session.begin("reload", {{"dry_run", false}}, timeout_ms, &outcome);
  if (outcome) return print_outcome(session, *outcome, false);
  if (!status) return session.fail(status.error());
  const auto generation = number_of(*status, "generation");
  if (session.wants_json()) {
    session.print_json({{"accepted", true}, {"generation", generation}});
  } else if (!session.quiet()) {
    session.out() << "reload accepted; generation " << generation
                  << " runs until the new one is built\n";
    session.say("outcome: actorctl status");
  }
  return kExitOk;
}

int run_reload(OperatorSession& session, const ReloadOptions& options) {
  const bool waits = options.wait || options.dry_run;
  const auto timeout = session.timeout_ms(waits ? kReloadTimeoutMs : kAnswerTimeoutMs);
  if (!timeout) return session.fail(timeout.error());
  if (!waits) return request_only(session, *timeout);
  const auto outcome = session.call("reload", {{"dry_run", options.dry_run}}, *timeout);
  return print_outcome(session, outcome, options.dry_run);
}

}  // namespace

void add_reload(CLI::App& app, VerbRun& chosen) {
  auto* verb = app.add_subcommand("reload", "Apply the topology file; a bad one changes nothing");
  const auto options = std::make_shared<ReloadOptions>();
  verb->add_flag("--wait", options->wait, "Wait until it is applied or refused, and say which");
  verb->add_flag("--dry-run", options->dry_run, "Only print what would be done");
  verb->callback([&chosen, options] {
    chosen = [options](OperatorSession& session) { return run_reload(session, *options); };
  });
}

}  // namespace actord::host
