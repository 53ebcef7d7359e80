/* actord.stash/1: what becomes of single messages that were put off.
 *
 * A handler that answers ACTORD_DEFER puts its message off: the host keeps it for the actor (at most
 * 10,000), and unstash_all of the core table hands all of them back. With this extension an actor takes
 * them up in an order of its own choice: message_id of a message is its name for as long as the actor
 * lives, however often it is put off. Each one still ends exactly once: what an actor has put off and an
 * instance of it never takes up comes back to the next instance, in order, or becomes a dead letter with
 * the actor.
 *
 * A message_id that is not put off at that time (taken up already, ended, or never this actor's) is a
 * nothing. So is one that is put off by the very turn that names it.
 */
#ifndef ACTORD_EXT_STASH_H
#define ACTORD_EXT_STASH_H

#include "actord/abi.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ACTORD_EXT_STASH "actord.stash/1"

typedef struct actord_stash_api {
  uint32_t struct_size;
  uint32_t reserved;
  /* Records handing one message back: it is the next to be handled, ahead of the mailbox. Several of one
   * turn come in the order named, ahead of what unstash_all hands back in the same turn.
   * Errors: E_INVALID (0), E_LIMIT, E_WRONG_PHASE. [turn] since 1.0 */
  actord_status (*unstash)(actord_turn* turn, uint64_t message_id);
  /* Records passing one on unchanged, as forward does with the current message. Notices of the host
   * (replies, timers, ends of others) cannot be passed on and stay put off.
   * Errors: as unstash; E_INVALID for a bad path. [turn] since 1.0 */
  actord_status (*forward)(actord_turn* turn, uint64_t message_id, actord_ref to,
                           actord_view to_path);
  /* Records one as a dead letter with reason REJECTED and text; its sender is told as by reject.
   * Errors: as unstash. [turn] since 1.0 */
  actord_status (*reject)(actord_turn* turn, uint64_t message_id, actord_view text);
} actord_stash_api;

#ifdef __cplusplus
}
#endif
#endif
