// actorctl start, stop, restart, park, suspend, resume: one actor's life.
#include <memory>

#include "cli/colours.hpp"
#include "cli/fields.hpp"
#include "cli/verb.hpp"

namespace actord::host {
namespace {

// Stopping waits for the turn at hand, starting may hydrate.
constexpr uint64_t kLifecycleTimeoutMs = 60'000;

int run_lifecycle(OperatorSession& session, const std::string& method, const std::string& path) {
  const auto timeout = session.timeout_ms(kLifecycleTimeoutMs);
  if (!timeout) return session.fail(timeout.error());
  const auto answer = session.call(method, {{"path", path}}, *timeout);
  if (!answer) return session.fail(answer.error());
  if (session.wants_json()) {
    session.print_json(*answer);
  } else if (!session.quiet()) {
    const std::string state = text_of(*answer, "state");
    session.out() << text_of(*answer, "path") << "  " << session.paint()(state_colour(state), state)
                  << '\n';
  }
  return kExitOk;
}

void add_verb(CLI::App& app, VerbRun& chosen, const std::string& method, const std::string& help) {
  auto* verb = app.add_subcommand(method, help);
  const auto path = std::make_shared<std::string>();
  verb->add_option("PATH", *path, "The actor")->required()->type_name("");
  verb->callback([&chosen, method, path] {
    chosen = [method, path](OperatorSession& session) {
      return run_lifecycle(session, method, *path);
    };
  });
}

}  // namespace

void add_lifecycle(CLI::App& app, VerbRun& chosen) {
  add_verb(app, chosen, "start", "Start an actor that was stopped");
  add_verb(app, chosen, "stop", "Stop an actor and its children");
  add_verb(app, chosen, "restart", "Restart an actor; its mailbox is kept");
  add_verb(app, chosen, "park",
           "Keep an actor from running until it is resumed; its mailbox is kept");
  add_verb(app, chosen, "suspend",
           "Let an actor handle no message until it is resumed; its instance and mailbox are kept");
  add_verb(app, chosen, "resume",
           "Run a parked or suspended actor again, with its restarts counted from zero");
}

}  // namespace actord::host
