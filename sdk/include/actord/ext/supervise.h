/* actord.actor.supervise/1: an actor decides what becomes of a child that has failed.
 *
 * Actor side. A kind supervises when its get_extension("actord.actor.supervise/1") is not NULL. Each
 * failure of a child of its instances is then asked about, on the parent's own turn; a kind that does
 * not care about a failure answers ACTORD_DIRECTIVE_DEFAULT, and the topology decides as if nobody had
 * been asked.
 *
 * Until the answer the child is held: it handles nothing, its mailbox and its instance are kept. The
 * topology decides at once when the parent does not run, is ending, or fails in decide; and after
 * 5 seconds when it has not answered by then. An answer after that is a counted nothing, and so is one
 * about a child that was stopped, parked or restarted meanwhile.
 *
 * Whatever is answered, the restart limits, the total and the backoff of the topology count: a restart
 * over the limit is what the limit says.
 */
#ifndef ACTORD_EXT_SUPERVISE_H
#define ACTORD_EXT_SUPERVISE_H

#include "actord/abi.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ACTORD_EXT_ACTOR_SUPERVISE "actord.actor.supervise/1"

/* What becomes of the child. */
#define ACTORD_DIRECTIVE_DEFAULT 0u /* what the topology says */
/* Goes on with its state and its timers; the message it failed at is skipped (a dead letter). When
 * resumable is 0 there is nothing to go on with, and it means restart. */
#define ACTORD_DIRECTIVE_RESUME 1u
#define ACTORD_DIRECTIVE_RESTART 2u  /* with the topology's backoff; "restart: never" stays never */
#define ACTORD_DIRECTIVE_STOP 3u     /* given up for good, TERMINATED with FAILED */
#define ACTORD_DIRECTIVE_ESCALATE 4u /* the parent itself has failed */
#define ACTORD_DIRECTIVE_PARK 5u     /* kept, not run, until an operator resumes it */

/* Why it failed. New classes may be added: answer an unknown one with DEFAULT. */
#define ACTORD_FAILURE_TRANSIENT 1u
#define ACTORD_FAILURE_PERMANENT 2u
#define ACTORD_FAILURE_POISON 3u
#define ACTORD_FAILURE_TIMEOUT 4u
#define ACTORD_FAILURE_CONFIG 5u
#define ACTORD_FAILURE_START 6u     /* its first turn failed */
#define ACTORD_FAILURE_HYDRATION 7u /* its journal could not be read or applied */

/* One failure. Views are valid until decide returns. */
typedef struct actord_child_failure {
  uint32_t struct_size;
  uint32_t failure_class; /* ACTORD_FAILURE_* */
  actord_ref child;
  actord_view path;
  actord_view kind;         /* "plugin.Type" */
  actord_status status;     /* what its callback answered */
  uint32_t attempt;         /* of the message it failed at; 0: none */
  actord_view text;         /* what it said */
  actord_view message_type; /* empty: it did not fail at a message */
  uint64_t message_id;
  uint64_t restarts;           /* of this child so far, all of them */
  uint32_t restarts_in_window; /* of those that count towards its limit */
  uint32_t resumable;          /* 1: its instance is there and can go on */
} actord_child_failure;

typedef struct actord_actor_supervise {
  uint32_t struct_size;
  uint32_t reserved;
  /* Decides about one failure. *directive is ACTORD_DIRECTIVE_DEFAULT on entry; an unknown answer is
   * taken for it, and logged. The turn may record effects like any other; they and the directive happen
   * together, in this order, when its events are durable. A failure status fails the parent; then the
   * topology decides about the child. [turn] since 1.0 */
  actord_status (*decide)(void* self, actord_turn* turn, const actord_child_failure* failure,
                          uint32_t* directive);
} actord_actor_supervise;

#ifdef __cplusplus
}
#endif
#endif
