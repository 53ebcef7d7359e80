// PluginCall: one call into a plugin, and what is true while it runs.
//
// The thread remembers the call, so that a host function knows whose it is: an actord_turn* counts only
// on the thread and during the callback it was given to. A turn kept for later, used from a thread of
// the plugin's own, or used in create and while events are applied (where there is none) is refused with
// E_WRONG_PHASE and logged as misbehaviour instead of corrupting the host.
//
// exception wall: a C++ exception of a plugin must not unwind through the host. The SDK's thunks let none
// out; this is the backstop for plugins that do without them.
#pragma once

#include <cxxabi.h>

#include <exception>
#include <optional>
#include <string>
#include <string_view>

#include "core/turn_context.hpp"

namespace actord::host {

class InletSet;

struct PluginCall {
  std::string_view plugin;
  std::string_view actor;       // path; empty while loading
  TurnContext* turn = nullptr;  // null: no host call but log
  InletSet* inlets = nullptr;   // of the instance; null: none can be opened
};

inline constinit thread_local const PluginCall* current_plugin_call = nullptr;

class PluginCallScope {
 public:
  explicit PluginCallScope(const PluginCall& call) : outer_(current_plugin_call) {
    current_plugin_call = &call;
  }
  ~PluginCallScope() { current_plugin_call = outer_; }
  PluginCallScope(const PluginCallScope&) = delete;
  PluginCallScope& operator=(const PluginCallScope&) = delete;

 private:
  const PluginCall* const outer_;  // persist calls apply_event inside receive
};

// Logs "plugin.misbehaved". Under a flood of one plugin: the first ten, then each power of two, with the count.
void report_misbehaviour(std::string_view plugin, std::string_view actor, std::string_view text);

// Runs code of a plugin. Nothing: it came back. Else: what escaped, already logged.
template <class Code>
std::optional<std::string> run_plugin_code(const PluginCall& call, const char* function,
                                           Code&& code) {
  const PluginCallScope scope(call);
  std::string escaped;
  try {
    code();
    return std::nullopt;
  } catch (const abi::__forced_unwind&) {
    throw;  // the thread is being cancelled; swallowing that ends the process
  } catch (const std::exception& error) {
    escaped = std::string("a C++ exception escaped ") + function + ": " + error.what();
  } catch (...) {
    escaped = std::string("a C++ exception of unknown type escaped ") + function;
  }
  report_misbehaviour(call.plugin, call.actor, escaped);
  return escaped;
}

}  // namespace actord::host
