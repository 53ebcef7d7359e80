// actord explain CODE: the long text behind a diagnostic.
#include <cstdio>

#include "app/verb.hpp"
#include "base/exit_code.hpp"
#include "topology/explain.hpp"

namespace actord::host {

Verb add_explain(CLI::App& app) {
  auto* const command = app.add_subcommand("explain", "Explain a diagnostic code, e.g. E102");
  const auto code = std::make_shared<std::string>();
  command->add_option("code", *code, "E101 .. W2xx")->required();
  return {command, [code] {
            const auto text = explain(*code);
            if (!text) {
              std::fprintf(stderr,
                           "actord: no diagnostic has the code %s; they look like E102 or W210\n",
                           code->c_str());
              return static_cast<int>(kExitNotFound);
            }
            std::fputs(text->c_str(), stdout);
            return static_cast<int>(kExitOk);
          }};
}

}  // namespace actord::host
