// Span: where something was written. 1-based; columns count characters, not bytes.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace actord::host {

struct Span {
  std::string file;
  uint32_t line = 0;  // 0: nowhere
  uint32_t column = 0;
  uint32_t width = 1;  // characters, for the caret line

  bool known() const { return line != 0; }
  std::string text() const;  // "topology.yaml:34:9"
  // Where a thing was said is no part of what was said: values that carry spans compare without them.
  bool operator==(const Span&) const { return true; }
};

// The spans of the keys below a thing, by dotted name ("mailbox.capacity").
class KeySpans {
 public:
  void set(const std::string& key, Span span) { spans_[key] = std::move(span); }
  // The key's span, else that of the nearest key around it, else `otherwise`.
  const Span& find(std::string_view key, const Span& otherwise) const;
  bool has(const std::string& key) const { return spans_.count(key) != 0; }
  bool operator==(const KeySpans&) const { return true; }

 private:
  std::map<std::string, Span> spans_;
};

}  // namespace actord::host
