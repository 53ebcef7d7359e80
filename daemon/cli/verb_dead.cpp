// actorctl dead ls, dead show: the dead letters in the store.
#include <algorithm>
#include <memory>

#include "base/limits.hpp"
#include "cli/fields.hpp"
#include "cli/human.hpp"
#include "cli/letter_page.hpp"
#include "cli/verb.hpp"

namespace actord::host {
namespace {

struct ListOptions {
  std::string actor;
  std::string reason;
  std::string since;
  uint64_t limit = limits::kControlDeadLettersShown;
};

int list(OperatorSession& session, const ListOptions& options) {
  const auto timeout = session.timeout_ms(kAnswerTimeoutMs);
  if (!timeout) return session.fail(timeout.error());
  nlohmann::json params = {
      {"actor", options.actor}, {"reason", options.reason}, {"limit", options.limit}};
  if (!options.since.empty()) {
    const auto ago = parse_duration(options.since, "--since");
    if (!ago) return session.fail(ago.error(), "actorctl dead ls --help");
    params["since_unix_ms"] =
        std::max<int64_t>(0, session.now_unix_ms() - static_cast<int64_t>(*ago));
  }
  const auto answer = session.call("dead.ls", std::move(params), *timeout);
  if (!answer) return session.fail(answer.error());
  if (session.wants_json()) {
    session.print_json(*answer);
    return kExitOk;
  }
  const auto letters = list_of(*answer, "letters");
  const auto stored = count_text(number_of(*answer, "stored"));
  if (letters.empty()) {
    session.say("no dead letters here, " + stored + " stored");
    return kExitOk;
  }
  print_letters(session.out(), session.paint(), *answer, session.now_unix_ms(), !session.quiet());
  session.say(count_text(letters.size()) + " of " + stored + ". Inspect: actorctl dead show " +
              text_of(letters.front(), "id"));
  return kExitOk;
}

int show(OperatorSession& session, uint64_t id) {
  const auto timeout = session.timeout_ms(kAnswerTimeoutMs);
  if (!timeout) return session.fail(timeout.error());
  const auto letter = session.call("dead.show", {{"id", id}}, *timeout);
  if (!letter) return session.fail(letter.error(), "actorctl dead ls");
  if (session.wants_json()) {
    session.print_json(*letter);
  } else {
    print_letter(session.out(), session.paint(), *letter, session.now_unix_ms());
  }
  return kExitOk;
}

void add_list(CLI::App& dead, VerbRun& chosen) {
  auto* verb = dead.add_subcommand("ls", "The newest dead letters");
  const auto options = std::make_shared<ListOptions>();
  verb->add_option("--actor", options->actor, "Only letters to this actor")->type_name("PATH");
  verb->add_option("--reason", options->reason, "Only letters with this reason, e.g. unhandled")
      ->type_name("REASON");
  verb->add_option("--since", options->since, "Only letters younger than this, e.g. 1h")
      ->type_name("DURATION");
  verb->add_option("--limit", options->limit, "At most so many")
      ->type_name("N")
      ->check(CLI::Range(uint64_t{1}, limits::kControlDeadLettersShownMax));
  verb->callback([&chosen, options] {
    chosen = [options](OperatorSession& session) { return list(session, *options); };
  });
}

void add_show(CLI::App& dead, VerbRun& chosen) {
  auto* verb = dead.add_subcommand("show", "One dead letter with its payload");
  const auto id = std::make_shared<uint64_t>(0);
  verb->add_option("ID", *id, "Number of the letter, as dead ls shows it")
      ->required()
      ->type_name("");
  verb->callback(
      [&chosen, id] { chosen = [id](OperatorSession& session) { return show(session, *id); }; });
}

}  // namespace

void add_dead(CLI::App& app, VerbRun& chosen) {
  auto* dead = app.add_subcommand("dead", "Messages that were not handled, and why");
  dead->require_subcommand(1);
  add_list(*dead, chosen);
  add_show(*dead, chosen);
}

}  // namespace actord::host
