/* A plugin that no host of this major may load; REFUSED_* says why. REFUSED_INIT: its init fails as long
   as the file that ACTORD_TEST_BROKEN names is there. */
#include <actord/abi.h>

#include <stdlib.h>
#include <unistd.h>

#include "marker.h"

#define MANIFEST "{\"id\":\"refused\",\"version\":\"1.0.0\",\"kinds\":[{\"name\":\"Nothing\"}]}"
#if defined(REFUSED_MAJOR)
ACTORD_MANIFEST_MAJOR_(MANIFEST, 2u);
#elif !defined(REFUSED_NO_NOTE)
ACTORD_MANIFEST(MANIFEST);
#endif

#if defined(REFUSED_UNRESOLVED)
actord_status actord_test_function_nobody_has(void);
#endif

static actord_status create(const actord_create_args* args, void** self) {
  (void)args;
  *self = NULL;
#if defined(REFUSED_UNRESOLVED)
  return actord_test_function_nobody_has();
#else
  return ACTORD_OK;
#endif
}
static actord_status start(void* self, actord_turn* turn) {
  (void)self, (void)turn;
  return ACTORD_OK;
}
static actord_status receive(void* self, actord_turn* turn, const actord_message* message) {
  (void)self, (void)turn, (void)message;
  return ACTORD_UNHANDLED;
}
static void stop(void* self, actord_turn* turn, int32_t reason) {
  (void)self, (void)turn, (void)reason;
}
static void destroy(void* self) { (void)self; }

#if defined(REFUSED_INIT)
static actord_status init(const actord_host_api* host) {
  const char* const broken = getenv("ACTORD_TEST_BROKEN");
  (void)host;
  return broken != NULL && access(broken, F_OK) == 0 ? ACTORD_E_IO : ACTORD_OK;
}
#else
#define init NULL
#endif

static const actord_kind kinds[] = {
    {sizeof(actord_kind), 0, {"Nothing", 7}, create, start, receive, stop, destroy, NULL}};
static const actord_plugin plugin = {sizeof(actord_plugin),
                                     ACTORD_ABI_MAJOR,
                                     ACTORD_ABI_MINOR,
                                     0,
                                     {"refused", 7},
                                     {"1.0.0", 5},
                                     init,
                                     1,
                                     sizeof(actord_kind),
                                     kinds};

ACTORD_EXPORT const actord_plugin* actord_plugin_entry_v1(void);
const actord_plugin* actord_plugin_entry_v1(void) { return &plugin; }
