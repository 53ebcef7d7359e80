#include "base/status.hpp"

namespace actord::host {

std::string_view status_name(actord_status status) {
  switch (status) {
#define ACTORD_STATUS(name, number, meaning) \
  case number:                               \
    return #name;
#include "actord/status.def"
#undef ACTORD_STATUS
    default: return "UNKNOWN";
  }
}

std::string_view status_meaning(actord_status status) {
  switch (status) {
#define ACTORD_STATUS(name, number, meaning) \
  case number:                               \
    return meaning;
#include "actord/status.def"
#undef ACTORD_STATUS
    default: return "a code this host does not know";
  }
}

}  // namespace actord::host
