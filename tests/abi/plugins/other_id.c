#define PLUGIN_ID "other_id"
#define DESCRIPTOR_ID "somebody_else"
#include "idle.h"
ACTORD_MANIFEST(IDLE_MANIFEST);
IDLE_PLUGIN;
