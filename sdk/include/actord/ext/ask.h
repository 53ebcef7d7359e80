/* actord.ask/1: a request whose answer, failure or timeout arrives once, as a message. */
#ifndef ACTORD_EXT_ASK_H
#define ACTORD_EXT_ASK_H

#include "actord/abi.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ACTORD_EXT_ASK "actord.ask/1"

typedef struct actord_ask_api {
  uint32_t struct_size;
  uint32_t reserved;
  /* Records a request. Exactly one of REPLY or ASK_FAILED with token = *out_ask follows, unless
   * this instance ends first. timeout_ms is clamped to 1 .. 86,400,000. ASK_FAILED comes at once
   * when the request becomes a dead letter. An expired request is not handed to its target.
   * Errors: as send; E_LIMIT past 10,000 pending asks. [turn] since 1.0 */
  actord_status (*ask)(actord_turn* turn, const actord_send* message, uint64_t timeout_ms,
                       uint64_t* out_ask);
  /* Records giving up on a request: nothing more arrives for it. [turn] since 1.0 */
  void (*cancel)(actord_turn* turn, uint64_t ask);
} actord_ask_api;

#ifdef __cplusplus
}
#endif
#endif
