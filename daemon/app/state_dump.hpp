// StateDump: what status and ps answer, in one file, for when nobody can reach the control socket.
#pragma once

#include <string>

#include "engine/admin.hpp"

namespace actord::host {

// Whole or absent: the dump before is replaced when this one is written. The log names the file.
void dump_state(Admin& admin, const std::string& file);

}  // namespace actord::host
