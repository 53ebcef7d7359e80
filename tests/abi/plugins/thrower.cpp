// Lets C++ exceptions out of everything it can.
#include <stdexcept>

#define PLUGIN_ID "thrower"
#include "idle.h"

extern "C" {
ACTORD_MANIFEST(IDLE_MANIFEST);
}

namespace {

struct Strange {};

actord_status receive(void*, actord_turn*, const actord_message* message) {
  if (message->payload.size == 0) throw std::runtime_error("thrown in receive");
  throw Strange();
}

const actord_kind kKinds[] = {{sizeof(actord_kind),
                               0,
                               {"Idle", 4},
                               idle_create,
                               idle_start,
                               receive,
                               idle_stop,
                               [](void*) { throw Strange(); },
                               nullptr}};
const actord_plugin kPlugin = {sizeof(actord_plugin),
                               ACTORD_ABI_MAJOR,
                               ACTORD_ABI_MINOR,
                               0,
                               {"thrower", 7},
                               {"1", 1},
                               nullptr,
                               1,
                               sizeof(actord_kind),
                               kKinds};

}  // namespace

extern "C" ACTORD_EXPORT const actord_plugin* actord_plugin_entry_v1() {
  static_cast<void>(idle_receive);
  static_cast<void>(idle_destroy);
  return &kPlugin;
}
