// SourceFile: the text of one file and its name, as messages show it. SourceReader: where files come
// from, so that nothing above it touches a disk.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.hpp"
#include "topology/span.hpp"

namespace actord::host {

class SourceFile {
 public:
  SourceFile() = default;
  SourceFile(std::string name, std::string text);  // drops a byte order mark

  const std::string& name() const { return name_; }
  const std::string& text() const { return text_; }
  // Line n (from 1) without its line end; empty past the last.
  std::string_view line(uint32_t number) const;
  uint32_t lines() const { return static_cast<uint32_t>(line_starts_.size()); }
  // Of `bytes` bytes at a byte offset; a place past the end is the end. The width stays in the line.
  Span span(size_t offset, size_t bytes = 1) const;
  // The offset of a line and byte column, both from 0.
  size_t offset(size_t line, size_t byte_column) const;
  // The offset of the first byte that is no UTF-8 or a control character YAML forbids; npos: none.
  size_t first_bad_byte() const;

 private:
  std::string name_;
  std::string text_;
  std::vector<size_t> line_starts_ = {0};
};

struct SourceReader {
  // E_NOT_FOUND: no such file. Anything else: it is there and cannot be read.
  std::function<Result<std::string>(const std::string& path)> read;
  // The files a pattern matches, in any order; none is fine.
  std::function<std::vector<std::string>(const std::string& pattern)> glob;
};

SourceReader disk_reader();

}  // namespace actord::host
