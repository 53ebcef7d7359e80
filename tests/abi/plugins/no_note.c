/* A shared library that has the entry symbol but says nothing about itself. */
#define PLUGIN_ID "no_note"
#include "idle.h"
IDLE_PLUGIN;
