// LineReader: cuts a byte stream into lines of bounded length. Pure; no I/O.
//
// A line over the limit is reported once, as soon as that is certain, and skipped to its end: the
// stream is in step again at the next line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace actord::host {

class LineReader {
 public:
  struct Line {
    std::string text;       // without the newline
    bool oversize = false;  // longer than the limit; text is empty
  };

  explicit LineReader(uint64_t bytes_max) : bytes_max_(bytes_max) {}

  void feed(std::string_view bytes);
  std::optional<Line> next();  // the next complete line
  std::optional<Line> rest();  // at the end of the stream: what no newline closed
  uint64_t buffered() const { return buffer_.size() - begin_; }
  bool in_line() const { return skipping_ || buffered() > 0; }  // begun, and its end has not come

 private:
  void consume(size_t end);

  const uint64_t bytes_max_;
  std::string buffer_;
  size_t begin_ = 0;       // of the first line not handed out
  size_t scanned_ = 0;     // no newline before this
  bool skipping_ = false;  // inside a line that was reported as oversize
};

}  // namespace actord::host
