// Paint: colour on a terminal, plain text elsewhere.
#pragma once

#include <string>
#include <string_view>

namespace actord::host {

enum class Colour { kPlain, kBold, kDim, kRed, kGreen, kYellow };

class Paint {
 public:
  explicit Paint(bool on) : on_(on) {}

  std::string operator()(Colour colour, std::string_view text) const {
    if (!on_ || colour == Colour::kPlain) return std::string(text);
    return std::string(start(colour)) + std::string(text) + "\x1b[0m";
  }

 private:
  static const char* start(Colour colour) {
    switch (colour) {
      case Colour::kPlain: return "";
      case Colour::kBold: return "\x1b[1m";
      case Colour::kDim: return "\x1b[2m";
      case Colour::kRed: return "\x1b[31m";
      case Colour::kGreen: return "\x1b[32m";
      case Colour::kYellow: return "\x1b[33m";
    }
    return "";
  }

  const bool on_;
};

}  // namespace actord::host
