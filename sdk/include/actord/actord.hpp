// The C++ side of the SDK in one include: everything but the JSON codec (json.hpp), settings
// (settings.hpp) and the TestKit (testkit.hpp).
#pragma once

#include "actord/actor.hpp"
#include "actord/plugin.hpp"
#include "actord/result.hpp"
