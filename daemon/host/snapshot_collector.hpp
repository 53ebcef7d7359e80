// SnapshotCollector: what an actord_writer* points to; collects a snapshot that an actor writes.
#pragma once

#include <algorithm>
#include <cstring>

#include "base/bytes.hpp"
#include "base/limits.hpp"
#include "base/status.hpp"

namespace actord::host {

class SnapshotCollector {
 public:
  SnapshotCollector() = default;
  SnapshotCollector(const SnapshotCollector&) = delete;
  SnapshotCollector& operator=(const SnapshotCollector&) = delete;
  ~SnapshotCollector() {
    if (buffer_ != nullptr) buffer_->unref();
  }

  actord_status write(const void* data, uint64_t size) {
    if (size > limits::kSnapshotBytes - used_) {
      over_limit_ = true;  // also when the plugin ignores the answer
      return ACTORD_E_LIMIT;
    }
    if (size == 0) return ACTORD_OK;
    if (buffer_ == nullptr || size > buffer_->capacity - used_) grow(used_ + size);
    std::memcpy(buffer_->data() + used_, data, size);
    used_ += size;
    return ACTORD_OK;
  }
  bool over_limit() const { return over_limit_; }
  Bytes take() {
    if (buffer_ == nullptr) return {};
    buffer_->seal(used_);
    return Bytes::adopt(std::exchange(buffer_, nullptr));
  }

 private:
  void grow(uint64_t wanted) {
    Buffer* larger = Buffer::make(std::max<uint64_t>({wanted, 2 * used_, 4096}));
    if (buffer_ != nullptr) {
      std::memcpy(larger->data(), buffer_->data(), used_);
      buffer_->unref();
    }
    buffer_ = larger;
  }

  Buffer* buffer_ = nullptr;  // not sealed
  uint64_t used_ = 0;
  bool over_limit_ = false;
};

}  // namespace actord::host
