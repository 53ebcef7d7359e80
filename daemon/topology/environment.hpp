// Environment: ${VAR}, ${VAR:-default} and $$ in a scalar. One pass: what a variable holds is never
// looked at again, and never becomes YAML.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace actord::host {

// A variable's value; nothing when it is not set.
using EnvLookup = std::function<std::optional<std::string>(const std::string& name)>;

struct Substitution {
  std::string text;
  bool changed = false;               // a variable went in
  std::vector<std::string> problems;  // "environment variable X is not set; ..."
};

// A default may hold ${..} itself. ":-" counts an empty variable as not set, as in a shell.
Substitution substitute(std::string_view text, const EnvLookup& env);

}  // namespace actord::host
