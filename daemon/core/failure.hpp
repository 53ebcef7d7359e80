// Failure: why an actor failed, as supervision sees it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.hpp"

namespace actord::host {

enum class FailureClass : uint8_t {
  kTransient,
  kPermanent,
  kPoison,
  kTimeout,
  kConfig,
  kStart,
  kHydration,
};
inline constexpr size_t kFailureClasses = 7;
std::string_view failure_class_name(FailureClass failure);

struct Failure {
  FailureClass failure = FailureClass::kPermanent;
  actord_status status = ACTORD_FAIL_PERMANENT;
  std::string text;          // what the handler said
  std::string message_type;  // of the message it failed at; empty outside receive
  uint64_t message_id = 0;
  uint32_t attempt = 0;  // of that message; 0: none
};

// What a callback of a behavior answered.
struct Outcome {
  actord_status status = ACTORD_OK;
  std::string text;
  bool failed() const { return status < 0; }
};

FailureClass failure_class_of(actord_status status);

}  // namespace actord::host
