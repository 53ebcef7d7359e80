// Timer: calls a function once, some milliseconds from now. Loop thread only.
#pragma once

#include <cstdint>
#include <functional>

#include "loop/loop.hpp"

namespace actord::host {

class Timer {
 public:
  // fired may arm this timer again, or destroy it.
  Timer(Loop& loop, std::function<void()> fired);
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  void arm(uint64_t delay_ms);  // replaces an earlier arm; 0 = in the next iteration
  void cancel();
  bool armed() const;

 private:
  struct State;
  State* const state_;
};

}  // namespace actord::host
