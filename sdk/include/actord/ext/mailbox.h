/* actord.mailbox/1: holding up what another actor handles.
 *
 * A suspended actor handles no message of any kind, answers and notices among them; they wait in order,
 * within the bounds of its mailbox. It starts, stops, and is supervised as ever: a restart does not end the
 * suspension, the end of the actor does. When the host shuts down it stops without having handled what waits,
 * which becomes dead letters. */
#ifndef ACTORD_EXT_MAILBOX_H
#define ACTORD_EXT_MAILBOX_H

#include "actord/abi.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ACTORD_EXT_MAILBOX "actord.mailbox/1"

typedef struct actord_mailbox_api {
  uint32_t struct_size;
  uint32_t reserved;
  /* Records that an actor is suspended, after the turn that it is in. One that is suspended already, or has
   * ended: nothing. An actor may suspend itself; somebody else has to resume it. E_INVALID for nobody.
   * [turn] since 1.0 */
  actord_status (*suspend)(actord_turn* turn, actord_ref actor);
  /* Records that it goes on, whoever suspended it. [turn] since 1.0 */
  actord_status (*resume)(actord_turn* turn, actord_ref actor);
} actord_mailbox_api;

#ifdef __cplusplus
}
#endif
#endif
