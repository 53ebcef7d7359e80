/* The smallest useful plugin: echoes, counts persistently, and arms a timer. */
#include <string.h>

#include "actord/abi.h"
#include "actord/ext/persist.h"
#include "actord/ext/timers.h"

#ifndef BUILD
#define BUILD "1.0"
#endif

ACTORD_MANIFEST("{\"id\": \"good\", \"version\": \"" BUILD
                "\", \"kinds\": ["
                "{\"name\": \"Echo\", \"accepts\": [\"good.Ping\"], \"emits\": [\"good.Pong\"],"
                " \"settings\": {\"greeting\": {\"type\": \"string\", \"default\": \"hello\"}}},"
                "{\"name\": \"Counter\", \"persistent\": true, \"state_version\": 2}]}");

static const actord_host_api* host;

static actord_view text(const char* s) {
  actord_view view;
  view.data = s;
  view.size = strlen(s);
  return view;
}

static int is(actord_view view, const char* s) {
  return view.size == strlen(s) && memcmp(view.data, s, view.size) == 0;
}

static actord_status create(const actord_create_args* args, void** self) {
  static int counts[16];
  static int next;
  host = args->host;
  *self = &counts[next++ % 16];
  return ACTORD_OK;
}
static actord_status start(void* self, actord_turn* turn) {
  const actord_timers_api* timers = host->get_extension(host->host, ACTORD_EXT_TIMERS);
  (void)self;
  return timers->set(turn, text("tick"), 1000, 0, text(""));
}
static void stop(void* self, actord_turn* turn, int32_t reason) {
  (void)self;
  (void)turn;
  (void)reason;
}
static void destroy(void* self) { *(int*)self = 0; }

static actord_status echo(void* self, actord_turn* turn, const actord_message* message) {
  actord_send answer;
  (void)self;
  if (!is(message->type, "good.Ping")) return ACTORD_UNHANDLED;
  memset(&answer, 0, sizeof answer);
  answer.struct_size = sizeof answer;
  answer.type = text("good.Pong");
  answer.payload = text(BUILD);
  return host->reply(turn, &answer);
}

static actord_status count(void* self, actord_turn* turn, const actord_message* message) {
  const actord_persist_api* persist = host->get_extension(host->host, ACTORD_EXT_PERSIST);
  (void)self;
  (void)message;
  return persist->persist(turn, text("counted"), 1, text("1"));
}
static actord_status apply_event(void* self, const actord_event* event) {
  (void)event;
  ++*(int*)self;
  return ACTORD_OK;
}
static actord_status snapshot_save(void* self, actord_writer* writer,
                                   const actord_persist_api* api) {
  return api->write(writer, self, sizeof(int));
}
static actord_status snapshot_load(void* self, uint32_t version, actord_view body) {
  if (version != 2 || body.size != sizeof(int)) return ACTORD_FAIL_STATE;
  memcpy(self, body.data, sizeof(int));
  return ACTORD_OK;
}
static const actord_actor_persist persist_table = {
    sizeof(actord_actor_persist), 0, apply_event, snapshot_save, snapshot_load, NULL};
static const void* counter_extension(const char* id) {
  return strcmp(id, ACTORD_EXT_ACTOR_PERSIST) == 0 ? &persist_table : NULL;
}

static const actord_kind kinds[] = {
    {sizeof(actord_kind), 0, {"Echo", 4}, create, start, echo, stop, destroy, NULL},
    {sizeof(actord_kind),
     2,
     {"Counter", 7},
     create,
     start,
     count,
     stop,
     destroy,
     counter_extension}};
static const actord_plugin plugin = {sizeof(actord_plugin),
                                     ACTORD_ABI_MAJOR,
                                     ACTORD_ABI_MINOR,
                                     0,
                                     {"good", 4},
                                     {BUILD, sizeof BUILD - 1},
                                     NULL,
                                     2,
                                     sizeof(actord_kind),
                                     kinds};

ACTORD_EXPORT const actord_plugin* actord_plugin_entry_v1(void);
ACTORD_EXPORT const actord_plugin* actord_plugin_entry_v1(void) { return &plugin; }
