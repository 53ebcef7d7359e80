#include "cli/plan_text.hpp"

#include "cli/human.hpp"

namespace actord::host {
namespace {

constexpr size_t kLineColumns = 100;

}  // namespace

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
