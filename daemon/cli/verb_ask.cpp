// actorctl ask: a message to an actor and its answer.
#include <memory>

#include "base/limits.hpp"
#include "cli/fields.hpp"
#include "cli/human.hpp"
#include "cli/message_argument.hpp"
#include "cli/verb.hpp"

namespace actord::host {
namespace {

// The client waits a little longer than the ask, so that the daemon is the one to say what failed.
constexpr uint64_t kGraceMs = 2'000;

struct AskOptions {
  std::string path;
  std::string message;
};

// An answer that is text and no JSON is shown as it is.
void print_answer(OperatorSession& session, const nlohmann::json& answer) {
  const auto& payload = member_of(answer, "payload");
  if (session.wants_json()) return session.print_json(payload);
  session.out() << (payload.is_string() ? printable_lines(payload.get<std::string>())
                                        : printable_lines(indented(payload)))
                << '\n';
  session.say(text_of(answer, "type") + " after " + duration_text(number_of(answer, "ms")));
}

int run_ask(OperatorSession& session, const AskOptions& options) {
  const auto timeout = session.timeout_ms(limits::kControlAskTimeoutMs);
  if (!timeout) return session.fail(timeout.error());
  const auto message = MessageArgument::parse(options.message, session.in());
  if (!message) return session.fail(message.error(), "actorctl ask --help");
  const auto answer = session.call("ask",
                                   {{"path", options.path},
                                    {"type", message->type},
                                    {"payload", message->payload},
                                    {"timeout_ms", *timeout}},
                                   *timeout + kGraceMs);
  if (!answer) {
    const bool late = answer.error().code == ACTORD_E_TIMEOUT;
    return session.fail(
        answer.error(),
        late ? "actorctl describe " + options.path + ", or wait longer with --timeout" : "");
  }
  print_answer(session, *answer);
  return kExitOk;
}

}  // namespace

void add_ask(CLI::App& app, VerbRun& chosen) {
  auto* verb = app.add_subcommand("ask", "Send one message to an actor and print its answer");
  const auto options = std::make_shared<AskOptions>();
  verb->add_option("PATH", options->path, "The actor")->required()->type_name("");
  verb->add_option("JSON", options->message,
                   "The message, an object with \"type\"; - reads it from standard input")
      ->required()
      ->type_name("");
  verb->callback([&chosen, options] {
    chosen = [options](OperatorSession& session) { return run_ask(session, *options); };
  });
}

}  // namespace actord::host
