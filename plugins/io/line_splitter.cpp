#include "line_splitter.hpp"

namespace io {

void LineSplitter::reset(uint64_t offset) {
  buffer_.clear();
  head_.clear();
  skipping_ = false;
  base_ = line_begin_ = searched_ = offset;
}

void LineSplitter::push(std::string_view bytes) {
  compact();
  buffer_.append(bytes);
}

// Drops what has been handed out, and the body of a line that is too long.
void LineSplitter::compact() {
  const uint64_t keep_from = skipping_ ? searched_ : line_begin_;
  buffer_.erase(0, keep_from - base_);
  base_ = keep_from;
}

std::optional<Line> LineSplitter::next() {
  const auto newline = buffer_.find('\n', searched_ - base_);
  if (newline == std::string::npos) {
    searched_ = read_offset();
    if (!skipping_ && rest_size() > max_line_) {
      head_ = std::string(pending().substr(0, kHeadBytes));
      skipping_ = true;
    }
    return std::nullopt;
  }
  Line line;
  line.begin = line_begin_;
  line.end = base_ + newline + 1;
  line.too_long = line.size() > max_line_;
  if (skipping_) {
    line.text = std::move(head_);
  } else {
    line.text = std::string(pending().substr(0, line.too_long ? kHeadBytes : line.size()));
  }
  head_.clear();
  skipping_ = false;
  line_begin_ = searched_ = line.end;
  return line;
}

}  // namespace io
