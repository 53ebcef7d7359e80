// ACTORD_PLUGIN: the one exported symbol of a plugin.
//
//   ACTORD_MANIFEST(R"({"id":"greeter","version":"1.0.0","kinds":[{"name":"Greeter"}]})");
//   ACTORD_PLUGIN("greeter", "1.0.0", actord::Kind<Greeter>("Greeter"))
//
// id, version and the kinds are those of the manifest; the host refuses a plugin where they differ.
#pragma once

#include <iterator>

#include "actord/actor.hpp"

#define ACTORD_PLUGIN(plugin_id, plugin_version, ...)                                 \
  extern "C" ACTORD_EXPORT const actord_plugin* actord_plugin_entry_v1(void);         \
  extern "C" const actord_plugin* actord_plugin_entry_v1(void) {                      \
    static constexpr actord_kind kinds[] = {__VA_ARGS__};                             \
    static constexpr actord_plugin plugin = {sizeof(actord_plugin),                   \
                                             ACTORD_ABI_MAJOR,                        \
                                             ACTORD_ABI_MINOR,                        \
                                             0u,                                      \
                                             ::actord::to_view(plugin_id),            \
                                             ::actord::to_view(plugin_version),       \
                                             nullptr,                                 \
                                             static_cast<uint32_t>(std::size(kinds)), \
                                             sizeof(actord_kind),                     \
                                             kinds};                                  \
    return &plugin;                                                                   \
  }                                                                                   \
  static_assert(true, "ACTORD_PLUGIN stands at file scope")
