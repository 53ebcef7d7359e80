/* actord.spawn/1: children, death watch and links. */
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
   * The child inherits this actor's mailbox and supervision options. When the name is taken, the
   * kind unknown or the parent at its limit of children at release, nothing starts and a watcher gets
   * TERMINATED (NO_SUCH).
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
  /* As watch, but instead of TERMINATED a message of this actor's own making arrives: kind USER with the
   * type, payload, content_type and key of message, from = the actor that has ended, reason =
   * ACTORD_STOP_*. It is refused by no mailbox. Once it has been handed over it is a message like any
   * other (it may be put off, rejected, forwarded). Watching the same actor again replaces it.
   * Errors: as send. to, reply_to, token, flags and expires_in_ms do not count. [turn] since 1.0 */
  actord_status (*watch_with)(actord_turn* turn, actord_ref other, const actord_send* message);
  /* Records a link: the two share their fate. When one of them ends for good because it has failed (given
   * up by its supervisor, abandoned, or fallen with a link of its own), the other ends too, with
   * ACTORD_STOP_FAILED, after its stop hook and whatever its "restart" says. A normal end (asked for by
   * itself, its parent, an operator, a reload or the end of the host) only ends the link, and so does
   * nothing short of an end: failures that are resumed or restarted, and being parked. A link belongs to
   * the two addresses, not to the instances: it survives restarts. It has no direction, and linking twice
   * is linking once. To link to an actor that has ended or never was is to link to one that has failed.
   * Who wants to be told instead of ending watches. Errors: E_INVALID (nobody). Past 1,000 links of one
   * actor nothing is linked, which is logged. [turn] since 1.0 */
  actord_status (*link)(actord_turn* turn, actord_ref other);
  /* Records the end of a link, whichever of the two had made it. [turn] since 1.0 */
  void (*unlink)(actord_turn* turn, actord_ref other);
} actord_spawn_api;

#ifdef __cplusplus
}
#endif
#endif
