/* Leaves a trace when a plugin's code runs at all: the file that ACTORD_TEST_MARKER names. */
#ifndef MARKER_H
#define MARKER_H

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

__attribute__((constructor)) static void leave_marker(void) {
  const char* path = getenv("ACTORD_TEST_MARKER");
  if (path == NULL) return;
  const int fd = open(path, O_WRONLY | O_CREAT, 0600);
  if (fd >= 0) close(fd);
}

#endif
