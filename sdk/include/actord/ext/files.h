/* actord.files/1: be told when a file changes. */
#ifndef ACTORD_EXT_FILES_H
#define ACTORD_EXT_FILES_H

#include "actord/abi.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ACTORD_EXT_FILES "actord.files/1"

typedef struct actord_files_api {
  uint32_t struct_size;
  uint32_t reserved;
  /* Records watching the directory of path: FILE_CHANGED with type = path arrives after the file
   * was written, created, renamed or removed. A hint, coalesced, and silent on file systems without
   * inotify: poll as well, slowly. Ends with the instance. E_LIMIT past 64 an actor.
   * [turn] since 1.0 */
  actord_status (*watch)(actord_turn* turn, actord_view path);
} actord_files_api;

#ifdef __cplusplus
}
#endif
#endif
