// What the programs exit with (sysexits where they fit).
#pragma once

#include "base/status.hpp"

namespace actord::host {

enum ExitCode : int {
  kExitOk = 0,
  kExitFailed = 1,       // the daemon refused or the operation failed
  kExitDifferences = 2,  // diff found some
  kExitNotFound = 3,     // no such actor or letter
  kExitUsage = 64,
  kExitNoConfig = 66,      // the topology file is missing
  kExitUnreachable = 69,   // no daemon behind the socket
  kExitInternal = 70,      // a bug of ours
  kExitCannotCreate = 73,  // store, socket or lock cannot be created
  kExitStore = 74,         // the store cannot be read or written
  kExitTimeout = 75,
  kExitPermission = 77,
  kExitConfig = 78,  // topology or plugin not valid
};

// Of an error the daemon answered.
constexpr ExitCode exit_code_of(actord_status status) {
  switch (status) {
    case ACTORD_E_NOT_FOUND: return kExitNotFound;
    case ACTORD_E_INVALID: return kExitUsage;
    case ACTORD_E_CONFIG:
    case ACTORD_E_PLUGIN: return kExitConfig;
    case ACTORD_E_TIMEOUT:
    case ACTORD_FAIL_TIMEOUT: return kExitTimeout;
    case ACTORD_E_PERMISSION: return kExitPermission;
    case ACTORD_E_IO:
    case ACTORD_E_CORRUPT:
    case ACTORD_E_DISK_FULL: return kExitStore;
    case ACTORD_FAIL_INTERNAL: return kExitInternal;
    default: return kExitFailed;
  }
}

}  // namespace actord::host
