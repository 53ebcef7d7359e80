#include "topology/syntax_error.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace actord::host {
namespace {

// The parser's words, and ours.
constexpr std::pair<std::string_view, std::string_view> kWords[] = {
    {"illegal map value",
     "a \": \" cannot stand here; check the indentation, or put the text in quotes"},
    {"illegal map key", "a key cannot begin here; check the indentation"},
    {"illegal block entry", "a \"- \" cannot stand here; check the indentation"},
    {"end of map not found",
     "this line fits no indentation above it; line it up with its neighbours"},
    {"end of sequence not found",
     "this line fits no indentation above it; line it up with its neighbours"},
    {"end of map flow not found", "a comma or } is missing before this"},
    {"end of sequence flow not found", "a comma or ] is missing before this"},
    {"the referenced anchor is not defined", "this alias names no anchor (&name) above it"},
    {"illegal EOF in scalar", "a quoted text is never closed"},
    {"unknown escape character: ",
     "this escape is not known in \"double quotes\"; write \\\\ for a backslash"},
    {"illegal tab when looking for indentation", "a tab cannot indent YAML; use spaces"},
    {"unknown token", "this character cannot begin a text; put the text in quotes"},
    {"bad file: ", "the text cannot be read"},
};

std::string words(std::string_view message) {
  for (const auto& [theirs, ours] : kWords) {
    if (message.starts_with(theirs)) return std::string(ours);
  }
  return "this is no YAML: " + std::string(message);
}

// The last line at or before `offset` (or just after it) that is indented with a tab.
std::optional<size_t> tab_indent(const SourceFile& file, size_t offset) {
  std::optional<size_t> found;
  const uint32_t last = file.span(offset).line + 1;
  for (uint32_t number = 1; number <= last && number <= file.lines(); ++number) {
    const std::string_view line = file.line(number);
    const size_t indent = line.find_first_not_of(" \t");
    if (indent == std::string_view::npos || line[indent] == '#') continue;
    const size_t tab = line.substr(0, indent).find('\t');
    if (tab != std::string_view::npos) found = file.offset(number - 1, tab);
  }
  return found;
}

struct Unclosed {
  char opening;  // { [ " '
  size_t offset;
};

// A reading of the text that knows brackets, quotes and comments only.
class BracketScan {
 public:
  explicit BracketScan(std::string_view text) : text_(text) {}

  std::optional<Unclosed> run() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '#' && (at_ == 0 || is_space(text_[at_ - 1]))) {
        skip_line();
      } else if ((c == '"' || c == '\'') && starts_value()) {
        const size_t opened = at_;
        if (!skip_quoted(c)) return Unclosed{c, opened};
      } else if ((c == '{' || c == '[') && (!open_.empty() || starts_value())) {
        open_.push_back({c, at_});
      } else if ((c == '}' || c == ']') && !open_.empty()) {
        if ((c == '}') != (open_.back().opening == '{')) return open_.back();
        open_.pop_back();
      }
      if (at_ < text_.size()) {
        if (!is_space(text_[at_])) previous_ = text_[at_];
        if (text_[at_] == '\n') previous_ = '\n';
        ++at_;
      }
    }
    if (open_.empty()) return std::nullopt;
    return open_.front();
  }

 private:
  static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
  bool starts_value() const {
    return std::string_view("\n:-,[{?").find(previous_) != std::string_view::npos;
  }
  void skip_line() {
    while (at_ < text_.size() && text_[at_] != '\n') ++at_;
  }
  bool skip_quoted(char quote) {
    for (++at_; at_ < text_.size(); ++at_) {
      if (quote == '"' && text_[at_] == '\\') {
        ++at_;
      } else if (text_[at_] == quote) {
        return true;
      }
    }
    return false;
  }

  std::string_view text_;
  size_t at_ = 0;
  char previous_ = '\n';  // last character that is no space
  std::vector<Unclosed> open_;
};

struct Line {
  uint32_t number;
  size_t indent;
};

// Lines that indentation means something for: not blank, no comment.
std::vector<Line> indented_lines(const SourceFile& file) {
  std::vector<Line> lines;
  for (uint32_t number = 1; number <= file.lines(); ++number) {
    const std::string_view line = file.line(number);
    const size_t indent = line.find_first_not_of(' ');
    if (indent == std::string_view::npos || line[indent] == '#' || line[indent] == '\r') continue;
    lines.push_back({number, indent});
  }
  return lines;
}

// By how much the first line of a block is indented most often, blocks between two lines left out.
size_t usual_step(const std::vector<Line>& lines, uint32_t from, uint32_t to) {
  std::map<size_t, size_t> counts;
  for (size_t i = 1; i < lines.size(); ++i) {
    const bool judged = lines[i].number >= from && lines[i].number <= to;
    if (!judged && lines[i].indent > lines[i - 1].indent)
      ++counts[lines[i].indent - lines[i - 1].indent];
  }
  const auto most =
      std::max_element(counts.begin(), counts.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  return most == counts.end() ? 0 : most->first;
}

// The parser finds two lines of one block that are indented differently at the second one. When the
// rest of the file says that the first one is wrong, that is the one to show.
std::optional<Diagnostic> over_indented(const SourceFile& file, uint32_t found_at) {
  const std::vector<Line> lines = indented_lines(file);
  const auto second = std::find_if(lines.begin(), lines.end(),
                                   [&](const Line& line) { return line.number == found_at; });
  if (second == lines.end()) return std::nullopt;
  auto first = second;
  while (first != lines.begin() && std::prev(first)->indent >= second->indent) --first;
  if (first == second || first == lines.begin()) return std::nullopt;
  const size_t parent = std::prev(first)->indent;
  const size_t step = usual_step(lines, first->number, found_at);
  if (second->indent != parent + step || first->indent == parent + step) return std::nullopt;
  return Diagnostic{"E101",
                    file.span(file.offset(first->number - 1, first->indent)),
                    "this line is indented by " + std::to_string(first->indent) +
                        ", its neighbour on line " + std::to_string(found_at) + " by " +
                        std::to_string(second->indent) + "; line them up",
                    {},
                    {}};
}

std::string place(const Span& span) {
  return std::to_string(span.line) + ":" + std::to_string(span.column);
}

}  // namespace

Diagnostic syntax_error(const SourceFile& file, std::string_view message, size_t offset) {
  if (const auto tab = tab_indent(file, offset)) {
    return {"E101", file.span(*tab), "a tab cannot indent YAML; use spaces", {}, {}};
  }
  if (const auto unclosed = BracketScan(file.text()).run();
      unclosed && unclosed->offset <= offset) {
    const Span span = file.span(unclosed->offset);
    const char* what = unclosed->opening == '{'   ? "flow map"
                       : unclosed->opening == '[' ? "flow list"
                                                  : "quoted text";
    return {
        "E101", span, std::string(what) + " opened at " + place(span) + " is never closed", {}, {}};
  }
  const Span span = file.span(offset);
  if (message.starts_with("end of map not found") ||
      message.starts_with("end of sequence not found")) {
    if (auto first = over_indented(file, span.line)) return std::move(*first);
  }
  Diagnostic diagnostic{"E101", span, words(message), {}, {}};
  if (file.line(span.line).find("${") != std::string_view::npos) {
    diagnostic.note = "inside { } and [ ] a ${NAME} needs quotes: \"${NAME}\"";
  }
  return diagnostic;
}

}  // namespace actord::host
