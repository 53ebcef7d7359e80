// HostApi: the function table that a plugin is given (abi.h: actord_host_api) and the extensions it finds
// through it (ext/*.h).
//
// Every function checks what it is given: the turn is the one of the running callback, views can be read,
// structs are large enough, buffers are sealed. What is wrong is answered with a status; what a correct
// plugin cannot do is also logged as misbehaviour. None throws, none blocks.
#pragma once

#include <string>
#include <string_view>

#include "actord/abi.h"

namespace actord::host {

// One per plugin; lives as long as the plugin, which is for good once it is loaded.
class HostApi {
 public:
  explicit HostApi(std::string plugin);
  HostApi(const HostApi&) = delete;
  HostApi& operator=(const HostApi&) = delete;

  const actord_host_api& table() const { return table_; }
  const std::string& plugin() const { return plugin_; }

 private:
  const std::string plugin_;
  actord_host_api table_;
};

// An extension's table; null when this host has none of that id.
const void* host_extension(std::string_view id);

}  // namespace actord::host
