// Loop: the event loop of the loop thread (control socket, signals, one timer wake, file events).
//
// Everything in this folder belongs to the thread that calls run(), except post() and stop().
// Invariants: what is posted runs once, in order, on the loop thread; a function posted by a posted
// function runs after the I/O of the next iteration, so posting cannot starve the loop.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "base/mutex.hpp"

struct uv_loop_s;

namespace actord::host {

class Loop {
 public:
  // Ignores SIGPIPE for the process: a write to a peer that left is an error of that peer only.
  Loop();
  // Requires: all timers, signals, watchers, servers and connections of this loop are destroyed.
  // What was posted and has not run is dropped.
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Until stop(); may be called again.
  void run();
  // run() returns when all that was posted before has run. Any thread.
  void stop();
  // Any thread.
  void post(std::function<void()> function);

  uint64_t now_ms() const;  // monotonic, as of this iteration; loop thread only
  uv_loop_s* native();      // for this folder

 private:
  struct Native;

  void drain();

  const std::unique_ptr<Native> native_;
  std::vector<std::function<void()>> draining_;  // loop thread only
  Mutex mutex_;
  std::vector<std::function<void()>> posted_ ACTORD_GUARDED_BY(mutex_);
};

}  // namespace actord::host
