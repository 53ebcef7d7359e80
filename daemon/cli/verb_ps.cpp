// actorctl ps: the actors, as a list or a tree.
#include <memory>

#include "cli/actor_list.hpp"
#include "cli/fields.hpp"
#include "cli/verb.hpp"

namespace actord::host {
namespace {

struct PsOptions {
  bool tree = false;
  std::string state;
};

int run_ps(OperatorSession& session, const PsOptions& options) {
  const auto timeout = session.timeout_ms(kAnswerTimeoutMs);
  if (!timeout) return session.fail(timeout.error());
  auto answer = session.call("ps", nlohmann::json::object(), *timeout);
  if (!answer) return session.fail(answer.error());
  const auto ps = only_in_state(std::move(answer).value(), options.state);
  if (session.wants_json()) {
    session.print_json(ps);
  } else if (list_of(ps, "actors").empty()) {
    session.say(options.state.empty() ? "no actors" : "no actor is " + options.state);
  } else {
    print_actors(session.out(), session.paint(), ps, options.tree, !session.quiet());
  }
  return kExitOk;
}

}  // namespace

void add_ps(CLI::App& app, VerbRun& chosen) {
  auto* verb = app.add_subcommand("ps", "The actors, with state, restarts and counts");
  const auto options = std::make_shared<PsOptions>();
  verb->add_flag("-t,--tree", options->tree, "Show children under their parents");
  verb->add_option("--state", options->state, "Only actors in this state, e.g. parked")
      ->type_name("STATE");
  verb->callback([&chosen, options] {
    chosen = [options](OperatorSession& session) { return run_ps(session, *options); };
  });
}

}  // namespace actord::host
