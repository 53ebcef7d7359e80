// actord explain [CODE]: the long text behind a diagnostic or a status; without a code, the list of all.
#include <cstdio>
#include <optional>
#include <string>
#include <utility>

#include "app/verb.hpp"
#include "base/exit_code.hpp"
#include "base/status.hpp"
#include "topology/explain.hpp"

namespace actord::host {
namespace {

// The table (status.def) is in three parts; their numbers tell them apart.
const char* part_of_table(actord_status number) {
  if (number >= 0) return "What a handler answers.";
  if (number > ACTORD_E_INVALID) return "How a handler fails.";
  return "Why a host call or a command refused.";
}

std::string explain_status(const StatusCode& status) {
  std::string text(status.name);
  text += " (" + std::to_string(status.number) + "): " + std::string(status.meaning) + "\n\n" +
          part_of_table(status.number) + " In C it is ACTORD_" + std::string(status.name) + ".";
  if (status.number < 0) {
    text += " An actorctl that is answered with it ends with exit code " +
            std::to_string(exit_code_of(status.number)) + ".";
  }
  return text + "\n";
}

void print_codes() {
  std::puts("Diagnostics of a topology (actord check):");
  for (const Explanation& one : explanations()) {
    std::printf("  %-15.*s %.*s\n", static_cast<int>(one.code.size()), one.code.data(),
                static_cast<int>(one.title.size()), one.title.data());
  }
  const char* part = "";
  for (const StatusCode& one : status_codes()) {
    if (part != std::exchange(part, part_of_table(one.number))) std::printf("\n%s\n", part);
    std::printf("  %-15.*s %.*s\n", static_cast<int>(one.name.size()), one.name.data(),
                static_cast<int>(one.meaning.size()), one.meaning.data());
  }
  std::puts("\nMore of one: actord explain CODE");
}

int run_explain(const std::string& code) {
  if (code.empty()) {
    print_codes();
    return kExitOk;
  }
  const StatusCode* const status = find_status(code);
  const auto text = status == nullptr ? explain(code) : std::optional(explain_status(*status));
  if (!text) {
    std::fprintf(stderr, "actord: there is no code %.64s; all of them: actord explain\n",
                 code.c_str());
    return kExitNotFound;
  }
  std::fputs(text->c_str(), stdout);
  return kExitOk;
}

}  // namespace

Verb add_explain(CLI::App& app) {
  auto* const command = app.add_subcommand(
      "explain", "Explain a code, e.g. E102 or E_TIMEOUT; without one, list all");
  const auto code = std::make_shared<std::string>();
  command->add_option("code", *code, "E101 .. W2xx, or a status");
  return {command, [code] { return run_explain(*code); }};
}

}  // namespace actord::host
