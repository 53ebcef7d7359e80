// Supervision: what to do about a failure. A pure function of policy, history and time.
#pragma once

#include <cstdint>
#include <deque>

#include "base/random.hpp"
#include "core/actor_options.hpp"
#include "core/child_failure.hpp"
#include "core/failure.hpp"

namespace actord::host {

struct FailureHistory {
  std::deque<uint64_t> restarts_ms;  // inside the window, oldest first; monotonic
  uint32_t consecutive = 0;          // restarts since it last ran for reset_after
  uint64_t running_since_ms = 0;     // 0: not since the last restart
};

struct Decision {
  Directive directive = Directive::kRestart;
  uint64_t delay_ms = 0;   // of kRestart
  uint32_t in_window = 0;  // restarts counted, this one included
  bool at_limit = false;   // the directive is the limit's `then`, not the failure class's
};

// Counts the failure in history. chosen: by the parent's code, instead of what the topology says of the
// failure class; limits, delays and "never" hold all the same.
Decision decide(const SupervisionOptions& options, const Failure& failure, uint64_t now_ms,
                FailureHistory& history, Random& random, ChosenDirective chosen = {});

// Whether the instance goes on with its state as if the message had not come.
bool resumes(const SupervisionOptions& options, FailureClass failure);

uint64_t backoff_delay_ms(const BackoffOptions& options, uint32_t attempt, Random& random);

}  // namespace actord::host
