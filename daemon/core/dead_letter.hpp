// A dead letter: a message that will not be handled, with its reason.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/uuid.hpp"

namespace actord::host {

// The numbers are the ABI's ACTORD_DEAD_*.
enum class DeadReason : int32_t {
  kNoSuchActor = 1,
  kStaleIncarnation = 2,
  kStopped = 3,
  kMailboxFull = 4,
  kDroppedOldest = 5,
  kExpired = 6,
  kUnhandled = 7,
  kHandlerFailed = 8,
  kAttemptsExhausted = 9,
  kNoSubscriber = 10,
  kBreakerOpen = 11,
  kStashFull = 12,
  kHopLimit = 13,
  kRejected = 14,
  kShutdown = 15,
};
inline constexpr int kDeadReasonCount = 16;  // one past the last

std::string_view dead_reason_name(DeadReason reason);  // "mailbox_full"
std::optional<DeadReason> parse_dead_reason(std::string_view name);

struct DeadLetter {
  uint64_t id = 0;  // given by the store; 0 until then
  int64_t unix_ms = 0;
  DeadReason reason = DeadReason::kNoSuchActor;
  std::string to;    // path, or topic for no_subscriber
  std::string from;  // path; empty: from outside
  std::string type;
  std::string topic;
  std::string content_type;
  std::string error;  // words: what went wrong
  Uuid correlation;
  uint64_t message_id = 0;
  uint64_t causation_id = 0;
  uint32_t attempts = 1;
  uint64_t size = 0;  // of the whole payload
  Bytes payload;      // cut to kDeadLetterPayloadBytes when stored
};

}  // namespace actord::host
