/* actord.timers/1: keyed, replaceable timers that end with the actor's instance. */
#ifndef ACTORD_EXT_TIMERS_H
#define ACTORD_EXT_TIMERS_H

#include "actord/abi.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ACTORD_EXT_TIMERS "actord.timers/1"

typedef struct actord_timers_api {
  uint32_t struct_size;
  uint32_t reserved;
  /* Records arming the timer named key (at most 128 bytes): after delay_ms the actor receives TIMER
   * with type = key and this payload; then, with period_ms > 0, every period_ms, where ticks missed
   * during a pause come as one. A timer of the same key is replaced; a fire of the old one that is
   * already queued is not delivered. Restart cancels all. E_LIMIT past 10,000 timers an actor.
   * [turn] since 1.0 */
  actord_status (*set)(actord_turn* turn, actord_view key, uint64_t delay_ms, uint64_t period_ms,
                       actord_view payload);
  /* Records disarming it; unknown keys are fine. [turn] since 1.0 */
  void (*cancel)(actord_turn* turn, actord_view key);
} actord_timers_api;

#ifdef __cplusplus
}
#endif
#endif
