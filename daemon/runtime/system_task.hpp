// SystemTask: what the host asks of a cell, to be done on the cell's own strand. Never dropped, never
// seen by a plugin.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <variant>

#include "core/child_failure.hpp"
#include "core/durable_log.hpp"
#include "core/failure.hpp"

namespace actord::host {

using HydrationAnswer =
    std::variant<Result<OpenedActor>, Result<std::optional<LoadedSnapshot>>, Result<EventBatch>>;

struct SystemTask {
  enum class Kind : uint8_t {
    kStart,      // make an instance, hydrate it, run its first turn
    kUnwind,     // end the instance; reason = ACTORD_STOP_*
    kTerminate,  // no instance any more: close the mailbox and end the cell
    kFail,       // count as failed (a child escalated); failure
    kOptions,    // the topology's options for it have changed
    kHydration,  // the store's answer; answer, instance
    kDecide,     // a child has failed: what becomes of it; child
    kResume,     // the failed instance goes on; failure
    kAskWaits,   // a request has waited for a while; ask
    kSuspend,    // no message is handled, until:
    kContinue,
  };
  Kind kind;
  int32_t reason = 0;
  uint64_t instance = 0;
  Failure failure;
  std::shared_ptr<HydrationAnswer> answer;
  std::shared_ptr<const ChildFailure> child = nullptr;
  uint64_t ask = 0;
};

}  // namespace actord::host
