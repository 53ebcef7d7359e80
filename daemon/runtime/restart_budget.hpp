// RestartBudget: how many restarts the whole host makes in a time, so that one broken dependency under
// many actors does not become a stampede. What is over it waits; nothing is refused.
//
// A virtual schedule (GCRA): each restart takes within/restarts of time, and the schedule may be ahead
// of the clock by one whole `within`. So `restarts` may come at once, and the rate after that is even.
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/actor_options.hpp"

namespace actord::host {

class RestartBudget {
 public:
  void set(const HostPolicy& policy) {
    restarts_ = policy.budget_restarts;
    within_ms_ = policy.budget_within_ms;
  }

  // Takes one restart; returns how long it has to wait for its place.
  uint64_t take(uint64_t now_ms) {
    if (restarts_ == 0) return 0;
    const double each = static_cast<double>(within_ms_) / restarts_;
    const double now = static_cast<double>(now_ms);
    const double place = std::max(next_, now);
    next_ = place + each;
    const double ahead = next_ - now - static_cast<double>(within_ms_);
    return ahead > 0 ? static_cast<uint64_t>(ahead) + 1 : 0;
  }

 private:
  uint32_t restarts_ = HostPolicy{}.budget_restarts;
  uint64_t within_ms_ = HostPolicy{}.budget_within_ms;
  double next_ = 0;  // monotonic ms
};

}  // namespace actord::host
