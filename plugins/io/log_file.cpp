#include "log_file.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

namespace io {
namespace {

using actord::Error, actord::Result;

FileId id_of(const struct stat& status) { return {status.st_dev, status.st_ino}; }

std::optional<FileId> id_at(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  return id_of(status);
}

struct Rotated {
  std::string path;
  bool numbered = false;
  uint32_t number = 0;

  bool older_than(const Rotated& other) const {
    if (numbered && other.numbered) return number > other.number;
    if (numbered != other.numbered) return other.numbered;
    return path < other.path;
  }
};

// "1" is a number; "20250624" and "2025-06-24" are dates; "gz" and "bak" are something else.
std::optional<Rotated> rotated_name(const std::string& path, std::string_view suffix) {
  if (suffix.empty() || suffix.find_first_not_of("0123456789-_T") != std::string_view::npos)
    return std::nullopt;
  const bool digits = suffix.find_first_not_of("0123456789") == std::string_view::npos;
  if (!digits || suffix.size() > 4) return Rotated{path};
  return Rotated{path, true, static_cast<uint32_t>(std::stoul(std::string(suffix)))};
}

// The rotated files beside path, oldest first.
std::vector<Rotated> rotated_beside(const std::string& path) {
  const auto slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
  std::vector<Rotated> found;
  // Not opendir: the thread sanitizer sees only open() begin a descriptor's life. libuv ends them with
  // a raw system call, so a number it used before would still count as the loop's.
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return found;
  DIR* directory = ::fdopendir(descriptor);
  if (directory == nullptr) {
    ::close(descriptor);
    return found;
  }
  while (const dirent* entry = ::readdir(directory)) {
    const std::string_view other = entry->d_name;
    if (other.size() <= name.size() + 1 || !other.starts_with(name)) continue;
    if (other[name.size()] != '.' && other[name.size()] != '-') continue;
    const std::string other_path =
        slash == std::string::npos ? std::string(other) : folder + std::string(other);
    if (auto rotated = rotated_name(other_path, other.substr(name.size() + 1)))
      found.push_back(*rotated);
  }
  ::closedir(directory);
  std::sort(found.begin(), found.end(),
            [](const Rotated& a, const Rotated& b) { return a.older_than(b); });
  return found;
}

}  // namespace

LogFile::~LogFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<std::optional<LogFile>> LogFile::open(const std::string& path) {
  // O_NONBLOCK: opening a FIFO by mistake must not hang the actor.
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (descriptor < 0) {
    if (errno == ENOENT) return std::optional<LogFile>();
    return Error{ACTORD_FAIL_TRANSIENT, "cannot open " + path + ": " + std::strerror(errno)};
  }
  struct stat status {};
  if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
    ::close(descriptor);
    return Error{ACTORD_FAIL_TRANSIENT, path + " is no regular file"};
  }
  return std::optional<LogFile>(LogFile(descriptor, id_of(status)));
}

std::optional<LogFile> LogFile::find(const std::string& path, FileId id) {
  std::vector<std::string> names{path};
  for (Rotated& rotated : rotated_beside(path)) names.push_back(std::move(rotated.path));
  for (const std::string& name : names) {
    if (id_at(name) != id) continue;
    auto opened = open(name);
    // Names move while we look: the descriptor decides.
    if (opened && opened->has_value() && (*opened)->id() == id) return std::move(*opened);
  }
  return std::nullopt;
}

std::optional<LogFile> LogFile::find_if(const std::string& path,
                                        const std::function<bool(const LogFile&)>& wanted) {
  std::vector<std::string> names;
  for (Rotated& rotated : rotated_beside(path)) names.push_back(std::move(rotated.path));
  names.push_back(path);
  for (const std::string& name : names) {
    auto opened = open(name);
    if (opened && opened->has_value() && wanted(**opened)) return std::move(*opened);
  }
  return std::nullopt;
}

Result<std::optional<LogFile>> LogFile::after(const std::string& path, const LogFile& file) {
  if (id_at(path) == file.id()) return std::optional<LogFile>();
  const std::vector<Rotated> chain = rotated_beside(path);
  auto next = std::find_if(chain.begin(), chain.end(),
                           [&](const Rotated& other) { return id_at(other.path) == file.id(); });
  if (next == chain.end()) return written_since(path, file.written_ns());
  ++next;
  return open(next == chain.end() ? path : next->path);
}

// By time, not by name: which numbers a lost file would bear by now nobody knows. One that was written in
// the same tick counts as newer: read twice is better than not at all.
Result<std::optional<LogFile>> LogFile::written_since(const std::string& path, int64_t unix_ns) {
  const FileId current = id_at(path).value_or(FileId());
  auto newer = find_if(path, [&](const LogFile& file) {
    return file.id() != current && file.written_ns() >= unix_ns;
  });
  if (newer) return newer;
  return open(path);
}

int64_t LogFile::written_ns() const {
  struct stat status {};
  if (::fstat(descriptor_, &status) != 0) return 0;
  return int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec;
}

uint64_t LogFile::size() const {
  struct stat status {};
  return ::fstat(descriptor_, &status) == 0 ? static_cast<uint64_t>(status.st_size) : 0;
}

Result<std::string> LogFile::read(uint64_t offset, uint64_t count) const {
  std::string bytes(count, '\0');
  uint64_t done = 0;
  while (done < count) {
    const ssize_t got =
        ::pread(descriptor_, bytes.data() + done, count - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0)
      return Error{ACTORD_FAIL_TRANSIENT, std::string("cannot read: ") + std::strerror(errno)};
    if (got == 0) break;
    done += static_cast<uint64_t>(got);
  }
  bytes.resize(done);
  return bytes;
}

}  // namespace io
