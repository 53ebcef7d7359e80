#include "core/failure.hpp"

namespace actord::host {

std::string_view failure_class_name(FailureClass failure) {
  switch (failure) {
    case FailureClass::kTransient: return "transient";
    case FailureClass::kPermanent: return "permanent";
    case FailureClass::kPoison: return "poison";
    case FailureClass::kTimeout: return "timeout";
    case FailureClass::kConfig: return "config";
    case FailureClass::kStart: return "start";
    case FailureClass::kHydration: return "hydration";
  }
  return "permanent";
}

FailureClass failure_class_of(actord_status status) {
  switch (status) {
    case ACTORD_FAIL_TRANSIENT: return FailureClass::kTransient;
    case ACTORD_FAIL_POISON: return FailureClass::kPoison;
    case ACTORD_FAIL_CONFIG: return FailureClass::kConfig;
    case ACTORD_FAIL_STATE: return FailureClass::kHydration;
    case ACTORD_FAIL_TIMEOUT: return FailureClass::kTimeout;
    default: return FailureClass::kPermanent;
  }
}

}  // namespace actord::host
