#include "cli/status_page.hpp"

#include "cli/colours.hpp"
#include "cli/fields.hpp"
#include "cli/human.hpp"

namespace actord::host {
namespace {

using nlohmann::json;

void print_head(std::ostream& out, const Paint& paint, const json& status, int64_t now_unix_ms) {
  const std::string state = text_of(status, "state");
  const auto loaded = signed_of(status, "loaded_unix_ms");
  out << paint(Colour::kBold, text_of(status, "name")) << "  " << paint(state_colour(state), state)
      << "  up " << uptime_text(number_of(status, "uptime_ms")) << "  actord "
      << text_of(status, "version") << "  pid " << number_of(status, "pid") << "  generation "
      << number_of(status, "generation") << " (loaded " << clock_text(loaded, now_unix_ms);
  if (flag_of(status, "file_differs"))
    out << ", " << paint(Colour::kYellow, "file on disk DIFFERS");
  out << ")\n";
}

std::string actor_counts(const json& actors) {
  constexpr const char* kStates[] = {"running", "suspended", "starting", "hydrating", "backoff",
                                     "parked",  "undecided", "stopping", "waiting",   "stopped"};
  std::string text;
  for (const char* state : kStates) {
    const uint64_t count = number_of(actors, state);
    if (count == 0) continue;
    text += (text.empty() ? ": " : ", ") + count_text(count) + " " + state;
  }
  return "actors " + count_text(number_of(actors, "total")) + text;
}

void print_counts(std::ostream& out, const json& status) {
  const json& messages = member_of(status, "messages");
  out << actor_counts(member_of(status, "actors")) << "     messages "
      << count_text(number_of(messages, "accepted")) << ": "
      << count_text(number_of(messages, "handled")) << " handled, "
      << count_text(number_of(messages, "dead")) << " dead, "
      << count_text(number_of(messages, "in_flight")) << " in flight     dead letters "
      << count_text(number_of(member_of(status, "dead_letters"), "stored")) << '\n';
}

// What subscriptions have kept back; nothing where none has a filter that was ever asked.
void print_filters(std::ostream& out, const json& filters) {
  std::string text;
  for (const char* what : {"let", "filtered", "throttled", "debounced", "held", "unreadable"}) {
    const uint64_t count = number_of(filters, what);
    if (count == 0) continue;
    text += (text.empty() ? "" : ", ") + count_text(count) + " " +
            (what[0] == 'l' ? "let through" : what);
  }
  if (!text.empty()) out << "filters " << text << "   -> actorctl subscriptions\n";
}

void print_troubled(std::ostream& out, const Paint& paint, const json& status, const char* state) {
  for (const json& actor : list_of(status, state)) {
    const std::string path = text_of(actor, "path");
    out << paint(state_colour(state), shortened(state, 8))
        << std::string(8 - std::string_view(state).size(), ' ') << path << "  "
        << plural(number_of(actor, "restarts"), "restart");
    if (const auto next = number_of(actor, "next_in_ms"); next > 0)
      out << ", next in " << duration_text(next);
    out << ": " << shortened(first_line(raw_text_of(actor, "reason")), 100)
        << "   -> actorctl describe " << path << '\n';
  }
}

void print_stuck(std::ostream& out, const Paint& paint, const json& status) {
  for (const json& turn : list_of(status, "stuck")) {
    const std::string path = text_of(turn, "path");
    const std::string type = text_of(turn, "message_type");
    out << paint(Colour::kRed, "stuck") << "   " << path << "  for "
        << duration_text(number_of(turn, "for_ms"))
        << (type.empty() ? std::string(" in its start or stop") : " at " + type)
        << "; its stack is in the log   -> actorctl restart " << path << '\n';
  }
}

void print_filled(std::ostream& out, const Paint& paint, const json& status) {
  for (const json& mailbox : list_of(status, "filled_mailboxes")) {
    const std::string path = text_of(mailbox, "path");
    out << paint(Colour::kYellow, "filling") << " " << path << "  "
        << count_text(number_of(mailbox, "messages")) << " of "
        << count_text(number_of(mailbox, "capacity")) << " messages, "
        << bytes_text(number_of(mailbox, "bytes")) << " of "
        << bytes_text(number_of(mailbox, "bytes_max")) << "   -> actorctl describe " << path
        << '\n';
  }
}

void print_ask_cycles(std::ostream& out, const Paint& paint, const json& status) {
  for (const json& circle : list_of(member_of(status, "ask_cycles"), "now")) {
    out << paint(Colour::kYellow, "circle") << "  " << circle.get<std::string>()
        << "  wait for each other's answers, until their deadlines\n";
  }
}

void print_store(std::ostream& out, const Paint& paint, const json& store) {
  if (!store.is_object()) return;
  out << "store   " << text_of(store, "location") << ' ' << bytes_text(number_of(store, "bytes"))
      << ", WAL " << bytes_text(number_of(store, "wal_bytes")) << ", last commit "
      << microseconds_text(number_of(store, "last_commit_us")) << ", "
      << count_text(number_of(store, "events")) << " events in "
      << plural(number_of(store, "commits"), "commit") << '\n';
  if (const std::string promise = text_of(store, "promise"); !promise.empty())
    out << "        " << promise << '\n';
  if (flag_of(store, "waiting_for_space")) {
    out << "        "
        << paint(Colour::kRed, "waiting for disk space: nothing is lost, persistent actors wait")
        << "   -> df -h " << text_of(store, "location") << '\n';
  }
}

void print_hydration(std::ostream& out, const json& hydration) {
  if (number_of(hydration, "actors") == 0) return;
  out << "hydrated " << plural(number_of(hydration, "actors"), "actor") << ", "
      << plural(number_of(hydration, "events"), "event") << " in "
      << duration_text(number_of(hydration, "ms")) << '\n';
}

void print_reload(std::ostream& out, const Paint& paint, const json& reload, int64_t now_unix_ms) {
  if (!reload.is_object()) return;
  const bool ok = flag_of(reload, "ok");
  out << "reload  " << (ok ? paint(Colour::kGreen, "ok") : paint(Colour::kRed, "FAILED")) << ' '
      << clock_text(signed_of(reload, "unix_ms"), now_unix_ms);
  if (const std::string text = first_line(raw_text_of(reload, "text")); !text.empty())
    out << ": " << text;
  if (!ok) out << "   -> actorctl reload --wait";
  out << '\n';
}

}  // namespace

void print_status(std::ostream& out, const Paint& paint, const json& status, int64_t now_unix_ms) {
  print_head(out, paint, status, now_unix_ms);
  print_counts(out, status);
  print_filters(out, member_of(status, "filters"));
  print_troubled(out, paint, status, "parked");
  print_troubled(out, paint, status, "backoff");
  print_stuck(out, paint, status);
  print_filled(out, paint, status);
  print_ask_cycles(out, paint, status);
  print_store(out, paint, member_of(status, "store"));
  print_hydration(out, member_of(status, "hydration"));
  print_reload(out, paint, member_of(status, "last_reload"), now_unix_ms);
}

}  // namespace actord::host
