// Diagnostic: one finding about a topology, with its place. Diagnostics: all of them.
//
// Codes are stable and explained (explain.hpp): E1xx the text, E2xx plugins, E3xx meaning, W2xx
// warnings. Everything is reported at once, ordered by file (as read) and line.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "topology/source_file.hpp"
#include "topology/span.hpp"

namespace actord::host {

enum class Severity : uint8_t { kError, kWarning };

struct Diagnostic {
  std::string code;  // "E102"; W: a warning
  Span span;
  std::string text;        // what is wrong
  std::string suggestion;  // shown at the caret: "did you mean `mailbox`?"
  std::string note;        // a line of its own: "allowed: kind, mailbox, ..."

  Severity severity() const {
    return code.starts_with('W') ? Severity::kWarning : Severity::kError;
  }
  // One line for a log: "topology.yaml:34:9: error[E102]: ...; did you mean `mailbox`? allowed: ..."
  std::string line() const;
};

// What the summary line counts.
struct CheckedCounts {
  size_t files = 0;
  bool complete = false;  // false: not everything could be read, so plugins and actors are not told
  size_t plugins = 0;
  size_t actors = 0;
};

class Diagnostics {
 public:
  // The same finding at the same place counts once.
  void add(Diagnostic diagnostic);
  // Any finding of a later phase, e.g. of the plugin loader: E202 at a plugin's span.
  void add(std::string code, Span span, std::string text, std::string suggestion = {},
           std::string note = {}) {
    add(Diagnostic{std::move(code), std::move(span), std::move(text), std::move(suggestion),
                   std::move(note)});
  }
  void append(const Diagnostics& other);

  bool empty() const { return list_.empty(); }
  bool has_errors() const { return errors_ != 0; }
  size_t errors() const { return errors_; }
  size_t warnings() const { return list_.size() - errors_; }
  const std::vector<Diagnostic>& list() const { return list_; }  // as added

  // By file in the order given, then line, then column; at most kDiagnosticsMax, errors first to stay.
  std::vector<Diagnostic> sorted(const std::vector<SourceFile>& files) const;

 private:
  std::vector<Diagnostic> list_;
  std::unordered_set<std::string> seen_;
  size_t errors_ = 0;
};

// With source lines and carets, closed by the summary line. Ends in a newline.
std::string render(const Diagnostics& diagnostics, const std::vector<SourceFile>& files,
                   const CheckedCounts& counts);
nlohmann::json to_json(const Diagnostic& diagnostic);
nlohmann::json to_json(const Diagnostics& diagnostics, const std::vector<SourceFile>& files,
                       const CheckedCounts& counts);

}  // namespace actord::host
