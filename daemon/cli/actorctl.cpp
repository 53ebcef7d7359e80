#include "cli/actorctl.hpp"

#include <algorithm>
#include <memory>

#include "cli/human.hpp"
#include "cli/verb.hpp"
#include "control/closest_name.hpp"

namespace actord::host {
namespace {

void add_verbs(CLI::App& app, VerbRun& chosen) {
  add_status(app, chosen);
  add_ps(app, chosen);
  add_describe(app, chosen);
  add_send(app, chosen);
  add_ask(app, chosen);
  add_publish(app, chosen);
  add_reload(app, chosen);
  add_diff(app, chosen);
  add_lifecycle(app, chosen);
  add_dead(app, chosen);
  add_topics(app, chosen);
  add_subscriptions(app, chosen);
  add_tags(app, chosen);
}

// Below every --help.
constexpr const char* kExitCodes =
    "Exit codes: 0 done; 1 refused or failed; 2 diff found differences; 3 no such actor or "
    "letter;\n"
    "64 usage; 69 no daemon behind the socket; 70 a bug; 74 store; 75 no answer in time;\n"
    "77 not permitted; 78 topology or plugin not valid.";

std::vector<CLI::App*> verbs_of(CLI::App& app) {
  return app.get_subcommands([](CLI::App*) { return true; });
}

// On every level, bound to the same variables, so that they may stand before and after the verb.
// (CLI11's fallthrough would do that too, but takes an argument that is also a verb's name for one.)
void add_global_options(CLI::App& app, GlobalOptions& options) {
  app.add_option("--socket", options.socket,
                 "Where the daemon listens (default: $ACTORD_SOCKET, "
                 "$XDG_RUNTIME_DIR/actord/admin.sock, /run/actord/admin.sock)")
      ->type_name("PATH")
      ->group("Everywhere");
  app.add_option("--timeout", options.timeout,
                 "How long to wait, e.g. 5s (default: 10s; ask 5s; start, stop, restart, park, "
                 "suspend and resume 1m; reload --wait 2m)")
      ->type_name("DURATION")
      ->group("Everywhere");
  app.add_flag("--json", options.json, "Machine-readable output, one JSON value")
      ->group("Everywhere");
  app.add_flag("--quiet,-q", options.quiet, "Data and errors only")->group("Everywhere");
  app.add_flag("--no-color", options.no_color, "No colour, also on a terminal")
      ->group("Everywhere");
  app.footer(kExitCodes);
  for (CLI::App* verb : verbs_of(app)) add_global_options(*verb, options);
}

// The innermost verb that was given, e.g. "actorctl dead ls".
std::string command_so_far(CLI::App& app) {
  std::string command = "actorctl";
  for (CLI::App* at = &app; !at->get_subcommands().empty();) {
    at = at->get_subcommands().front();
    command += " " + at->get_name();
  }
  return command;
}

CLI::App* innermost(CLI::App& app) {
  CLI::App* at = &app;
  while (!at->get_subcommands().empty()) at = at->get_subcommands().front();
  return at;
}

std::vector<std::string> known_words(CLI::App& at, bool options) {
  std::vector<std::string> words;
  if (options) {
    for (const CLI::Option* option : at.get_options()) {
      for (const auto& name : option->get_lnames()) words.push_back("--" + name);
    }
  } else {
    for (CLI::App* verb : verbs_of(at)) words.push_back(verb->get_name());
  }
  return words;
}

// What CLI11 says, but for words nobody knows: those get a suggestion.
std::string usage_text(CLI::App& app, const std::vector<std::string>& arguments,
                       const CLI::ParseError& error) {
  CLI::App& at = *innermost(app);
  const bool wants_verb = !verbs_of(at).empty() && at.get_subcommands().empty();
  if (wants_verb && error.get_name() != "ExtrasError" && app.remaining_size(true) == 0) {
    return "a verb is missing";
  }
  std::vector<std::string> extras = app.remaining(true);
  if (extras.empty() ||
      std::find(arguments.begin(), arguments.end(), extras.front()) == arguments.end())
    return error.what();
  const std::string& word = extras.front();
  const bool option = word.starts_with("-");
  const char* what = option       ? "unknown option"
                     : wants_verb ? "unknown verb"
                                  : "unexpected argument";
  return std::string(what) + " \"" + printable(word) + "\"" +
         did_you_mean(word, known_words(at, option));
}

int usage_error(CLI::App& app, const std::vector<std::string>& arguments,
                const CLI::ParseError& error, OperatorSession& session) {
  return session.fail({ACTORD_E_INVALID, usage_text(app, arguments, error)},
                      command_so_far(app) + " --help");
}

}  // namespace

int run_actorctl(std::vector<std::string> arguments, Surroundings surroundings) {
  VerbRun chosen;
  GlobalOptions options;
  CLI::App app("Operates a running actord.", "actorctl");
  app.set_version_flag("--version", "actorctl " ACTORD_VERSION);
  app.require_subcommand(1);
  add_verbs(app, chosen);
  add_global_options(app, options);
  try {
    // CLI11 wants them last first.
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::CallForHelp&) {
    surroundings.out << app.help();  // of the verb that was given
    return kExitOk;
  } catch (const CLI::CallForVersion& version) {
    surroundings.out << version.what() << '\n';
    return kExitOk;
  } catch (const CLI::ParseError& error) {
    OperatorSession session(options, surroundings);
    return usage_error(app, arguments, error, session);
  }
  OperatorSession session(options, surroundings);
  return chosen(session);
}

}  // namespace actord::host
