// actorctl ps: the actors, as a list or a tree.
#include <memory>

#include "cli/actor_list.hpp"
#include "cli/colours.hpp"
#include "cli/fields.hpp"
#include "cli/human.hpp"
#include "cli/verb.hpp"
#include "control/closest_name.hpp"

namespace actord::host {
namespace {

struct PsOptions {
  bool tree = false;
  std::string state;
};

const std::vector<std::string> kStates = {"starting", "hydrating", "running",   "suspended",
                                          "backoff",  "parked",    "undecided", "stopping",
                                          "waiting",  "stopped"};

// An error for a word that no actor can ever be in.
Result<void> known_state(const std::string& state) {
  std::string all;
  for (const std::string& known : kStates) {
    if (state.empty() || same_word(known, state)) return {};
    all += (all.empty() ? "" : ", ") + known;
  }
  return Error{ACTORD_E_INVALID, "--state: no such state \"" + printable(state) + "\"" +
                                     did_you_mean(state, kStates) + "; one of " + all};
}

int run_ps(OperatorSession& session, const PsOptions& options) {
  if (const auto known = known_state(options.state); !known)
    return session.fail(known.error(), "actorctl ps --help");
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
