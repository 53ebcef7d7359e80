/* actord.topics/1: subscriptions made by code. Those in the topology need none of this.
 *
 * Pattern: segments split by '.' or '/', '*' = zero or more segments, '?' = exactly one. */
#ifndef ACTORD_EXT_TOPICS_H
#define ACTORD_EXT_TOPICS_H

#include "actord/abi.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ACTORD_EXT_TOPICS "actord.topics/1"

typedef struct actord_topics_api {
  uint32_t struct_size;
  uint32_t reserved;
  /* Records a subscription of this actor; it ends with the instance. One copy of a message arrives
   * however many patterns match. E_INVALID for an empty segment. [turn] since 1.0 */
  actord_status (*subscribe)(actord_turn* turn, actord_view pattern);
  void (*unsubscribe)(actord_turn* turn, actord_view pattern);
} actord_topics_api;

#ifdef __cplusplus
}
#endif
#endif
