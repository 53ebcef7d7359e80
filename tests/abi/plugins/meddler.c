/* Changes, when it is loaded, what belongs to the whole process. */
#include <fenv.h>
#include <signal.h>
#include <sys/stat.h>
#define PLUGIN_ID "meddler"
#include "idle.h"
ACTORD_MANIFEST(IDLE_MANIFEST);
__attribute__((constructor)) static void meddle(void) {
  umask(0);
  if (chdir("/") != 0) abort();
  signal(SIGUSR1, SIG_IGN);
  fesetround(FE_UPWARD);
}
IDLE_PLUGIN;
