// actorctl subscriptions: who listens to what.
#include <algorithm>

#include "cli/fields.hpp"
#include "cli/human.hpp"
#include "cli/table.hpp"
#include "cli/verb.hpp"

namespace actord::host {
namespace {

std::string by_text(const nlohmann::json& option, const char* usual) {
  const std::string by = text_of(option, "by");
  return by == usual ? "" : " by " + by;
}

// "where $.total > 100, at most 10 in 1s, newest after 200ms"
std::string filter_text(const nlohmann::json& filter) {
  std::string text;
  const auto also = [&](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
  if (const std::string where = text_of(filter, "where"); !where.empty()) also("where " + where);
  if (const auto& throttle = member_of(filter, "throttle"); throttle.is_object()) {
    also("at most " + text_of(throttle, "messages") + " in " +
         duration_text(number_of(throttle, "within_ms")) + by_text(throttle, "all"));
  }
  if (const auto& debounce = member_of(filter, "debounce"); debounce.is_object()) {
    also("newest after " + duration_text(number_of(debounce, "quiet_ms")) + " or " +
         duration_text(number_of(debounce, "longest_ms")) + by_text(debounce, "topic"));
  }
  return text;
}

void print_plain(OperatorSession& session, const std::vector<nlohmann::json>& subscriptions) {
  TextTable table({{"PATTERN"}, {"TO"}, {"ORIGIN"}});
  for (const auto& entry : subscriptions) {
    table.add({{text_of(entry, "pattern")}, {text_of(entry, "to")}, {text_of(entry, "origin")}});
  }
  table.print(session.out(), session.paint(), !session.quiet());
}

void print_filtered(OperatorSession& session, const std::vector<nlohmann::json>& subscriptions) {
  constexpr auto kRight = TextTable::Align::kRight;
  TextTable table({{"PATTERN"},
                   {"TO"},
                   {"ORIGIN"},
                   {"LET", kRight},
                   {"FILTERED", kRight},
                   {"THROTTLED", kRight},
                   {"DEBOUNCED", kRight},
                   {"HELD", kRight},
                   {"FILTER"}});
  for (const auto& entry : subscriptions) {
    const auto& filter = member_of(entry, "filter");
    const auto count = [&](const char* what) {
      return filter.is_object() ? count_text(number_of(filter, what)) : std::string("-");
    };
    std::string text = filter_text(filter);
    if (const uint64_t unreadable = number_of(filter, "unreadable"); unreadable > 0)
      text += "; " + count_text(unreadable) + " were no JSON";
    table.add({{text_of(entry, "pattern")},
               {text_of(entry, "to")},
               {text_of(entry, "origin")},
               {count("let")},
               {count("filtered")},
               {count("throttled")},
               {count("debounced")},
               {count("held")},
               {text.empty() ? "-" : text}});
  }
  table.print(session.out(), session.paint(), !session.quiet());
}

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
  if (subscriptions.empty()) return kExitOk;
  const bool filtered =
      std::any_of(subscriptions.begin(), subscriptions.end(),
                  [](const auto& one) { return member_of(one, "filter").is_object(); });
  (filtered ? print_filtered : print_plain)(session, subscriptions);
  return kExitOk;
}

}  // namespace

void add_subscriptions(CLI::App& app, VerbRun& chosen) {
  auto* verb = app.add_subcommand("subscriptions", "Who listens to what");
  verb->callback([&chosen] { chosen = run_subscriptions; });
}

}  // namespace actord::host
