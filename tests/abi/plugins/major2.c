/* Built for an ABI of the future. */
#define PLUGIN_ID "major2"
#include "idle.h"
ACTORD_MANIFEST_MAJOR_(IDLE_MANIFEST, 2u);
IDLE_PLUGIN;
