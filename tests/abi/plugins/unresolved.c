/* Uses a function that no library has. */
#define PLUGIN_ID "unresolved"
#include "idle.h"
ACTORD_MANIFEST(IDLE_MANIFEST);
actord_status actord_test_no_such_function(const actord_host_api* host);
static actord_status use_it(const actord_host_api* host) {
  return actord_test_no_such_function(host);
}
#undef DESCRIPTOR_INIT
#define DESCRIPTOR_INIT use_it
IDLE_PLUGIN;
