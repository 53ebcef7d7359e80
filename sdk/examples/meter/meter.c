/* meter.Meter: counts pulses and keeps the count through a crash. Shows, in C, what counter leaves out:
 * events and snapshots, a setting, and a timer.
 *
 *   meter.Pulse              adds one, durably
 *   meter.Read               is answered with meter.Count {"count": N}
 *   setting report           how often to log the count
 *
 * State changes in apply_event only. Handling a pulse records an event, which the host applies at once
 * and again after a crash, so both come to the same state by the same code. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actord/abi.h"
#include "actord/ext/persist.h"
#include "actord/ext/timers.h"

ACTORD_MANIFEST(
    "{\"id\":\"meter\",\"version\":\"1.0.0\",\"doc\":\"Counts pulses, durably.\",\"kinds\":[{"
    "\"name\":\"Meter\",\"doc\":\"Counts meter.Pulse; answers meter.Read.\","
    "\"persistent\":true,\"state_version\":1,"
    "\"accepts\":[\"meter.Pulse\",\"meter.Read\"],\"emits\":[\"meter.Count\"],"
    "\"settings\":{\"report\":{\"type\":\"duration\",\"default\":\"60s\",\"min\":\"1ms\","
    "\"doc\":\"how often to log the count\"}}}]}");

typedef struct meter {
  const actord_host_api* host;
  const actord_persist_api* persist;
  const actord_timers_api* timers;
  uint64_t report_ms;
  uint64_t count;
} meter;

#define VIEW(literal) ((actord_view){(literal), sizeof(literal) - 1})

static int is(actord_view text, const char* name) {
  return text.size == strlen(name) && memcmp(text.data, name, text.size) == 0;
}

/* The host has checked the settings, filled in the default, and made milliseconds of "60s": the text
 * is {"report":60000}. Anything but one number deserves a JSON library. */
static uint64_t number_in(actord_view settings, const char* key) {
  char text[256];
  const size_t size = settings.size < sizeof text - 1 ? settings.size : sizeof text - 1;
  memcpy(text, settings.data, size);
  text[size] = '\0';
  const char* found = strstr(text, key);
  return found == NULL ? 0 : strtoull(found + strlen(key), NULL, 10);
}

static actord_status meter_create(const actord_create_args* args, void** self) {
  meter* made = calloc(1, sizeof *made);
  if (made == NULL) {
    *args->error = VIEW("out of memory");
    return ACTORD_FAIL_TRANSIENT;
  }
  made->host = args->host;
  made->persist = args->host->get_extension(args->host->host, ACTORD_EXT_PERSIST);
  made->timers = args->host->get_extension(args->host->host, ACTORD_EXT_TIMERS);
  made->report_ms = number_in(args->settings, "\"report\":");
  if (made->persist == NULL || made->timers == NULL || made->report_ms == 0) {
    free(made);
    *args->error = VIEW("needs actord.persist/1, actord.timers/1 and the setting report");
    return ACTORD_FAIL_CONFIG;
  }
  *self = made;
  return ACTORD_OK;
}

static actord_status meter_start(void* self, actord_turn* turn) {
  meter* me = self;
  return me->timers->set(turn, VIEW("report"), me->report_ms, me->report_ms, VIEW(""));
}

static actord_view text_of(const meter* me, const char* format, char* text, size_t size) {
  return (actord_view){text, (uint64_t)snprintf(text, size, format, me->count)};
}

static actord_status meter_read(meter* me, actord_turn* turn) {
  char text[64];
  actord_send answer = {.struct_size = sizeof answer,
                        .type = VIEW("meter.Count"),
                        .payload = text_of(me, "{\"count\":%" PRIu64 "}", text, sizeof text)};
  const actord_status status = me->host->reply(turn, &answer);
  /* Nobody waiting for the answer is no failure of ours. */
  return status == ACTORD_E_NOT_FOUND ? ACTORD_OK : status;
}

static actord_status meter_receive(void* self, actord_turn* turn, const actord_message* message) {
  meter* me = self;
  if (message->kind == ACTORD_MSG_TIMER) {
    char text[64];
    me->host->log(me->host->host, turn, ACTORD_LOG_INFO,
                  text_of(me, "%" PRIu64 " pulses so far", text, sizeof text));
    return ACTORD_OK;
  }
  if (message->kind != ACTORD_MSG_USER) return ACTORD_UNHANDLED;
  if (is(message->type, "meter.Read")) return meter_read(me, turn);
  if (!is(message->type, "meter.Pulse")) return ACTORD_UNHANDLED;
  return me->persist->persist(turn, VIEW("meter.Pulsed"), 1, VIEW(""));
}

static void meter_stop(void* self, actord_turn* turn, int32_t reason) {
  (void)self;
  (void)turn;
  (void)reason;
}

static void meter_destroy(void* self) { free(self); }

static actord_status meter_apply(void* self, const actord_event* event) {
  meter* me = self;
  if (!is(event->type, "meter.Pulsed")) return ACTORD_FAIL_STATE;
  me->count += 1;
  return ACTORD_OK;
}

/* A snapshot is whatever the plugin can read again; state_version tells which form it has. */
static actord_status meter_save(void* self, actord_writer* writer, const actord_persist_api* api) {
  char text[32];
  const actord_view body = text_of(self, "%" PRIu64, text, sizeof text);
  return api->write(writer, body.data, body.size);
}

static actord_status meter_load(void* self, uint32_t version, actord_view body) {
  meter* me = self;
  char text[32];
  if (version != 1 || body.size >= sizeof text) return ACTORD_FAIL_STATE;
  memcpy(text, body.data, body.size);
  text[body.size] = '\0';
  me->count = strtoull(text, NULL, 10);
  return ACTORD_OK;
}

static const void* meter_extension(const char* id) {
  static const actord_actor_persist persist = {
      .struct_size = sizeof(actord_actor_persist),
      .apply_event = meter_apply,
      .snapshot_save = meter_save,
      .snapshot_load = meter_load,
  };
  return strcmp(id, ACTORD_EXT_ACTOR_PERSIST) == 0 ? &persist : NULL;
}

static const actord_kind kinds[] = {{
    .struct_size = sizeof(actord_kind),
    .state_version = 1,
    .name = {"Meter", sizeof("Meter") - 1},
    .create = meter_create,
    .start = meter_start,
    .receive = meter_receive,
    .stop = meter_stop,
    .destroy = meter_destroy,
    .get_extension = meter_extension,
}};

static const actord_plugin plugin = {
    .struct_size = sizeof(actord_plugin),
    .abi_major = ACTORD_ABI_MAJOR,
    .abi_minor_built = ACTORD_ABI_MINOR,
    .abi_minor_min = 0,
    .id = {"meter", sizeof("meter") - 1},
    .version = {"1.0.0", sizeof("1.0.0") - 1},
    .kind_count = 1,
    .kind_stride = sizeof(actord_kind),
    .kinds = kinds,
};

ACTORD_EXPORT const actord_plugin* actord_plugin_entry_v1(void);
const actord_plugin* actord_plugin_entry_v1(void) { return &plugin; }
