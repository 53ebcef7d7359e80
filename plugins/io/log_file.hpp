// LogFile: one open text file, known by device and inode, so that it stays itself when it is renamed.
//
// Rotation leaves a chain of names: NAME, NAME.1, NAME.2 ... (larger is older) or NAME-20250624 ...
// (smaller is older). A file that was being read is found again among them by its identity, and
// after() gives the next newer one. One that is gone from the chain is followed by the oldest file that
// was last written after it. Compressed files are not text and are not looked at.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "actord/result.hpp"

namespace io {

struct FileId {
  uint64_t device = 0;
  uint64_t inode = 0;
  explicit operator bool() const { return inode != 0; }
  friend bool operator==(FileId, FileId) = default;
};

class LogFile {
 public:
  LogFile(LogFile&& other) noexcept
      : descriptor_(std::exchange(other.descriptor_, -1)), id_(other.id_) {}
  LogFile& operator=(LogFile other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    std::swap(id_, other.id_);
    return *this;
  }
  ~LogFile();

  // Nothing when there is no such file. An error names the path: no permission, no regular file.
  static actord::Result<std::optional<LogFile>> open(const std::string& path);
  // The file with this identity, under path or one of its rotated names.
  static std::optional<LogFile> find(const std::string& path, FileId id);
  // The first file, oldest first, under path or its rotated names, that `wanted` accepts.
  static std::optional<LogFile> find_if(const std::string& path,
                                        const std::function<bool(const LogFile&)>& wanted);
  // What is to be read after this file: the next newer rotated one, or path itself. Nothing when path is
  // missing or still is this file.
  static actord::Result<std::optional<LogFile>> after(const std::string& path, const LogFile& file);
  // What is to be read after a file that is gone: the oldest rotated one written since, or path itself.
  static actord::Result<std::optional<LogFile>> written_since(const std::string& path,
                                                              int64_t unix_ns);

  FileId id() const { return id_; }
  // When it was last written.
  int64_t written_ns() const;
  uint64_t size() const;
  // Up to `count` bytes from offset; fewer at the end of the file.
  actord::Result<std::string> read(uint64_t offset, uint64_t count) const;

 private:
  LogFile(int descriptor, FileId id) : descriptor_(descriptor), id_(id) {}

  int descriptor_ = -1;
  FileId id_;
};

}  // namespace io
