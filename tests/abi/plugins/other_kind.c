#define PLUGIN_ID "other_kind"
#define DESCRIPTOR_KIND "Busy"
#include "idle.h"
ACTORD_MANIFEST(IDLE_MANIFEST);
IDLE_PLUGIN;
