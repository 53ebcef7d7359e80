#include "cli/actor_page.hpp"

#include <algorithm>

#include "cli/colours.hpp"
#include "cli/fields.hpp"
#include "cli/human.hpp"

namespace actord::host {
namespace {

using nlohmann::json;

// One subject of the page: its word, then its lines under each other.
void print_lines(std::ostream& out, const char* word, const std::vector<std::string>& lines) {
  constexpr size_t kWordColumns = 14;
  std::string lead = word;
  lead.resize(kWordColumns, ' ');
  for (const std::string& line : lines) {
    out << lead << line << '\n';
    lead.assign(kWordColumns, ' ');
  }
}

std::string mailbox_line(const json& mailbox) {
  return count_text(number_of(mailbox, "depth")) + " of " +
         count_text(number_of(mailbox, "capacity")) + ", " +
         bytes_text(number_of(mailbox, "bytes")) + ", at most " +
         count_text(number_of(mailbox, "highest")) + " so far" +
         (number_of(mailbox, "superseded") == 0
              ? std::string()
              : ", " + count_text(number_of(mailbox, "superseded")) + " superseded");
}

std::string build_text(const json& build) {
  return text_of(build, "version") + " sha256 " + text_of(build, "sha256").substr(0, 12);
}

std::vector<std::string> plugin_lines(const json& plugin, const std::string& path) {
  std::vector<std::string> lines = {text_of(plugin, "id") + " " + build_text(plugin)};
  if (const json& newer = member_of(plugin, "newer"); newer.is_object()) {
    lines.push_back("a newer build is loaded: " + build_text(newer) + "   -> actorctl restart " +
                    path);
  }
  return lines;
}

std::string started_line(int64_t started_unix_ms, int64_t now_unix_ms) {
  const int64_t ago = std::max<int64_t>(0, now_unix_ms - started_unix_ms);
  return clock_text(started_unix_ms, now_unix_ms) + ", " + uptime_text(static_cast<uint64_t>(ago)) +
         " ago";
}

std::string restarts_line(const json& restarts) {
  std::string line = count_text(number_of(restarts, "in_window")) + "/" +
                     count_text(number_of(restarts, "limit")) + " in " +
                     duration_text(number_of(restarts, "within_ms")) + ", " +
                     count_text(number_of(restarts, "count")) + " in all";
  if (const auto asked = number_of(restarts, "by_operator"); asked > 0)
    line += ", " + count_text(asked) + " by an operator";
  if (const auto next = number_of(restarts, "next_in_ms"); next > 0)
    line += ", next in " + duration_text(next);
  return line;
}

std::vector<std::string> failure_lines(const json& failure, int64_t now_unix_ms) {
  std::vector<std::string> lines = {clock_text(signed_of(failure, "unix_ms"), now_unix_ms) + "  " +
                                    text_of(failure, "class") + ": " +
                                    first_line(raw_text_of(failure, "text"))};
  if (const std::string type = text_of(failure, "message_type"); !type.empty()) {
    lines.push_back("at message " + std::to_string(number_of(failure, "message_id")) + " of type " +
                    type);
  }
  return lines;
}

std::vector<std::string> persistence_lines(const json& persistence) {
  return {"id " + text_of(persistence, "id") + ", event " +
              count_text(number_of(persistence, "seq")) + ", snapshot at " +
              count_text(number_of(persistence, "snapshot_seq")),
          "hydrated " + plural(number_of(persistence, "hydrated_events"), "event") + " in " +
              duration_text(number_of(persistence, "hydrated_ms"))};
}

std::vector<std::string> setting_lines(const json& settings) {
  std::vector<std::string> lines;
  if (!settings.is_object()) return lines;
  for (const auto& [name, value] : settings.items()) {
    lines.push_back(
        printable(name) + ": " +
        (value.is_string() ? text_of(settings, name.c_str()) : printable(compact(value))));
  }
  return lines;
}

std::vector<std::string> texts(const json& object, const char* name) {
  std::vector<std::string> lines;
  for (const json& entry : list_of(object, name)) {
    lines.push_back(printable(entry.is_string() ? entry.get<std::string>() : compact(entry)));
  }
  return lines;
}

}  // namespace

void print_actor(std::ostream& out, const Paint& paint, const json& actor, int64_t now_unix_ms) {
  const std::string state = text_of(actor, "state");
  out << paint(Colour::kBold, text_of(actor, "path")) << "  " << paint(state_colour(state), state)
      << "  " << text_of(actor, "kind") << "  incarnation " << number_of(actor, "incarnation")
      << '\n';
  if (const std::string where = text_of(actor, "defined_at"); !where.empty())
    print_lines(out, "defined", {where});
  if (const json& plugin = member_of(actor, "plugin"); plugin.is_object())
    print_lines(out, "plugin", plugin_lines(plugin, text_of(actor, "path")));
  if (const auto started = signed_of(actor, "started_unix_ms"); started > 0)
    print_lines(out, "started", {started_line(started, now_unix_ms)});
  print_lines(out, "settings", setting_lines(member_of(actor, "settings")));
  print_lines(out, "mailbox", {mailbox_line(member_of(actor, "mailbox"))});
  print_lines(out, "messages",
              {count_text(number_of(actor, "handled")) + " handled, " +
               count_text(number_of(actor, "failed")) + " failed"});
  print_lines(out, "restarts", {restarts_line(member_of(actor, "restarts"))});
  if (const json& failure = member_of(actor, "last_failure"); failure.is_object()) {
    print_lines(out, "last failure", failure_lines(failure, now_unix_ms));
  }
  if (const json& persistence = member_of(actor, "persistence"); persistence.is_object()) {
    print_lines(out, "journal", persistence_lines(persistence));
  }
  print_lines(out, "pending",
              {plural(number_of(actor, "timers"), "timer") + ", " +
               plural(number_of(actor, "asks"), "ask")});
  print_lines(out, "subscribes", texts(actor, "subscriptions"));
  print_lines(out, "tags", texts(actor, "tags"));
  print_lines(out, "children", texts(actor, "children"));
  if (same_word(state, "parked") || same_word(state, "suspended"))
    out << "next: actorctl resume " << text_of(actor, "path") << '\n';
}

}  // namespace actord::host
