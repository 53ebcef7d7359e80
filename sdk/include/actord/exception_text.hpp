// exception_text: what an exception says, in words for people. A JSON library's own prefix and its
// names of things mean nothing to who sent the message.
#pragma once

#include <exception>
#include <string>
#include <string_view>

namespace actord {

inline std::string exception_text(const std::exception& problem) {
  std::string_view text = problem.what();
  constexpr std::string_view kJson = "[json.exception.";
  if (!text.starts_with(kJson)) return std::string(text);
  const std::size_t end = text.find("] ");
  if (end == std::string_view::npos) return std::string(text);
  text.remove_prefix(end + 2);
  constexpr std::string_view kKey = "key '", kNotFound = "' not found";
  if (text.starts_with(kKey) && text.ends_with(kNotFound)) {
    text.remove_prefix(kKey.size());
    text.remove_suffix(kNotFound.size());
    return "lacks the key \"" + std::string(text) + "\"";
  }
  constexpr std::string_view kType = "type must be ", kBut = ", but is ";
  if (const std::size_t but = text.find(kBut);
      text.starts_with(kType) && but != std::string_view::npos) {
    return "has a value that is " + std::string(text.substr(but + kBut.size())) +
           " where it wants " + std::string(text.substr(kType.size(), but - kType.size()));
  }
  return std::string(text);
}

}  // namespace actord
