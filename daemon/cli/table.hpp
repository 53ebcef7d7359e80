// TextTable: aligned columns, two spaces apart.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "cli/paint.hpp"

namespace actord::host {

struct TextCell {
  std::string text;
  Colour colour = Colour::kPlain;
};

class TextTable {
 public:
  enum class Align { kLeft, kRight };
  struct Column {
    std::string title;
    Align align = Align::kLeft;
  };

  explicit TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}
  // Requires: as many cells as columns.
  void add(std::vector<TextCell> row);
  // No spaces at the end of a line; titles only if asked for.
  void print(std::ostream& out, const Paint& paint, bool titles = true) const;

 private:
  void print_row(std::ostream& out, const Paint& paint, const std::vector<TextCell>& row,
                 const std::vector<size_t>& widths) const;

  const std::vector<Column> columns_;
  std::vector<std::vector<TextCell>> rows_;
};

}  // namespace actord::host
