// Where the topology file is looked for when none is named.
#pragma once

#include <string>

#include "topology/environment.hpp"

namespace actord::host {

struct ConfigChoice {
  std::string file;
  std::string why;  // "given with -c", "from $ACTORD_CONFIG", ...
};

// -c > $ACTORD_CONFIG > ./actord.yaml (never as root or under systemd: the working directory must not
// decide what a service runs) > $XDG_CONFIG_HOME/actord/ > /etc/actord/actord.yaml.
ConfigChoice find_config(const std::string& given, const EnvLookup& env);

// The control socket when the topology names none.
std::string default_socket(const EnvLookup& env);

}  // namespace actord::host
