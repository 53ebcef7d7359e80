// actorctl topics match: whether a pattern matches a topic. Asks nobody.
#include <memory>

#include "cli/verb.hpp"
#include "core/topic.hpp"

namespace actord::host {
namespace {

struct MatchOptions {
  std::string pattern;
  std::string topic;
};

int match(OperatorSession& session, const MatchOptions& options) {
  const auto pattern = TopicPattern::parse(options.pattern);
  if (!pattern) return session.fail(pattern.error(), "actorctl topics match --help");
  const auto topic = Topic::parse(options.topic);
  if (!topic) return session.fail(topic.error(), "actorctl topics match --help");
  const bool matches = pattern->matches(*topic);
  if (session.wants_json()) {
    session.print_json({{"match", matches}});
  } else if (!session.quiet()) {
    session.out() << (matches ? "match" : "no match") << '\n';
  }
  return matches ? kExitOk : kExitFailed;
}

}  // namespace

void add_topics(CLI::App& app, VerbRun& chosen) {
  auto* topics = app.add_subcommand("topics", "Try topics and patterns");
  topics->require_subcommand(1);
  auto* verb =
      topics->add_subcommand("match", "Exit code 0 when the pattern matches the topic, 1 when not");
  const auto options = std::make_shared<MatchOptions>();
  verb->add_option("PATTERN", options->pattern, "'*' = zero or more segments, '?' = exactly one")
      ->required()
      ->type_name("");
  verb->add_option("TOPIC", options->topic, "Segments split by . or /")->required()->type_name("");
  verb->callback([&chosen, options] {
    chosen = [options](OperatorSession& session) { return match(session, *options); };
  });
}

}  // namespace actord::host
