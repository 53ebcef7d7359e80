// actorctl status: the host on one screen.
#include <sstream>

#include "cli/colours.hpp"
#include "cli/fields.hpp"
#include "cli/human.hpp"
#include "cli/status_page.hpp"
#include "cli/verb.hpp"

namespace actord::host {

void add_status(CLI::App& app, VerbRun& chosen) {
  auto* verb =
      app.add_subcommand("status", "The host on one screen: state, actors, messages, store");
  verb->callback([&chosen] {
    chosen = [](OperatorSession& session) -> int {
      const auto timeout = session.timeout_ms(kAnswerTimeoutMs);
      if (!timeout) return session.fail(timeout.error());
      const auto status = session.call("status", nlohmann::json::object(), *timeout);
      if (!status) return session.fail(status.error());
      if (session.wants_json()) {
        session.print_json(*status);
      } else {
        std::ostringstream page;
        print_status(page, session.paint(), *status, session.now_unix_ms());
        session.out() << session.with_socket(page.str());
      }
      return kExitOk;
    };
  });
}

}  // namespace actord::host
