#include "topology/span.hpp"

namespace actord::host {

std::string Span::text() const {
  if (!known()) return file;
  return file + ":" + std::to_string(line) + ":" + std::to_string(column);
}

const Span& KeySpans::find(std::string_view key, const Span& otherwise) const {
  for (std::string name(key); !name.empty();) {
    if (const auto it = spans_.find(name); it != spans_.end()) return it->second;
    const size_t dot = name.rfind('.');
    name.resize(dot == std::string::npos ? 0 : dot);
  }
  return otherwise;
}

}  // namespace actord::host
