/* actord.spawn/1: children and death watch. */
#ifndef ACTORD_EXT_SPAWN_H
#define ACTORD_EXT_SPAWN_H

#include "actord/abi.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ACTORD_EXT_SPAWN "actord.spawn/1"

typedef struct actord_spawn_api {
  uint32_t struct_size;
  uint32_t reserved;
  /* Records starting a child of this actor and gives its reference at once; messages sent to it in
   * the same turn reach it. name: one path segment, [A-Za-z0-9._-]{1,64}. kind: "plugin.Type".
   * settings: JSON object, may be empty. persistence_id: identity in the store; empty = the path.
   * The child inherits this actor's mailbox and supervision options. When the name is taken or the
   * kind unknown at release, nothing starts and a watcher gets TERMINATED (NO_SUCH).
   * Errors: E_INVALID, E_LIMIT (1,024 spawns a turn), E_WRONG_PHASE. [turn] since 1.0 */
  actord_status (*spawn)(actord_turn* turn, actord_view name, actord_view kind,
                         actord_view settings, actord_view persistence_id, actord_ref* out);
  /* Records stopping a child of this actor (or itself). [turn] since 1.0 */
  actord_status (*stop)(actord_turn* turn, actord_ref child);
  /* Records the wish to be told, exactly once, when the actor ends: TERMINATED with from = it. At
   * once, if it has ended already. [turn] since 1.0 */
  actord_status (*watch)(actord_turn* turn, actord_ref other);
  /* Records taking that back; a notice already queued is not delivered. [turn] since 1.0 */
  void (*unwatch)(actord_turn* turn, actord_ref other);
} actord_spawn_api;

#ifdef __cplusplus
}
#endif
#endif
