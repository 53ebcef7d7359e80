/* actord.persist/1: events, snapshots and hydration.
 *
 * Both halves stand here. A kind is persistent when its get_extension("actord.actor.persist/1") is
 * not NULL and its manifest says "persistent": true.
 *
 * Order of an instance's life: create, [snapshot_load], apply_event*, recovered, start, receive*.
 * persist() records an event and at once applies it through the actor's own apply_event, so live
 * handling and hydration change state by the same code. Effects of the turn leave only when its
 * events are durable. If the turn fails, the event never was; the instance is thrown away and the
 * next one hydrates from what is durable.
 */
#ifndef ACTORD_EXT_PERSIST_H
#define ACTORD_EXT_PERSIST_H

#include "actord/abi.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ACTORD_EXT_PERSIST "actord.persist/1"
#define ACTORD_EXT_ACTOR_PERSIST "actord.actor.persist/1"

typedef struct actord_event {
  uint32_t struct_size;
  uint32_t version; /* of the event's type, chosen by the plugin */
  uint64_t seq;     /* 1, 2, 3 ... per actor, never reused */
  int64_t unix_ms;  /* when it was recorded; informative */
  actord_view type;
  actord_view body;
} actord_event;

/* Host side. */
typedef struct actord_persist_api {
  uint32_t struct_size;
  uint32_t reserved;
  /* Records one event of this turn and applies it. Errors: E_LIMIT (body over 1 MiB, more than
   * 1,024 events or 4 MiB a turn), E_WRONG_PHASE, or what apply_event answered; after an error of
   * apply_event the turn can only fail. [turn] since 1.0 */
  actord_status (*persist)(actord_turn* turn, actord_view type, uint32_t version, actord_view body);
  /* Records the wish for a snapshot of the state after this turn. [turn] since 1.0 */
  actord_status (*snapshot)(actord_turn* turn);
  /* Sequence number of the newest event recorded or applied; 0 = none. [turn] since 1.0 */
  uint64_t (*last_seq)(actord_turn* turn);
  /* Appends to a snapshot being saved. E_LIMIT past 64 MiB. [turn] since 1.0 */
  actord_status (*write)(actord_writer* writer, const void* data, uint64_t size);
} actord_persist_api;

/* Actor side. */
typedef struct actord_actor_persist {
  uint32_t struct_size;
  uint32_t reserved;
  /* Changes state by one event; must not depend on anything but state and event. [apply] */
  actord_status (*apply_event)(void* self, const actord_event* event);
  /* Writes the whole state. NULL: the kind has no snapshots. [turn] */
  actord_status (*snapshot_save)(void* self, actord_writer* writer, const actord_persist_api* api);
  /* Replaces the state. version: state_version it was written with. [apply] */
  actord_status (*snapshot_load)(void* self, uint32_t version, actord_view body);
  /* Hydration is complete; the place to take up unfinished work. May be NULL. [turn] */
  actord_status (*recovered)(void* self, actord_turn* turn);
} actord_actor_persist;

#ifdef __cplusplus
}
#endif
#endif
