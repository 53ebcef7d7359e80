#include "cli/plan_text.hpp"

#include "cli/fields.hpp"
#include "cli/human.hpp"

namespace actord::host {
namespace {

constexpr size_t kLineColumns = 100;

constexpr size_t kActorsNamed = 8;

std::string named(const std::vector<nlohmann::json>& actors) {
  std::string text;
  for (size_t i = 0; i < actors.size() && i < kActorsNamed; ++i) {
    text += (text.empty() ? "" : ", ") +
            printable(actors[i].is_string() ? actors[i].get<std::string>() : compact(actors[i]));
  }
  if (actors.size() > kActorsNamed)
    text += " and " + count_text(actors.size() - kActorsNamed) + " more";
  return text;
}

}  // namespace

std::vector<std::string> old_build_lines(const nlohmann::json& answer) {
  std::vector<std::string> lines;
  const nlohmann::json& plugins = member_of(answer, "old_builds");
  if (!plugins.is_object()) return lines;
  for (const auto& [plugin, unused] : plugins.items()) {
    const auto actors = list_of(plugins, plugin.c_str());
    if (actors.empty()) continue;
    const std::string which = actors.size() == 1 ? named(actors) : "PATH";
    lines.push_back("old build of " + printable(plugin) + " runs in " + named(actors) +
                    "   -> actorctl restart " + which);
  }
  return lines;
}

std::string plan_text(const std::string& label, const std::vector<std::string>& steps) {
  std::string line = label + ":";
  std::string list = label + ":";
  for (const auto& step : steps) {
    line += (step == steps.front() ? " " : "   ") + printable(step);
    list += "\n  " + printable(step);
  }
  return columns_of(line) <= kLineColumns ? line : list;
}

}  // namespace actord::host
