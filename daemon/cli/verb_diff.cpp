// actorctl diff: what a topology file would change. Exit code 2: something.
#include <filesystem>
#include <memory>

#include "cli/fields.hpp"
#include "cli/human.hpp"
#include "cli/plan_text.hpp"
#include "cli/verb.hpp"

namespace actord::host {
namespace {

// The daemon has another working directory.
std::string absolute(const std::string& file) {
  if (file.empty()) return file;
  std::error_code failed;
  const auto path = std::filesystem::absolute(file, failed);
  return failed ? file : path.lexically_normal().string();
}

Colour step_colour(const std::string& step) {
  switch (step.empty() ? ' ' : step.front()) {
    case '+': return Colour::kGreen;
    case '-': return Colour::kRed;
    case '~': return Colour::kYellow;
    default: return Colour::kPlain;
  }
}

int run_diff(OperatorSession& session, const std::string& file) {
  const auto timeout = session.timeout_ms(kAnswerTimeoutMs);
  if (!timeout) return session.fail(timeout.error());
  const auto answer = session.call("diff", {{"file", absolute(file)}}, *timeout);
  if (!answer) return session.fail(answer.error());
  if (session.wants_json()) session.print_json(*answer);
  if (const std::string refused = raw_text_of(*answer, "refused"); !refused.empty()) {
    return session.fail({ACTORD_E_CONFIG, refused}, file.empty() ? "" : "actord check " + file);
  }
  const auto steps = list_of(*answer, "plan");
  if (!session.wants_json()) {
    for (const auto& entry : steps) {
      const std::string step =
          printable(entry.is_string() ? entry.get<std::string>() : compact(entry));
      session.out() << session.paint()(step_colour(step), step) << '\n';
    }
    for (const auto& line : old_build_lines(*answer))
      session.out() << session.with_socket(line) << '\n';
    session.say(steps.empty()
                    ? "no differences"
                    : plural(steps.size(), "difference") + "; apply: actorctl reload --wait");
  }
  return steps.empty() ? kExitOk : kExitDifferences;
}

}  // namespace

void add_diff(CLI::App& app, VerbRun& chosen) {
  auto* verb =
      app.add_subcommand("diff", "What reloading would change; exit code 2 when something would");
  const auto file = std::make_shared<std::string>();
  verb->add_option("FILE", *file, "A topology file; the daemon's own if not given")->type_name("");
  verb->callback([&chosen, file] {
    chosen = [file](OperatorSession& session) { return run_diff(session, *file); };
  });
}

}  // namespace actord::host
