#include "topology/diagnostic.hpp"

#include <algorithm>
#include <tuple>
#include <unordered_map>

#include "base/limits.hpp"

namespace actord::host {
namespace {

// A snippet shows this many characters of a line, around the caret.
constexpr size_t kSnippetCharacters = 160;
constexpr size_t kSnippetBefore = 100;

std::string counted(size_t count, const char* noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

bool continues_character(char byte) { return (static_cast<unsigned char>(byte) & 0xc0) == 0x80; }

// One character per element. What a terminal could act on, and what is no UTF-8, is shown as '?'.
std::vector<std::string> shown_characters(std::string_view line) {
  std::vector<std::string> characters;
  for (const char byte : line) {
    if (continues_character(byte) && !characters.empty()) {
      characters.back() += byte;
    } else if (byte == '\t') {
      characters.emplace_back(" ");
    } else {
      const auto code = static_cast<unsigned char>(byte);
      characters.emplace_back(1, code < 0x20 || code == 0x7f ? '?' : byte);
    }
  }
  for (std::string& character : characters) {
    const auto lead = static_cast<unsigned char>(character[0]);
    const size_t wanted = lead < 0x80    ? 1
                          : lead >= 0xf0 ? 4
                          : lead >= 0xe0 ? 3
                          : lead >= 0xc2 ? 2
                                         : 0;
    if (character.size() != wanted || lead > 0xf4) character = "?";
  }
  return characters;
}

struct Snippet {
  std::string line;
  size_t caret;  // characters before it
  size_t width;
};

Snippet snippet(std::string_view line, const Span& span) {
  const auto characters = shown_characters(line);
  const size_t column = std::min<size_t>(span.column == 0 ? 0 : span.column - 1, characters.size());
  size_t begin = column > kSnippetBefore ? column - kSnippetBefore : 0;
  if (characters.size() <= kSnippetCharacters) begin = 0;
  const size_t end = std::min(characters.size(), begin + kSnippetCharacters);
  Snippet result{begin == 0 ? "" : "...", column - begin + (begin == 0 ? 0 : 3), 1};
  for (size_t i = begin; i < end; ++i) result.line += characters[i];
  if (end < characters.size()) result.line += "...";
  result.width = std::max<size_t>(1, std::min<size_t>(span.width, end - column));
  return result;
}

const SourceFile* find_file(const std::vector<SourceFile>& files, const std::string& name) {
  for (const auto& file : files) {
    if (file.name() == name) return &file;
  }
  return nullptr;
}

std::string heading(const Diagnostic& diagnostic) {
  return std::string(diagnostic.severity() == Severity::kError ? "error" : "warning") + "[" +
         diagnostic.code + "]: " + diagnostic.text;
}

std::string render_error(const Diagnostic& diagnostic, const std::vector<SourceFile>& files) {
  std::string out = heading(diagnostic) + "\n";
  const Span& span = diagnostic.span;
  const std::string number = span.known() ? std::to_string(span.line) : "";
  const std::string gutter(number.size(), ' ');
  if (!span.file.empty()) out += gutter + "--> " + span.text() + "\n";
  const SourceFile* file = span.known() ? find_file(files, span.file) : nullptr;
  if (file != nullptr) {
    const Snippet shown = snippet(file->line(span.line), span);
    out += number + " | " + shown.line + "\n" + gutter + " | " + std::string(shown.caret, ' ') +
           std::string(shown.width, '^');
    if (!diagnostic.suggestion.empty()) out += " " + diagnostic.suggestion;
    out += "\n";
  } else if (!diagnostic.suggestion.empty()) {
    out += gutter + " = " + diagnostic.suggestion + "\n";
  }
  if (!diagnostic.note.empty()) out += gutter + " = " + diagnostic.note + "\n";
  return out;
}

std::string render_warning(const Diagnostic& diagnostic) {
  std::string out = heading(diagnostic);
  if (!diagnostic.suggestion.empty()) out += "; " + diagnostic.suggestion;
  if (!diagnostic.span.file.empty()) out += "   --> " + diagnostic.span.text();
  return out + "\n";
}

std::string summary(const Diagnostics& diagnostics, const CheckedCounts& counts,
                    const std::string& code) {
  std::string out;
  if (diagnostics.errors() != 0) out += counted(diagnostics.errors(), "error");
  if (diagnostics.warnings() != 0) {
    out += (out.empty() ? "" : ", ") + counted(diagnostics.warnings(), "warning");
  }
  if (out.empty()) out = "no errors";
  out += " in " + counted(counts.files, "file");
  if (counts.complete) {
    out += " (" + counted(counts.plugins, "plugin") + ", " + counted(counts.actors, "actor") + ")";
  }
  if (!code.empty()) out += ". More: actord explain " + code;
  return out + "\n";
}

}  // namespace

std::string Diagnostic::line() const {
  std::string out = span.file.empty() ? "" : span.text() + ": ";
  out += heading(*this);
  if (!suggestion.empty()) out += "; " + suggestion;
  if (!note.empty()) out += (suggestion.empty() ? "; " : " ") + note;
  return out;
}

// The same value may be reached by several aliases: it is wrong once.
void Diagnostics::add(Diagnostic diagnostic) {
  const std::string key = diagnostic.span.text() + "\n" + diagnostic.code + "\n" + diagnostic.text;
  if (!seen_.insert(key).second) return;
  if (diagnostic.severity() == Severity::kError) ++errors_;
  list_.push_back(std::move(diagnostic));
}

void Diagnostics::append(const Diagnostics& other) {
  for (const auto& diagnostic : other.list_) add(diagnostic);
}

std::vector<Diagnostic> Diagnostics::sorted(const std::vector<SourceFile>& files) const {
  std::unordered_map<std::string, size_t> rank;
  for (size_t i = 0; i < files.size(); ++i) rank.emplace(files[i].name(), i);
  const auto place = [&](const Diagnostic& diagnostic) {
    const auto it = rank.find(diagnostic.span.file);
    return std::tuple(it == rank.end() ? files.size() : it->second, diagnostic.span.line,
                      diagnostic.span.column);
  };
  const auto by_place = [&](const Diagnostic& a, const Diagnostic& b) {
    return place(a) < place(b);
  };
  std::vector<Diagnostic> result = list_;
  std::stable_sort(result.begin(), result.end(), by_place);
  if (result.size() <= limits::kDiagnosticsMax) return result;
  std::stable_partition(result.begin(), result.end(),
                        [](const Diagnostic& d) { return d.severity() == Severity::kError; });
  result.resize(limits::kDiagnosticsMax);
  std::stable_sort(result.begin(), result.end(), by_place);
  return result;
}

std::string render(const Diagnostics& diagnostics, const std::vector<SourceFile>& files,
                   const CheckedCounts& counts) {
  const auto sorted = diagnostics.sorted(files);
  std::string out, first_error, first_warning;
  for (const auto& diagnostic : sorted) {
    const bool error = diagnostic.severity() == Severity::kError;
    auto& first = error ? first_error : first_warning;
    if (first.empty()) first = diagnostic.code;
    out += error ? render_error(diagnostic, files) : render_warning(diagnostic);
  }
  if (const size_t hidden = diagnostics.list().size() - sorted.size(); hidden != 0) {
    out += "and " + std::to_string(hidden) + " more; the first " + std::to_string(sorted.size()) +
           " are shown\n";
  }
  return out + summary(diagnostics, counts, first_error.empty() ? first_warning : first_error);
}

nlohmann::json to_json(const Diagnostic& diagnostic) {
  return {{"code", diagnostic.code},
          {"severity", diagnostic.severity() == Severity::kError ? "error" : "warning"},
          {"file", diagnostic.span.file},
          {"line", diagnostic.span.line},
          {"column", diagnostic.span.column},
          {"text", diagnostic.text},
          {"suggestion", diagnostic.suggestion},
          {"note", diagnostic.note}};
}

nlohmann::json to_json(const Diagnostics& diagnostics, const std::vector<SourceFile>& files,
                       const CheckedCounts& counts) {
  nlohmann::json list = nlohmann::json::array();
  for (const auto& diagnostic : diagnostics.sorted(files)) list.push_back(to_json(diagnostic));
  nlohmann::json result = {{"errors", diagnostics.errors()},
                           {"warnings", diagnostics.warnings()},
                           {"files", counts.files},
                           {"hidden", diagnostics.list().size() - list.size()},
                           {"diagnostics", std::move(list)}};
  if (counts.complete) {
    result["plugins"] = counts.plugins;
    result["actors"] = counts.actors;
  }
  return result;
}

}  // namespace actord::host
