#include "core/topic.hpp"

#include "base/limits.hpp"

namespace actord::host {
namespace {

Result<std::vector<std::string>> split(std::string_view text, const char* what) {
  const auto bad = [&](const char* why) {
    return Error{ACTORD_E_INVALID,
                 std::string(what) + " \"" + std::string(text.substr(0, 80)) + "\": " + why};
  };
  if (text.size() > limits::kTopicBytes) return bad("longer than 255 bytes");
  std::vector<std::string> segments;
  for (size_t at = 0; at <= text.size();) {
    const size_t end = std::min(text.find_first_of("./", at), text.size());
    if (end == at) return bad("empty segment");
    segments.emplace_back(text.substr(at, end - at));
    at = end + 1;
  }
  if (segments.size() > limits::kTopicSegments) return bad("more than 16 segments");
  return segments;
}

bool has_wildcard(std::string_view segment) {
  return segment.find_first_of("*?") != std::string_view::npos;
}

}  // namespace

Result<Topic> Topic::parse(std::string_view text) {
  ACTORD_TRY_ASSIGN(auto segments, split(text, "topic"));
  for (const auto& segment : segments) {
    if (has_wildcard(segment)) {
      return Error{ACTORD_E_INVALID,
                   "topic \"" + std::string(text) + "\": wildcards belong in patterns"};
    }
  }
  return Topic{std::string(text), std::move(segments)};
}

Result<TopicPattern> TopicPattern::parse(std::string_view text) {
  ACTORD_TRY_ASSIGN(auto segments, split(text, "pattern"));
  for (const auto& segment : segments) {
    if (has_wildcard(segment) && segment.size() > 1) {
      return Error{ACTORD_E_INVALID, "pattern \"" + std::string(text) + "\": '" + segment +
                                         "' mixes a wildcard with text; '*' and '?' stand alone"};
    }
  }
  return TopicPattern{std::string(text), std::move(segments)};
}

// Row by row over the pattern: reach[i] = the pattern so far matches the first i topic segments.
// Polynomial whatever the pattern, unlike backtracking on "*.*.*".
bool TopicPattern::matches(const Topic& topic) const {
  const size_t count = topic.segments.size();
  std::vector<char> reach(count + 1, 0);
  reach[0] = 1;
  for (const auto& segment : segments) {
    if (segment == "*") {
      for (size_t i = 1; i <= count; ++i) reach[i] = static_cast<char>(reach[i] | reach[i - 1]);
      continue;
    }
    for (size_t i = count; i > 0; --i) {
      const bool fits = segment == "?" || segment == topic.segments[i - 1];
      reach[i] = static_cast<char>(fits ? reach[i - 1] : 0);
    }
    reach[0] = 0;
  }
  return reach[count] != 0;
}

}  // namespace actord::host
