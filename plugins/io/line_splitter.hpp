// LineSplitter: bytes of a file in, complete lines out, each with where it begins and ends. A line
// is complete when its newline is there. One longer than the limit comes out cut, with its full size;
// the rest of it is skipped without being kept. What comes out depends on the bytes alone, not on how
// they were cut into chunks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace io {

struct Line {
  std::string text;    // without the newline; when too long: its head
  uint64_t begin = 0;  // offset in the file
  uint64_t end = 0;    // offset after the newline
  bool too_long = false;
  uint64_t size() const { return end - begin - 1; }
};

class LineSplitter {
 public:
  static constexpr uint64_t kHeadBytes = 1'024;  // kept of a line that is too long

  explicit LineSplitter(uint64_t max_line) : max_line_(max_line) {}

  // Starts anew at an offset that begins a line.
  void reset(uint64_t offset);
  void push(std::string_view bytes);
  std::optional<Line> next();

  uint64_t read_offset() const { return base_ + buffer_.size(); }  // where the next chunk begins
  // Bytes after the last newline, as far as they are kept; its size in all.
  std::string_view rest() const { return skipping_ ? std::string_view(head_) : pending(); }
  uint64_t rest_size() const { return read_offset() - line_begin_; }
  uint64_t rest_begin() const { return line_begin_; }

 private:
  std::string_view pending() const { return std::string_view(buffer_).substr(line_begin_ - base_); }
  void compact();

  const uint64_t max_line_;
  std::string buffer_;
  uint64_t base_ = 0;        // offset of buffer_[0]
  uint64_t line_begin_ = 0;  // offset of the line that is being collected
  uint64_t searched_ = 0;    // offset up to which there is no newline
  bool skipping_ = false;    // the line is too long: only head_ is kept of it
  std::string head_;
};

}  // namespace io
