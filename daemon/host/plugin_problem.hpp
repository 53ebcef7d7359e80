// PluginProblem: why a plugin is refused. The text continues nothing and needs nothing before it: it
// names the file, the fault and what to type.
#pragma once

#include <string>
#include <variant>

namespace actord::host {

struct PluginProblem {
  // E202: no such file, or it cannot be opened, trusted or linked here. E203: it is not a plugin for
  // this host. E204: not the bytes that were pinned.
  std::string code;
  std::string text;
};

template <class T>
using Judged = std::variant<T, PluginProblem>;

}  // namespace actord::host
