// actorctl publish: one message to whoever subscribes to a topic.
#include <memory>

#include "cli/fields.hpp"
#include "cli/human.hpp"
#include "cli/message_argument.hpp"
#include "cli/verb.hpp"

namespace actord::host {
namespace {

struct PublishOptions {
  std::string topic;
  std::string message;
};

int run_publish(OperatorSession& session, const PublishOptions& options) {
  const auto timeout = session.timeout_ms(kAnswerTimeoutMs);
  if (!timeout) return session.fail(timeout.error());
  const auto message = MessageArgument::parse(options.message, session.in());
  if (!message) return session.fail(message.error(), "actorctl publish --help");
  const auto sent = session.call(
      "publish", {{"topic", options.topic}, {"type", message->type}, {"payload", message->payload}},
      *timeout);
  if (!sent) return session.fail(sent.error());
  if (session.wants_json()) {
    session.print_json(*sent);
  } else if (!session.quiet()) {
    session.out() << "published  " << message->type << " on " << options.topic << " to "
                  << plural(number_of(*sent, "delivered"), "subscriber") << "  message "
                  << text_of(*sent, "message_id") << "  cid " << text_of(*sent, "correlation")
                  << '\n';
  }
  return kExitOk;
}

}  // namespace

void add_publish(CLI::App& app, VerbRun& chosen) {
  auto* verb = app.add_subcommand("publish", "Publish one message on a topic");
  const auto options = std::make_shared<PublishOptions>();
  verb->add_option("TOPIC", options->topic, "The topic, e.g. orders.created")
      ->required()
      ->type_name("");
  verb->add_option("JSON", options->message,
                   "The message, an object with \"type\"; - reads it from standard input")
      ->required()
      ->type_name("");
  verb->callback([&chosen, options] {
    chosen = [options](OperatorSession& session) { return run_publish(session, *options); };
  });
}

}  // namespace actord::host
