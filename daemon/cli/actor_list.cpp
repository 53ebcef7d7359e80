#include "cli/actor_list.hpp"

#include <set>

#include "cli/colours.hpp"
#include "cli/fields.hpp"
#include "cli/human.hpp"
#include "cli/table.hpp"

namespace actord::host {
namespace {

using nlohmann::json;

constexpr size_t kActorReasonColumns = 70;

std::string reason_cell(const json& actor) {
  std::string text = shortened(first_line(raw_text_of(actor, "reason")), kActorReasonColumns);
  if (const auto next = number_of(actor, "next_in_ms"); next > 0) {
    text = "next in " + duration_text(next) + (text.empty() ? "" : ": " + text);
  }
  return text;
}

// Indented under the nearest ancestor that is shown; the rest of the path is the name.
class TreeNames {
 public:
  std::string name(const std::string& path) {
    size_t depth = 0;
    size_t known = 0;  // bytes of the nearest shown ancestor
    for (size_t slash = path.find('/', 1); slash != std::string::npos;
         slash = path.find('/', slash + 1)) {
      if (!shown_.contains(path.substr(0, slash))) continue;
      ++depth;
      known = slash;
    }
    shown_.insert(path);
    return depth == 0 ? path : std::string(2 * depth, ' ') + path.substr(known + 1);
  }

 private:
  std::set<std::string> shown_;
};

}  // namespace

json only_in_state(json ps, const std::string& state) {
  if (state.empty()) return ps;
  json kept = json::array();
  for (json& actor : list_of(ps, "actors")) {
    if (same_word(text_of(actor, "state"), state)) kept.push_back(std::move(actor));
  }
  ps["actors"] = std::move(kept);
  return ps;
}

void print_actors(std::ostream& out, const Paint& paint, const json& ps, bool tree, bool titles) {
  using Align = TextTable::Align;
  TextTable table({{"ACTOR"},
                   {"KIND"},
                   {"STATE"},
                   {"INC", Align::kRight},
                   {"RESTARTS", Align::kRight},
                   {"MAILBOX", Align::kRight},
                   {"HANDLED", Align::kRight},
                   {"FAILED", Align::kRight},
                   {"REASON"}});
  TreeNames names;
  for (const json& actor : list_of(ps, "actors")) {
    const std::string path = text_of(actor, "path");
    const std::string state = text_of(actor, "state");
    const auto count = [&](const char* name) {
      return TextCell{count_text(number_of(actor, name))};
    };
    table.add({{tree ? names.name(path) : path},
               {text_of(actor, "kind")},
               {state, state_colour(state)},
               count("incarnation"),
               count("restarts"),
               count("mailbox"),
               count("handled"),
               count("failed"),
               {reason_cell(actor)}});
  }
  table.print(out, paint, titles);
}

}  // namespace actord::host
