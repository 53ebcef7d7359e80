// Symbol: an interned name (message types, content types). Compared by address, never freed, so
// the number of distinct names is bounded (limits.hpp).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace actord::host {

class Symbol {
 public:
  Symbol() = default;
  // Nothing when the table is full or the name too long. Any thread.
  static std::optional<Symbol> intern(std::string_view name);
  // For names the daemon itself uses; asserts success.
  static Symbol of(std::string_view name);

  std::string_view name() const { return name_ == nullptr ? std::string_view() : *name_; }
  bool empty() const { return name_ == nullptr; }
  bool operator==(const Symbol&) const = default;

 private:
  explicit Symbol(const std::string* name) : name_(name) {}
  const std::string* name_ = nullptr;
};

}  // namespace actord::host
