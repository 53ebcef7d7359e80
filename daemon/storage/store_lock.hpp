// StoreLock: one daemon per data directory. A flock on a file of its own, which the kernel frees when
// the holder dies, and which says who holds it.
#pragma once

#include <string>

#include "base/status.hpp"
#include "base/uuid.hpp"

namespace actord::host {

class StoreLock {
 public:
  // E_LOCKED names the holder.
  static Result<StoreLock> take(const std::string& file, Uuid instance, const std::string& boot_id);
  StoreLock(StoreLock&& other) noexcept;
  StoreLock& operator=(StoreLock&& other) noexcept;
  ~StoreLock() { release(); }
  void release();

 private:
  explicit StoreLock(int fd) : fd_(fd) {}
  int fd_;
};

std::string read_boot_id();  // of this run of the kernel; empty when unknown

}  // namespace actord::host
