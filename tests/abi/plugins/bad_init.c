/* Refuses to start. */
#define PLUGIN_ID "bad_init"
#include "idle.h"
ACTORD_MANIFEST(IDLE_MANIFEST);
static actord_status refuse(const actord_host_api* host) {
  (void)host;
  return ACTORD_FAIL_CONFIG;
}
#undef DESCRIPTOR_INIT
#define DESCRIPTOR_INIT refuse
IDLE_PLUGIN;
