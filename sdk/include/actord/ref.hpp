// Ref: names one incarnation of one actor. A value, compared and stored freely; a Ref of an actor
// that has ended is harmless. Target: a Ref, or an absolute path resolved when the turn is released.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "actord/abi.h"

namespace actord {

struct Ref {
  uint64_t slot = 0;
  uint64_t incarnation = 0;

  constexpr Ref() noexcept = default;
  constexpr Ref(uint64_t slot_number, uint64_t incarnation_number) noexcept
      : slot(slot_number), incarnation(incarnation_number) {}
  constexpr Ref(actord_ref ref) noexcept : slot(ref.slot), incarnation(ref.incarnation) {}

  constexpr operator actord_ref() const noexcept { return {slot, incarnation}; }
  explicit constexpr operator bool() const noexcept { return slot != 0 || incarnation != 0; }
  friend constexpr bool operator==(Ref a, Ref b) noexcept {
    return a.slot == b.slot && a.incarnation == b.incarnation;
  }
};

struct Target {
  Ref ref;
  std::string_view path;

  Target(Ref to) noexcept : ref(to) {}
  Target(std::string_view to) noexcept : path(to) {}
  Target(const char* to) noexcept : path(to) {}
  Target(const std::string& to) noexcept : path(to) {}
};

}  // namespace actord

template <>
struct std::hash<actord::Ref> {
  std::size_t operator()(actord::Ref ref) const noexcept {
    return std::hash<uint64_t>()(ref.slot * 0x9e3779b97f4a7c15u ^ ref.incarnation);
  }
};
