// Topics and patterns. Segments are split by '.' or '/', which are the same.
// In a pattern '*' = zero or more segments, '?' = exactly one; they stand alone in a segment.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.hpp"

namespace actord::host {

struct Topic {
  std::string text;
  std::vector<std::string> segments;
  // Refuses empty segments, wildcards, more than kTopicSegments segments or kTopicBytes bytes.
  static Result<Topic> parse(std::string_view text);
};

struct TopicPattern {
  std::string text;
  std::vector<std::string> segments;
  static Result<TopicPattern> parse(std::string_view text);  // refuses empty segments, "a*"
  bool matches(const Topic& topic) const;  // O(topic segments · pattern segments)
};

}  // namespace actord::host
