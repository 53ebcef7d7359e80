#define PLUGIN_ID "not_persistent"
#include "idle.h"
ACTORD_MANIFEST(
    "{\"id\": \"not_persistent\", \"version\": \"1\", \"kinds\": [{\"name\": \"Idle\", "
    "\"persistent\": true}]}");
IDLE_PLUGIN;
