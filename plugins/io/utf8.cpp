#include "utf8.hpp"

namespace io {
namespace {

struct Lead {
  int length;               // of the sequence; 0: no lead byte
  unsigned char low, high;  // what the second byte may be
};

// The well-formed sequences of Unicode's table 3-7: no overlong forms, no surrogates, nothing past
// U+10FFFF.
Lead lead_of(unsigned char byte) {
  if (byte >= 0xc2 && byte <= 0xdf) return {2, 0x80, 0xbf};
  if (byte == 0xe0) return {3, 0xa0, 0xbf};
  if (byte == 0xed) return {3, 0x80, 0x9f};
  if (byte >= 0xe1 && byte <= 0xef) return {3, 0x80, 0xbf};
  if (byte == 0xf0) return {4, 0x90, 0xbf};
  if (byte >= 0xf1 && byte <= 0xf3) return {4, 0x80, 0xbf};
  if (byte == 0xf4) return {4, 0x80, 0x8f};
  return {0, 0, 0};
}

// Bytes of the character at the front; 0: there is none.
std::size_t character(std::string_view bytes) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  if (byte(0) < 0x80) return byte(0) == 0 ? 0 : 1;
  const Lead lead = lead_of(byte(0));
  const auto length = static_cast<std::size_t>(lead.length);
  if (length == 0 || bytes.size() < length || byte(1) < lead.low || byte(1) > lead.high) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if (byte(i) < 0x80 || byte(i) > 0xbf) return 0;
  }
  return length;
}

}  // namespace

std::string clean_text(std::string_view bytes, uint64_t* replaced) {
  std::string text;
  text.reserve(bytes.size());
  while (!bytes.empty()) {
    const std::size_t length = character(bytes);
    if (length == 0) {
      text += "\xef\xbf\xbd";
      ++*replaced;
    } else {
      text.append(bytes.substr(0, length));
    }
    bytes.remove_prefix(length == 0 ? 1 : length);
  }
  return text;
}

}  // namespace io
