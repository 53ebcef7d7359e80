#include "record.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace pkgwatch {
namespace {

using actord::Error, actord::Result;

Error no_record(std::string text) { return {ACTORD_FAIL_POISON, std::move(text)}; }

std::string quoted(std::string_view word) { return std::string("\"").append(word).append("\""); }

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  while (!line.empty()) {
    const auto space = line.find(' ');
    words.push_back(line.substr(0, space));
    line.remove_prefix(space == std::string_view::npos ? line.size() : space + 1);
  }
  return words;
}

// shape: '9' stands for a digit, anything else for itself.
bool has_shape(std::string_view text, std::string_view shape) {
  return text.size() == shape.size() &&
         std::equal(text.begin(), text.end(), shape.begin(), [](char c, char wanted) {
           return wanted == '9' ? c >= '0' && c <= '9' : c == wanted;
         });
}

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_state(std::string_view word) {
  return is_one_of(word, {"not-installed", "config-files", "half-installed", "unpacked",
                          "half-configured", "triggers-awaited", "triggers-pending", "installed"});
}

Result<Record> startup(Record record, const std::vector<std::string_view>& words) {
  if (words.size() != 5 || !is_one_of(words[3], {"archives", "packages"})) {
    return no_record("startup wants archives or packages, and a command");
  }
  record.subject = std::string(words[3]) + " " + std::string(words[4]);
  return record;
}

Result<Record> status(Record record, const std::vector<std::string_view>& words) {
  if (words.size() != 6) return no_record("status wants a state, a package and a version");
  if (!is_state(words[3])) return no_record(quoted(words[3]) + " is no package state");
  record.state = words[3];
  record.package = words[4];
  record.version = words[5];
  return record;
}

Result<Record> conffile(Record record, const std::vector<std::string_view>& words,
                        std::string_view line) {
  if (words.size() < 5 || !is_one_of(words.back(), {"install", "keep"})) {
    return no_record("conffile wants a file and install or keep");
  }
  record.subject = line.substr(static_cast<std::size_t>(words[3].data() - line.data()));
  return record;
}

Result<Record> action(Record record, const std::vector<std::string_view>& words) {
  if (words.size() != 6) {
    return no_record(std::string(name_of(record.action)) + " wants a package and two versions");
  }
  record.package = words[3];
  record.version = words[4];
  record.available = words[5];
  return record;
}

}  // namespace

std::optional<Action> action_named(std::string_view name) {
  const auto found = std::find(kActionNames.begin(), kActionNames.end(), name);
  if (found == kActionNames.end()) return std::nullopt;
  return static_cast<Action>(found - kActionNames.begin());
}

std::string_view package_name(std::string_view package) {
  return package.substr(0, package.find(':'));
}

Result<Record> parse_record(std::string_view line) {
  const auto words = words_of(line);
  if (words.size() < 3 || !has_shape(words[0], "9999-99-99") || !has_shape(words[1], "99:99:99")) {
    return no_record("it does not begin with a date, a time and an action");
  }
  if (std::any_of(words.begin(), words.end(), [](std::string_view word) { return word.empty(); })) {
    return no_record("an empty field");
  }
  const auto named = action_named(words[2]);
  if (!named || *named == Action::kUnparsed) {
    return no_record(quoted(words[2]) + " is no action of dpkg");
  }
  Record record;
  record.action = *named;
  record.time = std::string(words[0]) + " " + std::string(words[1]);
  switch (record.action) {
    case Action::kStartup: return startup(std::move(record), words);
    case Action::kStatus: return status(std::move(record), words);
    case Action::kConffile: return conffile(std::move(record), words, line);
    default: return action(std::move(record), words);
  }
}

}  // namespace pkgwatch
