// A mutex that clang's thread-safety analysis can follow (g++ ignores the attributes).
#pragma once

#include <mutex>

#if defined(__clang__)
#define ACTORD_THREAD_ATTRIBUTE(x) __attribute__((x))
#else
#define ACTORD_THREAD_ATTRIBUTE(x)
#endif
#define ACTORD_GUARDED_BY(x) ACTORD_THREAD_ATTRIBUTE(guarded_by(x))
#define ACTORD_REQUIRES(...) ACTORD_THREAD_ATTRIBUTE(requires_capability(__VA_ARGS__))
#define ACTORD_EXCLUDES(...) ACTORD_THREAD_ATTRIBUTE(locks_excluded(__VA_ARGS__))

namespace actord::host {

class ACTORD_THREAD_ATTRIBUTE(capability("mutex")) Mutex {
 public:
  void lock() ACTORD_THREAD_ATTRIBUTE(acquire_capability()) { mutex_.lock(); }
  void unlock() ACTORD_THREAD_ATTRIBUTE(release_capability()) { mutex_.unlock(); }
  std::mutex& native() { return mutex_; }  // for condition variables

 private:
  std::mutex mutex_;
};

class ACTORD_THREAD_ATTRIBUTE(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) ACTORD_THREAD_ATTRIBUTE(acquire_capability(mutex))
      : mutex_(mutex) {
    mutex_.lock();
  }
  ~MutexLock() ACTORD_THREAD_ATTRIBUTE(release_capability()) { mutex_.unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

}  // namespace actord::host
