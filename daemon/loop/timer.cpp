#include "loop/timer.hpp"

#include "loop/handle.hpp"

namespace actord::host {

struct Timer::State {
  uv_timer_t native;
  std::function<void()> fired;
};

Timer::Timer(Loop& loop, std::function<void()> fired) : state_(new State{{}, std::move(fired)}) {
  ACTORD_ASSERT(uv_timer_init(loop.native(), &state_->native) == 0);
  state_->native.data = state_;
}

Timer::~Timer() { close_and_delete(state_); }

void Timer::arm(uint64_t delay_ms) {
  // libuv counts from the start of the iteration; without this a timer armed at the end of a long
  // one would fire early.
  uv_update_time(state_->native.loop);
  uv_timer_start(
      &state_->native, [](uv_timer_t* timer) { static_cast<State*>(timer->data)->fired(); },
      delay_ms, 0);
}

void Timer::cancel() { uv_timer_stop(&state_->native); }

bool Timer::armed() const { return uv_is_active(as_handle(&state_->native)) != 0; }

}  // namespace actord::host
