/* actord.inlet/1: the only door for threads that a plugin owns. */
#ifndef ACTORD_EXT_INLET_H
#define ACTORD_EXT_INLET_H

#include "actord/abi.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ACTORD_EXT_INLET "actord.inlet/1"

typedef struct actord_inlet actord_inlet; /* opaque */

typedef struct actord_inlet_api {
  uint32_t struct_size;
  uint32_t reserved;
  /* An inlet into this actor's mailbox. It closes by itself when the instance ends, but the handle
   * stays valid until inlet_close. E_LIMIT past 64 an actor. [turn] since 1.0 */
  actord_status (*open)(actord_turn* turn, actord_inlet** out);
  /* Posts a message from outside: E_FULL when the mailbox is full (nothing is dropped: slow down
   * and try again), E_CLOSED when the instance has ended. Each gets its own correlation id.
   * [any] since 1.0 */
  actord_status (*post)(actord_inlet* inlet, actord_view type, actord_view payload);
  /* Frees the handle. Requires: no post on it is running or will be. [any] since 1.0 */
  void (*close)(actord_inlet* inlet);
} actord_inlet_api;

#ifdef __cplusplus
}
#endif
#endif
