#include "storage/commit_mark.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/crc32c.hpp"
#include "base/little_endian.hpp"
#include "storage/data_dir.hpp"

namespace actord::host {
namespace {

constexpr size_t kSlotBytes = 64;
constexpr size_t kCheckedBytes = 60;

void encode(const Mark& mark, char* slot) {
  char* at = put_le(put_le(put_le(slot, mark.gseq, 8), mark.commit, 8), mark.event_crc, 4);
  at = put_le(put_le(at, mark.store.hi, 8), mark.store.lo, 8);
  at = put_le(put_le(at, mark.boot.hi, 8), mark.boot.lo, 8);
  at = put_le(at, static_cast<uint64_t>(mark.unix_ms), 8);
  put_le(at, crc32c(0, {slot, kCheckedBytes}), 4);
}

std::optional<Mark> decode(const char* slot) {
  const char* at = slot;
  Mark mark;
  mark.gseq = get_le(at, 8);
  mark.commit = get_le(at, 8);
  mark.event_crc = static_cast<uint32_t>(get_le(at, 4));
  mark.store.hi = get_le(at, 8);
  mark.store.lo = get_le(at, 8);
  mark.boot.hi = get_le(at, 8);
  mark.boot.lo = get_le(at, 8);
  mark.unix_ms = static_cast<int64_t>(get_le(at, 8));
  if (get_le(at, 4) != crc32c(0, {slot, kCheckedBytes})) return std::nullopt;
  return mark;
}

}  // namespace

Result<std::optional<Mark>> CommitMark::read(const std::string& file) {
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0 && errno == ENOENT) return std::optional<Mark>();
  if (fd < 0) return system_error("cannot open " + file, errno);
  std::optional<Mark> newest;
  for (int i = 0; i < 2; ++i) {
    char slot[kSlotBytes];
    if (pread(fd, slot, sizeof slot, static_cast<off_t>(kSlotBytes) * i) !=
        static_cast<ssize_t>(sizeof slot))
      continue;
    const auto mark = decode(slot);
    if (mark && (!newest || mark->commit > newest->commit)) newest = mark;
  }
  ::close(fd);
  return newest;
}

Result<CommitMark> CommitMark::open(const std::string& file) {
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
  if (fd < 0) return system_error("cannot open " + file, errno);
  return CommitMark(fd);
}

Result<void> CommitMark::write(const Mark& mark) {
  char slot[kSlotBytes];
  encode(mark, slot);
  const off_t place = static_cast<off_t>(kSlotBytes * (mark.commit % 2));
  if (pwrite(fd_, slot, sizeof slot, place) != static_cast<ssize_t>(sizeof slot)) {
    return system_error("cannot write the commit mark", errno);
  }
  return {};
}

CommitMark::CommitMark(CommitMark&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

CommitMark& CommitMark::operator=(CommitMark&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

CommitMark::~CommitMark() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace actord::host
