// A tag: a word that several actors carry, and by which others find them.
#pragma once

#include <algorithm>
#include <string_view>

#include "base/limits.hpp"

namespace actord::host {

// 1 to kTagBytes letters, digits, '.', '_', '-', ':' and '/'.
constexpr bool valid_tag(std::string_view text) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-' || c == ':' || c == '/';
  };
  return !text.empty() && text.size() <= limits::kTagBytes &&
         std::all_of(text.begin(), text.end(), allowed);
}

}  // namespace actord::host
