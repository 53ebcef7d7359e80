#include "loop/line_reader.hpp"

namespace actord::host {
namespace {

// Memory kept for the next lines after a large one.
constexpr size_t kBufferKept = 64 << 10;

}  // namespace

void LineReader::feed(std::string_view bytes) {
  if (skipping_) {
    const size_t newline = bytes.find('\n');
    if (newline == std::string_view::npos) return;
    skipping_ = false;
    bytes.remove_prefix(newline + 1);
  }
  buffer_ += bytes;
}

std::optional<LineReader::Line> LineReader::next() {
  const size_t newline = buffer_.find('\n', scanned_);
  const bool complete = newline != std::string::npos;
  const size_t end = complete ? newline : buffer_.size();
  scanned_ = end;
  if (end - begin_ > bytes_max_) {
    skipping_ = !complete;
    consume(complete ? end + 1 : end);
    return Line{{}, true};
  }
  if (!complete) return std::nullopt;
  Line line{buffer_.substr(begin_, end - begin_)};
  consume(end + 1);
  return line;
}

std::optional<LineReader::Line> LineReader::rest() {
  if (skipping_ || buffered() == 0) return std::nullopt;
  Line line{buffer_.substr(begin_)};
  consume(buffer_.size());
  return line;
}

// The front is erased only when it outweighs what is left, so that a burst of short lines costs
// linear time.
void LineReader::consume(size_t end) {
  begin_ = end;
  if (begin_ == buffer_.size()) {
    buffer_.clear();
    if (buffer_.capacity() > kBufferKept) buffer_.shrink_to_fit();
    begin_ = 0;
  } else if (begin_ > buffer_.size() / 2) {
    buffer_.erase(0, begin_);
    begin_ = 0;
  }
  scanned_ = begin_;
}

}  // namespace actord::host
