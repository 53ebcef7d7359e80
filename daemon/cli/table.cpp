#include "cli/table.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "cli/human.hpp"

namespace actord::host {

void TextTable::add(std::vector<TextCell> row) {
  ACTORD_ASSERT(row.size() == columns_.size());
  rows_.push_back(std::move(row));
}

void TextTable::print(std::ostream& out, const Paint& paint, bool titles) const {
  std::vector<size_t> widths;
  std::vector<TextCell> head;
  for (size_t i = 0; i < columns_.size(); ++i) {
    size_t width = titles ? columns_of(columns_[i].title) : 0;
    for (const auto& row : rows_) width = std::max(width, columns_of(row[i].text));
    widths.push_back(width);
    head.push_back({columns_[i].title, Colour::kBold});
  }
  if (titles) print_row(out, paint, head, widths);
  for (const auto& row : rows_) print_row(out, paint, row, widths);
}

void TextTable::print_row(std::ostream& out, const Paint& paint, const std::vector<TextCell>& row,
                          const std::vector<size_t>& widths) const {
  std::string gap;  // written only before the next text, so no line ends in spaces
  for (size_t i = 0; i < row.size(); ++i) {
    const std::string fill(widths[i] - columns_of(row[i].text), ' ');
    const bool right = columns_[i].align == Align::kRight;
    if (right) gap += fill;
    if (!row[i].text.empty()) {
      out << gap << paint(row[i].colour, row[i].text);
      gap.clear();
    }
    if (!right) gap += fill;
    gap += "  ";
  }
  out << '\n';
}

}  // namespace actord::host
