// Breaker: a circuit breaker. It counts how calls to something unreliable end, and says no for a while
// when too many fail. It knows no actors and no clock; an actor asks it and tells it:
//
//   if (const auto call = breaker_.admit(context.now_ms())) {
//     context.ask(to, type, payload, timeout, [this, call = *call](Context& later, const Answer& answer) {
//       answer.ok() ? breaker_.succeeded(call, later.now_ms()) : breaker_.failed(call, later.now_ms());
//     });
//   } else {
//     context.reject_as(ACTORD_DEAD_BREAKER_OPEN, "...");
//   }
//
//             too many failures                 cool-down over, admit
//   kClosed --------------------------> kOpen ------------------------> kHalfOpen (one call: the probe)
//      ^  open()                          ^ open(), a longer cool-down       |         admit
//      |                                  +----------- it fails -------------+
//      +--------------------------------------------- it succeeds ----------+  close()
//
// A call belongs to the period in which it was admitted: what comes back from an earlier one changes
// nothing. So a late success from before the opening does not close the breaker, and a late failure does
// not open it again.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <optional>

namespace actord {

struct BreakerOptions {
  uint32_t failures = 5;      // in a row. 0: does not count
  double failure_rate = 0.5;  // of the last `window` calls, once there were so many
  uint32_t window = 0;        // calls. 0: the rate does not count
  uint64_t slow_ms = 0;       // a call that takes longer has failed. 0: none has
  uint64_t cool_down_ms = 10'000;
  double growth = 2.0;  // of the cool-down, each time the probe fails
  uint64_t cool_down_max_ms = 300'000;
};

class Breaker {
 public:
  enum class State : uint8_t { kClosed, kOpen, kHalfOpen };
  struct Call {
    uint64_t period = 0;
    uint64_t began_ms = 0;
  };

  explicit Breaker(BreakerOptions options = {})
      : options_(options), cool_down_ms_(options.cool_down_ms) {}

  State state() const noexcept { return state_; }
  uint32_t failures() const noexcept { return failures_; }  // in a row
  // When one will be admitted again; 0 when one would be now, or the probe is under way.
  uint64_t retry_at_ms() const noexcept { return state_ == State::kOpen ? retry_at_ms_ : 0; }

  // Whether a call may be made now; each that was admitted ends with one of the three below.
  std::optional<Call> admit(uint64_t now_ms) {
    if (state_ == State::kHalfOpen) return std::nullopt;  // the probe is under way
    if (state_ == State::kOpen) {
      if (now_ms < retry_at_ms_) return std::nullopt;
      enter(State::kHalfOpen);
    }
    return Call{period_, now_ms};
  }
  void succeeded(const Call& call, uint64_t now_ms) {
    if (call.period != period_) return;
    if (options_.slow_ms != 0 && now_ms - call.began_ms > options_.slow_ms)
      return failed(call, now_ms);
    if (state_ == State::kHalfOpen) return close();
    failures_ = 0;
    remember(false);
  }
  void failed(const Call& call, uint64_t now_ms) {
    if (call.period != period_) return;
    if (state_ == State::kHalfOpen) {
      const double longer = static_cast<double>(cool_down_ms_) * options_.growth;
      const double longest = static_cast<double>(options_.cool_down_max_ms);
      cool_down_ms_ = static_cast<uint64_t>(std::min(longer, longest));
      return open(now_ms);
    }
    ++failures_;
    remember(true);
    if (too_many()) open(now_ms);
  }
  // Nobody will know how it ended. The next call is a new probe, if this was one.
  void forgotten(const Call& call) {
    if (call.period == period_ && state_ == State::kHalfOpen) enter(State::kOpen);
  }

 private:
  void enter(State state) {
    state_ = state;
    ++period_;
  }
  void open(uint64_t now_ms) {
    enter(State::kOpen);
    retry_at_ms_ = now_ms + cool_down_ms_;
  }
  void close() {
    enter(State::kClosed);
    cool_down_ms_ = options_.cool_down_ms;
    failures_ = failed_in_window_ = 0;
    window_.clear();
  }
  void remember(bool failed) {
    if (options_.window == 0) return;
    window_.push_back(failed);
    if (failed) ++failed_in_window_;
    if (window_.size() <= options_.window) return;
    if (window_.front()) --failed_in_window_;
    window_.pop_front();
  }
  bool too_many() const {
    if (options_.failures != 0 && failures_ >= options_.failures) return true;
    return options_.window != 0 && window_.size() >= options_.window &&
           static_cast<double>(failed_in_window_) >=
               options_.failure_rate * static_cast<double>(options_.window);
  }

  BreakerOptions options_;
  State state_ = State::kClosed;
  uint64_t period_ = 1;
  uint64_t cool_down_ms_;
  uint64_t retry_at_ms_ = 0;
  uint32_t failures_ = 0;
  uint32_t failed_in_window_ = 0;
  std::deque<bool> window_;
};

}  // namespace actord
