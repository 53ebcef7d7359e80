// actorctl tags: who carries which tag.
#include "cli/fields.hpp"
#include "cli/human.hpp"
#include "cli/table.hpp"
#include "cli/verb.hpp"

namespace actord::host {
namespace {

using nlohmann::json;

json only_tag(json answer, const std::string& tag) {
  if (tag.empty()) return answer;
  json kept = json::array();
  for (json& entry : answer["tags"]) {
    if (text_of(entry, "tag") == tag) kept.push_back(std::move(entry));
  }
  answer["tags"] = std::move(kept);
  return answer;
}

// One line for each actor, the tag once; a tag that is only followed has a line of its own.
void add_lines(TextTable& table, const json& entry) {
  std::string tag = text_of(entry, "tag"), followers = count_text(number_of(entry, "followers"));
  const auto actors = list_of(entry, "actors");
  if (actors.empty()) table.add({{tag}, {followers}, {"-"}});
  for (const json& actor : actors) {
    table.add({{std::exchange(tag, "")},
               {std::exchange(followers, "")},
               {printable(actor.get<std::string>())}});
  }
}

int run_tags(OperatorSession& session, const std::string& tag) {
  const auto timeout = session.timeout_ms(kAnswerTimeoutMs);
  if (!timeout) return session.fail(timeout.error());
  auto answer = session.call("tags", json::object(), *timeout);
  if (!answer) return session.fail(answer.error());
  const json tags = only_tag(std::move(answer).value(), tag);
  if (session.wants_json()) {
    session.print_json(tags);
    return kExitOk;
  }
  const auto entries = list_of(tags, "tags");
  if (entries.empty()) {
    session.say(tag.empty() ? "no tags" : "nobody carries or follows " + printable(tag));
    return kExitOk;
  }
  TextTable table({{"TAG"}, {"FOLLOWERS", TextTable::Align::kRight}, {"ACTOR"}});
  for (const json& entry : entries) add_lines(table, entry);
  table.print(session.out(), session.paint(), !session.quiet());
  return kExitOk;
}

}  // namespace

void add_tags(CLI::App& app, VerbRun& chosen) {
  auto* verb = app.add_subcommand("tags", "Who carries which tag, and how many follow it");
  const auto tag = std::make_shared<std::string>();
  verb->add_option("TAG", *tag, "Only this one");
  verb->callback([&chosen, tag] {
    chosen = [tag](OperatorSession& session) { return run_tags(session, *tag); };
  });
}

}  // namespace actord::host
