#include "core/dead_letter.hpp"

namespace actord::host {
namespace {

constexpr std::string_view kNames[kDeadReasonCount] = {"",
                                                       "no_such_actor",
                                                       "stale_incarnation",
                                                       "stopped",
                                                       "mailbox_full",
                                                       "dropped_oldest",
                                                       "expired",
                                                       "unhandled",
                                                       "handler_failed",
                                                       "attempts_exhausted",
                                                       "no_subscriber",
                                                       "breaker_open",
                                                       "stash_full",
                                                       "hop_limit",
                                                       "rejected",
                                                       "shutdown"};

}  // namespace

std::string_view dead_reason_name(DeadReason reason) { return kNames[static_cast<int>(reason)]; }

std::optional<DeadReason> parse_dead_reason(std::string_view name) {
  for (int i = 1; i < kDeadReasonCount; ++i) {
    if (kNames[i] == name) return static_cast<DeadReason>(i);
  }
  return std::nullopt;
}

}  // namespace actord::host
