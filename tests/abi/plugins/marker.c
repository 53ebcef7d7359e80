/* A correct plugin that leaves a mark: proves that the mark works. */
#define PLUGIN_ID "marker"
#include "idle.h"
ACTORD_MANIFEST(IDLE_MANIFEST);
IDLE_PLUGIN;
