/* actord.registry/1: tags, by which actors are found without knowing their paths.
 *
 * An actor carries the tags that the topology gives it (tags: [..]) until it begins to stop for good:
 * through restarts, backoff and parking, when what is sent to it waits in its mailbox. Those that its code
 * adds end with the instance, as its subscriptions do. A tag is 1 to 128 letters, digits and . _ - : /
 *
 * Who follows a tag receives ACTORD_MSG_LISTED: one PRESENT for each actor that carries it, then ALL, then
 * one ADDED or REMOVED for each change, in the order in which they happened. Of a follower that is slow,
 * changes that undo each other before it was told of the first are left out. REMOVED comes when an actor
 * begins to stop, so that nobody gives it new work; when its path is free, a watch tells. */
#ifndef ACTORD_EXT_REGISTRY_H
#define ACTORD_EXT_REGISTRY_H

#include "actord/abi.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ACTORD_EXT_REGISTRY "actord.registry/1"

/* actord_message.reason of ACTORD_MSG_LISTED; from = the actor, type = the tag, text = its path. */
#define ACTORD_LISTED_PRESENT 0 /* carried it when the following began */
#define ACTORD_LISTED_ALL 1     /* these were all; from is nobody */
#define ACTORD_LISTED_ADDED 2
#define ACTORD_LISTED_REMOVED 3 /* carries it no longer, or is about to stop */

typedef struct actord_registry_api {
  uint32_t struct_size;
  uint32_t reserved;
  /* Records that this actor carries a tag; of one it carries already nothing changes. E_INVALID for what is
   * no tag. An actor carries at most 64, the topology's among them: past that nothing happens but a log
   * line. [turn] since 1.0 */
  actord_status (*tag)(actord_turn* turn, actord_view tag);
  /* Records the end of that. What the topology gave stays. [turn] since 1.0 */
  void (*untag)(actord_turn* turn, actord_view tag);
  /* Records following a tag, at most 64 at a time (as above); it ends with the instance. Following it again
   * begins anew with PRESENT. E_INVALID for what is no tag. [turn] since 1.0 */
  actord_status (*follow)(actord_turn* turn, actord_view tag);
  /* Takes back notices that are queued, too. [turn] since 1.0 */
  void (*unfollow)(actord_turn* turn, actord_view tag);
  /* Those that carry a tag now, the oldest first: at most capacity of them to out, and their number to
   * count. A local look-up that may be out of date as soon as it returns. Requires: out has room for
   * capacity references, or capacity is 0. E_INVALID for what is no tag. [turn] since 1.0 */
  actord_status (*find)(actord_turn* turn, actord_view tag, actord_ref* out, uint64_t capacity,
                        uint64_t* count);
  /* Messages an actor has in its mailbox now, the one it is handling among them. Likewise out of date at
   * once. E_NOT_FOUND when that actor has ended. [turn] since 1.0 */
  actord_status (*load)(actord_turn* turn, actord_ref actor, uint64_t* messages);
} actord_registry_api;

#ifdef __cplusplus
}
#endif
#endif
