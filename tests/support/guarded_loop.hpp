// GuardedLoop: a Loop whose run() ends with a failure instead of hanging.
#pragma once

#include <gtest/gtest.h>

#include "loop/loop.hpp"
#include "loop/timer.hpp"

namespace actord::host {

class GuardedLoop {
 public:
  void run() {
    Timer guard(loop_, [this] {
      ADD_FAILURE() << "nothing stopped the loop";
      loop_.stop();
    });
    guard.arm(kPatienceMs);
    loop_.run();
  }
  void stop() { loop_.stop(); }
  Loop& operator*() { return loop_; }
  Loop* operator->() { return &loop_; }

 private:
  static constexpr uint64_t kPatienceMs = 30'000;
  Loop loop_;
};

}  // namespace actord::host
