/* counter.Counter: counts what it is sent, and says how often. The smallest useful actor, in C.
 *
 *   counter.Increment        adds one
 *   counter.Read             is answered with counter.Count {"count": N}
 *
 * Each instance is one struct; the host never calls two functions of one instance at a time, so
 * there is nothing to lock. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actord/abi.h"

ACTORD_MANIFEST(
    "{\"id\":\"counter\",\"version\":\"1.0.0\",\"doc\":\"Counts messages.\",\"kinds\":[{"
    "\"name\":\"Counter\",\"doc\":\"Counts counter.Increment; answers "
    "counter.Read.\",\"persistent\":false,"
    "\"accepts\":[\"counter.Increment\",\"counter.Read\"],\"emits\":[\"counter.Count\"],"
    "\"settings\":{}}]}");

typedef struct counter {
  const actord_host_api* host;
  uint64_t count;
} counter;

#define VIEW(literal) ((actord_view){(literal), sizeof(literal) - 1})

static int is(actord_view type, const char* name) {
  return type.size == strlen(name) && memcmp(type.data, name, type.size) == 0;
}

static actord_status counter_create(const actord_create_args* args, void** self) {
  counter* made = calloc(1, sizeof *made);
  if (made == NULL) {
    if (args->error != NULL) *args->error = VIEW("out of memory");
    return ACTORD_FAIL_TRANSIENT;
  }
  made->host = args->host;
  *self = made;
  return ACTORD_OK;
}

static actord_status counter_start(void* self, actord_turn* turn) {
  (void)self;
  (void)turn;
  return ACTORD_OK;
}

static actord_status counter_receive(void* self, actord_turn* turn, const actord_message* message) {
  counter* me = self;
  if (message->kind != ACTORD_MSG_USER) return ACTORD_UNHANDLED;
  if (is(message->type, "counter.Increment")) {
    me->count += 1;
    return ACTORD_OK;
  }
  if (is(message->type, "counter.Read")) {
    char text[64];
    const int size = snprintf(text, sizeof text, "{\"count\":%" PRIu64 "}", me->count);
    actord_send answer = {.struct_size = sizeof answer,
                          .type = VIEW("counter.Count"),
                          .payload = {text, (uint64_t)size}};
    const actord_status status = me->host->reply(turn, &answer);
    /* Nobody waiting for the answer is no failure of ours. */
    return status == ACTORD_E_NOT_FOUND ? ACTORD_OK : status;
  }
  return ACTORD_UNHANDLED;
}

static void counter_stop(void* self, actord_turn* turn, int32_t reason) {
  (void)self;
  (void)turn;
  (void)reason;
}

static void counter_destroy(void* self) { free(self); }

static const actord_kind kinds[] = {{
    .struct_size = sizeof(actord_kind),
    .name = {"Counter", sizeof("Counter") - 1},
    .create = counter_create,
    .start = counter_start,
    .receive = counter_receive,
    .stop = counter_stop,
    .destroy = counter_destroy,
}};

static const actord_plugin plugin = {
    .struct_size = sizeof(actord_plugin),
    .abi_major = ACTORD_ABI_MAJOR,
    .abi_minor_built = ACTORD_ABI_MINOR,
    .abi_minor_min = 0,
    .id = {"counter", sizeof("counter") - 1},
    .version = {"1.0.0", sizeof("1.0.0") - 1},
    .kind_count = 1,
    .kind_stride = sizeof(actord_kind),
    .kinds = kinds,
};

ACTORD_EXPORT const actord_plugin* actord_plugin_entry_v1(void);
const actord_plugin* actord_plugin_entry_v1(void) { return &plugin; }
