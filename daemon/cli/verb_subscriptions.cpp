// actorctl subscriptions: who listens to what.
#include "cli/fields.hpp"
#include "cli/table.hpp"
#include "cli/verb.hpp"

namespace actord::host {
namespace {

int run_subscriptions(OperatorSession& session) {
  const auto timeout = session.timeout_ms(kAnswerTimeoutMs);
  if (!timeout) return session.fail(timeout.error());
  const auto answer = session.call("subscriptions", nlohmann::json::object(), *timeout);
  if (!answer) return session.fail(answer.error());
  if (session.wants_json()) {
    session.print_json(*answer);
    return kExitOk;
  }
  const auto subscriptions = list_of(*answer, "subscriptions");
  if (subscriptions.empty()) session.say("no subscriptions");
  TextTable table({{"PATTERN"}, {"TO"}, {"ORIGIN"}});
  for (const auto& entry : subscriptions) {
    table.add({{text_of(entry, "pattern")}, {text_of(entry, "to")}, {text_of(entry, "origin")}});
  }
  if (!subscriptions.empty()) table.print(session.out(), session.paint(), !session.quiet());
  return kExitOk;
}

}  // namespace

void add_subscriptions(CLI::App& app, VerbRun& chosen) {
  auto* verb = app.add_subcommand("subscriptions", "Who listens to what");
  verb->callback([&chosen] { chosen = run_subscriptions; });
}

}  // namespace actord::host
