// CommitMark: a second memory of how far the store had come, in a file beside it.
//
// SQLite drops a damaged WAL frame and everything after it without a word. The mark is written after
// every commit, so at the next start a journal that ends before the mark tells of vanished events.
// It is not synced: after a power loss it may lag, which is normal; it never runs ahead.
//
// Format: two slots of 64 bytes, used in turn, so that a torn write leaves the other. Little-endian:
// gseq 8, commit number 8, checksum of the event gseq 4, store 16, boot 16, unix_ms 8, crc32c of
// those 60 bytes 4.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/status.hpp"
#include "base/uuid.hpp"

namespace actord::host {

struct Mark {
  uint64_t gseq = 0;  // newest event that was committed
  uint64_t commit = 0;
  uint32_t event_crc = 0;
  Uuid store, boot;
  int64_t unix_ms = 0;
};

class CommitMark {
 public:
  // Opens, without creating: the newest good slot, or nothing.
  static Result<std::optional<Mark>> read(const std::string& file);
  static Result<CommitMark> open(const std::string& file);
  CommitMark(CommitMark&& other) noexcept;
  CommitMark& operator=(CommitMark&& other) noexcept;
  ~CommitMark();

  Result<void> write(const Mark& mark);

 private:
  explicit CommitMark(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace actord::host
