#include "loop/loop.hpp"

#include <csignal>

#include "base/limits.hpp"
#include "loop/handle.hpp"

namespace actord::host {
namespace {

// Memory kept for the queue between bursts.
constexpr size_t kQueueKept = 4'096;

}  // namespace

struct Loop::Native {
  uv_loop_t loop;
  uv_async_t wake;
};

Loop::Loop() : native_(std::make_unique<Native>()) {
  std::signal(SIGPIPE, SIG_IGN);
  ACTORD_ASSERT(uv_loop_init(&native_->loop) == 0);
  native_->wake.data = this;
  ACTORD_ASSERT(uv_async_init(&native_->loop, &native_->wake, [](uv_async_t* wake) {
                  static_cast<Loop*>(wake->data)->drain();
                }) == 0);
}

Loop::~Loop() {
  // Before the check, because a posted function may own a connection or timer.
  std::vector<std::function<void()>> dropped;
  {
    const MutexLock lock(mutex_);
    dropped.swap(posted_);
  }
  dropped.clear();
  uv_close(as_handle(&native_->wake), nullptr);
  uv_walk(
      &native_->loop, [](uv_handle_t* handle, void*) { ACTORD_ASSERT(uv_is_closing(handle)); },
      nullptr);
  uv_run(&native_->loop, UV_RUN_DEFAULT);
  ACTORD_ASSERT(uv_loop_close(&native_->loop) == 0);
}

void Loop::run() { uv_run(&native_->loop, UV_RUN_DEFAULT); }

void Loop::stop() {
  post([this] { uv_stop(&native_->loop); });
}

void Loop::post(std::function<void()> function) {
  bool first = false;
  {
    const MutexLock lock(mutex_);
    ACTORD_ASSERT(posted_.size() < limits::kLoopPostsMax);
    first = posted_.empty();
    posted_.push_back(std::move(function));
  }
  if (first) uv_async_send(&native_->wake);
}

uint64_t Loop::now_ms() const { return uv_now(&native_->loop); }
uv_loop_s* Loop::native() { return &native_->loop; }

void Loop::drain() {
  {
    const MutexLock lock(mutex_);
    draining_.swap(posted_);
  }
  for (auto& function : draining_) {
    function();
    function = nullptr;  // what it holds goes now, not after the whole batch
  }
  draining_.clear();
  if (draining_.capacity() > kQueueKept) draining_.shrink_to_fit();
}

}  // namespace actord::host
