// What a subscription of the topology may say beside its topic and its target.
#pragma once

#include <cstdint>
#include <string>

namespace actord::host {

// What a throttle or debounce counts together.
enum class GroupBy : uint8_t { kAll, kTopic, kKey };

// At most `messages` in any stretch of `within_ms`; what is more is taken out.
struct ThrottleOptions {
  uint32_t messages = 0;  // 0: no throttle
  uint64_t within_ms = 1'000;
  GroupBy by = GroupBy::kAll;
  bool operator==(const ThrottleOptions&) const = default;
};

// The newest of a burst, when nothing has followed for `quiet_ms`, or after `longest_ms` of a burst
// that does not end.
struct DebounceOptions {
  uint64_t quiet_ms = 0;  // 0: no debounce
  uint64_t longest_ms = 0;
  GroupBy by = GroupBy::kTopic;
  bool operator==(const DebounceOptions&) const = default;
};

struct SubscriptionOptions {
  std::string where;  // see core/condition.hpp; empty: everything
  ThrottleOptions throttle;
  DebounceOptions debounce;
  bool operator==(const SubscriptionOptions&) const = default;
  bool plain() const { return *this == SubscriptionOptions{}; }
};

}  // namespace actord::host
