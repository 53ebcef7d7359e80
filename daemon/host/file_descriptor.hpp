// FileDescriptor: owns one open file. FileReader: reads at offsets, never past the end.
#pragma once

#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <string>
#include <utility>

namespace actord::host {

class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }

  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

// What a hostile file claims about offsets and sizes is checked here, in one place. The file may
// shrink while it is read: that is a failed read, not a crash, because nothing is mapped.
class FileReader {
 public:
  FileReader(int fd, uint64_t size) : fd_(fd), size_(size) {}

  uint64_t size() const { return size_; }
  bool contains(uint64_t offset, uint64_t count) const {
    return offset <= size_ && count <= size_ - offset;
  }
  // All of it, or false.
  bool read(uint64_t offset, void* out, uint64_t count) const {
    if (!contains(offset, count)) return false;
    auto* at = static_cast<char*>(out);
    while (count > 0) {
      const ssize_t n = ::pread(fd_, at, count, static_cast<off_t>(offset));
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return false;
      at += n;
      offset += static_cast<uint64_t>(n);
      count -= static_cast<uint64_t>(n);
    }
    return true;
  }
  bool read(uint64_t offset, uint64_t count, std::string& out) const {
    if (!contains(offset, count)) return false;
    out.resize(count);
    return read(offset, out.data(), count);
  }

 private:
  int fd_;
  uint64_t size_;
};

}  // namespace actord::host
