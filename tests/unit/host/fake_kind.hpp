// A plugin inside the test program: its callbacks are functions a test sets.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "actord/ext/ask.h"
#include "actord/ext/files.h"
#include "actord/ext/inlet.h"
#include "actord/ext/persist.h"
#include "actord/ext/registry.h"
#include "actord/ext/spawn.h"
#include "actord/ext/stash.h"
#include "actord/ext/supervise.h"
#include "actord/ext/timers.h"
#include "actord/ext/topics.h"
#include "host/abi_adapter.hpp"

namespace actord::host::testing {

inline actord_view view(std::string_view text) { return {text.data(), text.size()}; }
inline std::string text(actord_view view) {
  return view.size == 0 ? std::string() : std::string(view.data, view.size);
}

// The functions of the only instance alive. Reset by each fixture.
struct Script {
  std::function<actord_status(const actord_create_args*)> create = [](auto*) { return ACTORD_OK; };
  std::function<actord_status(actord_turn*)> start = [](auto*) { return ACTORD_OK; };
  std::function<actord_status(actord_turn*, const actord_message*)> receive = [](auto*, auto*) {
    return ACTORD_OK;
  };
  std::function<void(actord_turn*, int32_t)> stop = [](auto*, int32_t) {};
  std::function<void()> destroy = [] {};
  std::function<actord_status(const actord_event*)> apply = [](auto*) { return ACTORD_OK; };
  std::function<actord_status(actord_writer*, const actord_persist_api*)> save = [](auto*, auto*) {
    return ACTORD_OK;
  };
  std::function<actord_status(uint32_t, actord_view)> load = [](uint32_t, actord_view) {
    return ACTORD_OK;
  };
  std::function<actord_status(actord_turn*)> recovered = [](auto*) { return ACTORD_OK; };
  std::function<actord_status(actord_turn*, const actord_child_failure*, uint32_t*)> decide =
      [](auto*, auto*, auto*) { return ACTORD_OK; };
};
inline Script script;

inline const actord_kind kFakeKind = {
    sizeof(actord_kind),
    4,
    {"Fake", 4},
    [](const actord_create_args* args, void** self) {
      const actord_status status = script.create(args);
      if (status == ACTORD_OK) *self = &script;
      return status;
    },
    [](void*, actord_turn* turn) { return script.start(turn); },
    [](void*, actord_turn* turn, const actord_message* message) {
      return script.receive(turn, message);
    },
    [](void*, actord_turn* turn, int32_t reason) { script.stop(turn, reason); },
    [](void*) { script.destroy(); },
    nullptr};

inline const actord_actor_persist kFakePersist = {
    sizeof(actord_actor_persist),
    0,
    [](void*, const actord_event* event) { return script.apply(event); },
    [](void*, actord_writer* writer, const actord_persist_api* api) {
      return script.save(writer, api);
    },
    [](void*, uint32_t version, actord_view body) { return script.load(version, body); },
    [](void*, actord_turn* turn) { return script.recovered(turn); }};

inline const actord_actor_supervise kFakeSupervise = {
    sizeof(actord_actor_supervise), 0,
    [](void*, actord_turn* turn, const actord_child_failure* failure, uint32_t* directive) {
      return script.decide(turn, failure, directive);
    }};

}  // namespace actord::host::testing
