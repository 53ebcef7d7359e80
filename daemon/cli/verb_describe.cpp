// actorctl describe: everything about one actor.
#include <memory>
#include <sstream>

#include "cli/actor_page.hpp"
#include "cli/verb.hpp"

namespace actord::host {
namespace {

int run_describe(OperatorSession& session, const std::string& path) {
  const auto timeout = session.timeout_ms(kAnswerTimeoutMs);
  if (!timeout) return session.fail(timeout.error());
  const auto actor = session.call("describe", {{"path", path}}, *timeout);
  if (!actor) return session.fail(actor.error());
  if (session.wants_json()) {
    session.print_json(*actor);
  } else {
    std::ostringstream page;
    print_actor(page, session.paint(), *actor, session.now_unix_ms());
    session.out() << session.with_socket(page.str());
  }
  return kExitOk;
}

}  // namespace

void add_describe(CLI::App& app, VerbRun& chosen) {
  auto* verb =
      app.add_subcommand("describe", "One actor: settings, mailbox, last failure, journal");
  const auto path = std::make_shared<std::string>();
  verb->add_option("PATH", *path, "The actor, e.g. /orders/ledger")->required()->type_name("");
  verb->callback([&chosen, path] {
    chosen = [path](OperatorSession& session) { return run_describe(session, *path); };
  });
}

}  // namespace actord::host
