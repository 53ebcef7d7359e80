#include "topology/source_file.hpp"

#include <fcntl.h>
#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/limits.hpp"

namespace actord::host {
namespace {

bool continues_character(char byte) { return (static_cast<unsigned char>(byte) & 0xc0) == 0x80; }

uint32_t characters(std::string_view text) {
  return static_cast<uint32_t>(std::count_if(text.begin(), text.end(),
                                             [](char byte) { return !continues_character(byte); }));
}

// Bytes of the UTF-8 character at the front of `text`; 0: it is none that YAML allows.
size_t character_bytes(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x20) return lead == '\t' || lead == '\n' || lead == '\r' ? 1 : 0;
  if (lead < 0x80) return lead == 0x7f ? 0 : 1;
  const size_t bytes = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || bytes > text.size()) return 0;
  for (size_t i = 1; i < bytes; ++i) {
    if (!continues_character(text[i])) return 0;
  }
  const auto second = static_cast<unsigned char>(text[1]);
  const bool overlong = (lead == 0xe0 && second < 0xa0) || (lead == 0xf0 && second < 0x90);
  const bool surrogate = lead == 0xed && second >= 0xa0;
  const bool too_large = lead == 0xf4 && second >= 0x90;
  return overlong || surrogate || too_large ? 0 : bytes;
}

Error io_error(const std::string& path, int code) {
  return Error{code == ENOENT || code == ENOTDIR ? ACTORD_E_NOT_FOUND
               : code == EACCES || code == EPERM ? ACTORD_E_PERMISSION
                                                 : ACTORD_E_IO,
               path + ": " + std::strerror(code)};
}

// Judged by the open file, not by its name: a name may be another file a moment later.
Result<void> judge_file(int fd, const std::string& path) {
  struct stat info {};
  if (::fstat(fd, &info) != 0) return io_error(path, errno);
  if (S_ISDIR(info.st_mode)) return io_error(path, EISDIR);
  if (!S_ISREG(info.st_mode)) {
    return Error{ACTORD_E_INVALID,
                 path +
                     " is not a regular file (a device, a pipe or a socket); name a "
                     "file that holds YAML"};
  }
  return {};
}

// The size that stat tells is not asked: a file may grow while it is read, and those of /proc have none.
Result<std::string> read_bounded(int fd, const std::string& path) {
  constexpr size_t kPieceBytes = 64u << 10;
  std::string text;
  while (true) {
    const size_t before = text.size();
    text.resize(before + kPieceBytes);
    const ssize_t bytes = ::read(fd, text.data() + before, kPieceBytes);
    if (bytes < 0 && errno != EINTR) return io_error(path, errno);
    text.resize(before + static_cast<size_t>(std::max<ssize_t>(bytes, 0)));
    if (bytes == 0) return text;
    if (text.size() > limits::kTopologyFileBytes) {
      return Error{ACTORD_E_LIMIT, path + ": larger than 16 MiB, the limit of a topology file"};
    }
  }
}

// The host's loop reads too (reload, diff), so nothing here may wait for a writer that never comes.
Result<std::string> read_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) return io_error(path, errno);
  Result<std::string> text = std::string();
  if (auto judged = judge_file(fd, path); !judged) {
    text = std::move(judged).error();
  } else {
    text = read_bounded(fd, path);
  }
  ::close(fd);
  return text;
}

std::vector<std::string> glob_files(const std::string& pattern) {
  std::vector<std::string> paths;
  glob_t found{};
  if (::glob(pattern.c_str(), 0, nullptr, &found) == 0) {
    paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  }
  ::globfree(&found);
  return paths;
}

}  // namespace

SourceFile::SourceFile(std::string name, std::string text)
    : name_(std::move(name)), text_(std::move(text)) {
  if (text_.starts_with("\xef\xbb\xbf")) text_.erase(0, 3);
  for (size_t at = text_.find('\n'); at != std::string::npos; at = text_.find('\n', at + 1)) {
    line_starts_.push_back(at + 1);
  }
}

std::string_view SourceFile::line(uint32_t number) const {
  if (number == 0 || number > line_starts_.size()) return {};
  const size_t begin = line_starts_[number - 1];
  const size_t end = number == line_starts_.size() ? text_.size() : line_starts_[number] - 1;
  std::string_view line = std::string_view(text_).substr(begin, end - begin);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

Span SourceFile::span(size_t offset, size_t bytes) const {
  offset = std::min(offset, text_.size());
  const auto next = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
  const auto number = static_cast<uint32_t>(next - line_starts_.begin());
  const size_t column = offset - line_starts_[number - 1];
  const std::string_view whole = line(number);
  const std::string_view covered = whole.substr(std::min(column, whole.size()), bytes);
  return Span{name_, number, characters(whole.substr(0, column)) + 1,
              std::max(1u, characters(covered))};
}

size_t SourceFile::offset(size_t line, size_t byte_column) const {
  if (line >= line_starts_.size()) return text_.size();
  return std::min(line_starts_[line] + byte_column, text_.size());
}

size_t SourceFile::first_bad_byte() const {
  for (size_t at = 0; at < text_.size();) {
    const size_t bytes = character_bytes(std::string_view(text_).substr(at));
    if (bytes == 0) return at;
    at += bytes;
  }
  return std::string::npos;
}

SourceReader disk_reader() { return SourceReader{read_file, glob_files}; }

}  // namespace actord::host
