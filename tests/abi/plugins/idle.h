/* A kind "Idle" that does nothing, for plugins that are about something else. Each of them defines
 * PLUGIN_ID. A constructor leaves a file behind when any of their code runs: ACTORD_TEST_MARKER names it. */
#ifndef ACTORD_TEST_IDLE_H
#define ACTORD_TEST_IDLE_H

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "actord/abi.h"

#define IDLE_MANIFEST \
  "{\"id\": \"" PLUGIN_ID "\", \"version\": \"1\", \"kinds\": [{\"name\": \"Idle\"}]}"

__attribute__((constructor)) static void leave_a_mark(void) {
  const char* marker = getenv("ACTORD_TEST_MARKER");
  if (marker != NULL) close(open(marker, O_CREAT | O_WRONLY, 0600));
}

static int idle_state;

static actord_status idle_create(const actord_create_args* args, void** self) {
  (void)args;
  *self = &idle_state;
  return ACTORD_OK;
}
static actord_status idle_start(void* self, actord_turn* turn) {
  (void)self;
  (void)turn;
  return ACTORD_OK;
}
static actord_status idle_receive(void* self, actord_turn* turn, const actord_message* message) {
  (void)self;
  (void)turn;
  (void)message;
  return ACTORD_UNHANDLED;
}
static void idle_stop(void* self, actord_turn* turn, int32_t reason) {
  (void)self;
  (void)turn;
  (void)reason;
}
static void idle_destroy(void* self) { (void)self; }

#ifndef DESCRIPTOR_ID
#define DESCRIPTOR_ID PLUGIN_ID
#endif
#ifndef DESCRIPTOR_STATE_VERSION
#define DESCRIPTOR_STATE_VERSION 0
#endif
#ifndef DESCRIPTOR_KIND
#define DESCRIPTOR_KIND "Idle"
#endif
#ifndef DESCRIPTOR_INIT
#define DESCRIPTOR_INIT NULL
#endif

#define IDLE_PLUGIN                                                                        \
  static const actord_kind idle_kinds[] = {{sizeof(actord_kind),                           \
                                            DESCRIPTOR_STATE_VERSION,                      \
                                            {DESCRIPTOR_KIND, sizeof DESCRIPTOR_KIND - 1}, \
                                            idle_create,                                   \
                                            idle_start,                                    \
                                            idle_receive,                                  \
                                            idle_stop,                                     \
                                            idle_destroy,                                  \
                                            NULL}};                                        \
  static const actord_plugin idle_plugin = {sizeof(actord_plugin),                         \
                                            ACTORD_ABI_MAJOR,                              \
                                            ACTORD_ABI_MINOR,                              \
                                            0,                                             \
                                            {DESCRIPTOR_ID, sizeof DESCRIPTOR_ID - 1},     \
                                            {"1", 1},                                      \
                                            DESCRIPTOR_INIT,                               \
                                            1,                                             \
                                            sizeof(actord_kind),                           \
                                            idle_kinds};                                   \
  ACTORD_EXPORT const actord_plugin* actord_plugin_entry_v1(void);                         \
  ACTORD_EXPORT const actord_plugin* actord_plugin_entry_v1(void) { return &idle_plugin; } \
  extern int idle_end_

#endif
