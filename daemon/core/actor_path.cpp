#include "core/actor_path.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "base/limits.hpp"

namespace actord::host {

bool ActorPath::valid_segment(std::string_view name) {
  if (name.empty() || name.size() > limits::kPathSegmentBytes) return false;
  if (name == "." || name == "..") return false;
  for (const char c : name) {
    const bool ok = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '.' || c == '_' || c == '-';
    if (!ok) return false;
  }
  return true;
}

Result<ActorPath> ActorPath::parse(std::string_view text) {
  const auto bad = [&](const char* why) {
    return Error{ACTORD_E_INVALID,
                 "\"" + std::string(text.substr(0, 80)) + "\" is no actor path: " + why};
  };
  if (text == "/") return ActorPath();
  if (text.empty() || text.front() != '/') return bad("it must begin with /");
  if (text.size() > limits::kPathBytes) return bad("it is longer than 255 bytes");
  size_t depth = 0;
  for (size_t at = 1; at <= text.size();) {
    const size_t end = std::min(text.find('/', at), text.size());
    if (!valid_segment(text.substr(at, end - at))) {
      return bad("each segment is 1 to 64 of letters, digits, '.', '_' and '-'");
    }
    if (++depth > limits::kPathDepth) return bad("it has more than 16 segments");
    at = end + 1;
  }
  return ActorPath(std::string(text));
}

ActorPath ActorPath::child(std::string_view name) const {
  ACTORD_ASSERT(valid_segment(name));
  std::string text = is_root() ? std::string() : text_;
  text += '/';
  text += name;
  return ActorPath(std::move(text));
}

ActorPath ActorPath::parent() const {
  const size_t slash = text_.rfind('/');
  return slash == 0 ? ActorPath() : ActorPath(text_.substr(0, slash));
}

std::string_view ActorPath::name() const {
  return std::string_view(text_).substr(text_.rfind('/') + 1);
}

uint64_t ActorPath::depth() const {
  return is_root() ? 0 : static_cast<uint64_t>(std::count(text_.begin(), text_.end(), '/'));
}

bool ActorPath::is_under(const ActorPath& ancestor) const {
  if (ancestor.is_root()) return !is_root();
  const auto& prefix = ancestor.text_;
  return text_.size() > prefix.size() && text_.compare(0, prefix.size(), prefix) == 0 &&
         text_[prefix.size()] == '/';
}

}  // namespace actord::host
