// actorctl send: one message to one actor.
#include <memory>

#include "cli/fields.hpp"
#include "cli/message_argument.hpp"
#include "cli/verb.hpp"

namespace actord::host {
namespace {

struct SendOptions {
  std::string path;
  std::string message;
};

int run_send(OperatorSession& session, const SendOptions& options) {
  const auto timeout = session.timeout_ms(kAnswerTimeoutMs);
  if (!timeout) return session.fail(timeout.error());
  const auto message = MessageArgument::parse(options.message, session.in());
  if (!message) return session.fail(message.error(), "actorctl send --help");
  const auto sent = session.call(
      "send", {{"path", options.path}, {"type", message->type}, {"payload", message->payload}},
      *timeout);
  if (!sent) return session.fail(sent.error());
  if (session.wants_json()) {
    session.print_json(*sent);
  } else if (!session.quiet()) {
    session.out() << "sent  " << message->type << " to " << options.path << "  message "
                  << text_of(*sent, "message_id") << "  cid " << text_of(*sent, "correlation")
                  << '\n';
  }
  return kExitOk;
}

}  // namespace

void add_send(CLI::App& app, VerbRun& chosen) {
  auto* verb = app.add_subcommand("send", "Send one message to an actor");
  const auto options = std::make_shared<SendOptions>();
  verb->add_option("PATH", options->path, "The actor")->required()->type_name("");
  verb->add_option("JSON", options->message,
                   "The message, an object with \"type\"; - reads it from standard input")
      ->required()
      ->type_name("");
  verb->callback([&chosen, options] {
    chosen = [options](OperatorSession& session) { return run_send(session, *options); };
  });
}

}  // namespace actord::host
