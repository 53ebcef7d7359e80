#include "storage/store_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

#include "storage/data_dir.hpp"

namespace actord::host {
namespace {

std::string holder(int fd) {
  char text[256];
  const ssize_t size = pread(fd, text, sizeof text, 0);
  const std::string_view all(text, size > 0 ? static_cast<size_t>(size) : 0);
  const std::string_view line = all.substr(0, all.find('\n'));
  return line.empty() ? "another process" : "process " + std::string(line);
}

}  // namespace

Result<StoreLock> StoreLock::take(const std::string& file, Uuid instance,
                                  const std::string& boot_id) {
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
  if (fd < 0) return system_error("cannot open the lock " + file, errno);
  StoreLock lock(fd);
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return system_error("cannot lock " + file, errno);
    return Error{ACTORD_E_LOCKED, holder(fd) + " holds the store (" + file +
                                      "); stop it, or give this daemon another data directory"};
  }
  const std::string text =
      std::to_string(getpid()) + "\n" + boot_id + "\n" + instance.text() + "\n";
  if (ftruncate(fd, 0) != 0 ||
      pwrite(fd, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) {
    return system_error("cannot write the lock " + file, errno);
  }
  return lock;
}

StoreLock::StoreLock(StoreLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

StoreLock& StoreLock::operator=(StoreLock&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

void StoreLock::release() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

std::string read_boot_id() {
  std::string id;
  std::ifstream("/proc/sys/kernel/random/boot_id") >> id;
  return id;
}

}  // namespace actord::host
