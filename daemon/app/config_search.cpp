#include "app/config_search.hpp"

#include <unistd.h>

namespace actord::host {
namespace {

bool readable(const std::string& file) { return ::access(file.c_str(), R_OK) == 0; }

}  // namespace

ConfigChoice find_config(const std::string& given, const EnvLookup& env) {
  if (!given.empty()) return {given, "given on the command line"};
  if (const auto named = env("ACTORD_CONFIG")) return {*named, "from $ACTORD_CONFIG"};
  const bool service = ::geteuid() == 0 || env("INVOCATION_ID").has_value();
  if (!service && readable("actord.yaml")) return {"actord.yaml", "found in the working directory"};
  if (const auto home = env("XDG_CONFIG_HOME")) {
    const std::string file = *home + "/actord/actord.yaml";
    if (readable(file)) return {file, "found in $XDG_CONFIG_HOME"};
  }
  return {"/etc/actord/actord.yaml", "the default"};
}

std::string default_socket(const EnvLookup& env) {
  if (const auto named = env("ACTORD_SOCKET")) return *named;
  if (const auto dir = env("XDG_RUNTIME_DIR"); dir && ::geteuid() != 0)
    return *dir + "/actord/admin.sock";
  return "/run/actord/admin.sock";
}

}  // namespace actord::host
