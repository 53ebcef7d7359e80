#include "base/status.hpp"

#include <cctype>
#include <string>

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

const std::vector<StatusCode>& status_codes() {
  static const std::vector<StatusCode> kCodes = {
#define ACTORD_STATUS(name, number, meaning) {number, #name, meaning},
#include "actord/status.def"
#undef ACTORD_STATUS
  };
  return kCodes;
}

const StatusCode* find_status(std::string_view text) {
  constexpr std::string_view kPrefix = "ACTORD_";
  std::string wanted(text.substr(0, 64));
  for (char& c : wanted) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  if (wanted.starts_with(kPrefix)) wanted.erase(0, kPrefix.size());
  for (const StatusCode& code : status_codes()) {
    if (code.name == wanted || std::to_string(code.number) == wanted) return &code;
  }
  return nullptr;
}

}  // namespace actord::host
