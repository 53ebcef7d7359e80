// ChildFailure and Directive: what an actor with the member
//
//   Directive child_failed(Context&, const ChildFailure&);
//
// is asked when a child of it has failed, and what it may answer. Until then the child is held; the
// topology decides after 5 seconds, or when child_failed itself fails. See ext/supervise.h.
#pragma once

#include <cstdint>
#include <string_view>

#include "actord/bytes.hpp"
#include "actord/ext/supervise.h"
#include "actord/ref.hpp"

namespace actord {

enum class Directive : uint32_t {
  kDefault = ACTORD_DIRECTIVE_DEFAULT,    // what the topology says
  kResume = ACTORD_DIRECTIVE_RESUME,      // keeps its state, skips the message
  kRestart = ACTORD_DIRECTIVE_RESTART,    // within the topology's limits and delays
  kStop = ACTORD_DIRECTIVE_STOP,          // for good
  kEscalate = ACTORD_DIRECTIVE_ESCALATE,  // this actor has failed itself
  kPark = ACTORD_DIRECTIVE_PARK,          // kept, not run, until an operator resumes it
};

// A view; valid until child_failed returns.
class ChildFailure {
 public:
  explicit ChildFailure(const actord_child_failure& failure) noexcept : raw_(&failure) {}

  uint32_t failure_class() const noexcept { return raw_->failure_class; }  // ACTORD_FAILURE_*
  Ref child() const noexcept { return raw_->child; }
  std::string_view path() const noexcept { return to_string_view(raw_->path); }
  std::string_view name() const noexcept { return path().substr(path().rfind('/') + 1); }
  std::string_view kind() const noexcept { return to_string_view(raw_->kind); }
  actord_status status() const noexcept { return raw_->status; }
  std::string_view text() const noexcept { return to_string_view(raw_->text); }
  std::string_view message_type() const noexcept { return to_string_view(raw_->message_type); }
  uint64_t message_id() const noexcept { return raw_->message_id; }
  uint32_t attempt() const noexcept { return raw_->attempt; }    // of the message; 0: none
  uint64_t restarts() const noexcept { return raw_->restarts; }  // so far
  uint32_t restarts_in_window() const noexcept { return raw_->restarts_in_window; }
  bool resumable() const noexcept { return raw_->resumable != 0; }

 private:
  const actord_child_failure* raw_;
};

}  // namespace actord
