// ActorPath: "/orders/ledger". One to kPathDepth segments of [A-Za-z0-9._-]{1,64}; "/" is the root.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.hpp"

namespace actord::host {

class ActorPath {
 public:
  ActorPath() : text_("/") {}
  static Result<ActorPath> parse(std::string_view text);
  static bool valid_segment(std::string_view name);

  // Requires: valid_segment(name).
  ActorPath child(std::string_view name) const;
  ActorPath parent() const;       // of the root: the root
  std::string_view name() const;  // last segment; empty for the root
  uint64_t depth() const;         // number of segments; of the root: 0
  bool is_root() const { return text_.size() == 1; }
  bool is_under(const ActorPath& ancestor) const;  // strictly below
  const std::string& text() const { return text_; }
  bool operator==(const ActorPath&) const = default;
  auto operator<=>(const ActorPath&) const = default;

 private:
  explicit ActorPath(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

}  // namespace actord::host
