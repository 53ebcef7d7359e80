// Bytes: immutable bytes counted by reference. The same object is the ABI's actord_buf.
//
// A Buffer is made writable, filled, sealed once, and never changes again; from then on any thread
// may read it and hold references.
#pragma once

#include <atomic>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>

namespace actord::host {

struct Buffer {
  std::atomic<uint32_t> references;
  uint32_t sealed;
  uint64_t size;
  uint64_t capacity;

  char* data() { return reinterpret_cast<char*>(this + 1); }
  const char* data() const { return reinterpret_cast<const char*>(this + 1); }

  // One reference belongs to the caller.
  static Buffer* make(uint64_t capacity);
  void seal(uint64_t used);
  void ref() { references.fetch_add(1, std::memory_order_relaxed); }
  void unref();
};

class Bytes {
 public:
  Bytes() = default;
  explicit Bytes(std::string_view text);                        // copies
  static Bytes adopt(Buffer* buffer) { return Bytes(buffer); }  // takes the caller's reference
  static Bytes share(Buffer* buffer) {
    if (buffer != nullptr) buffer->ref();
    return Bytes(buffer);
  }
  Bytes(const Bytes& other) : buffer_(other.buffer_) {
    if (buffer_ != nullptr) buffer_->ref();
  }
  Bytes(Bytes&& other) noexcept : buffer_(std::exchange(other.buffer_, nullptr)) {}
  Bytes& operator=(Bytes other) noexcept {
    std::swap(buffer_, other.buffer_);
    return *this;
  }
  ~Bytes() {
    if (buffer_ != nullptr) buffer_->unref();
  }

  bool empty() const { return buffer_ == nullptr || buffer_->size == 0; }
  uint64_t size() const { return buffer_ == nullptr ? 0 : buffer_->size; }
  std::string_view view() const {
    return buffer_ == nullptr ? std::string_view()
                              : std::string_view(buffer_->data(), buffer_->size);
  }
  Buffer* buffer() const { return buffer_; }  // borrowed

 private:
  explicit Bytes(Buffer* buffer) : buffer_(buffer) {}
  Buffer* buffer_ = nullptr;
};

}  // namespace actord::host
