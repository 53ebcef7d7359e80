/* A manifest without code behind it. */
#include "actord/abi.h"
ACTORD_MANIFEST("{\"id\": \"no_entry\", \"version\": \"1\", \"kinds\": [{\"name\": \"Idle\"}]}");
