// Text for people.
#pragma once

#include <string>
#include <vector>

namespace actord::host {

// "a, b, c"
inline std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const auto& part : parts) text += (text.empty() ? "" : ", ") + part;
  return text;
}

}  // namespace actord::host
