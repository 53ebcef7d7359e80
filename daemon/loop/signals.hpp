// Signals: a function per signal number, called on the loop thread (never in signal context).
#pragma once

#include <functional>
#include <map>

#include "base/status.hpp"
#include "loop/loop.hpp"

namespace actord::host {

class Signals {
 public:
  explicit Signals(Loop& loop) : loop_(loop) {}
  ~Signals();  // gives the signals their default action back
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  // Replaces an earlier function for the same signal. E_INVALID for one that cannot be caught.
  Result<void> on(int signo, std::function<void()> caught);

 private:
  struct State;
  Loop& loop_;
  std::map<int, State*> states_;
};

}  // namespace actord::host
