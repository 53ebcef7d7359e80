#include "topology/fields.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>

#include "base/text.hpp"
#include "topology/quantity.hpp"
#include "topology/suggestion.hpp"

namespace actord::host {
namespace {

const Node& empty_map() {
  static const Node kNode = [] {
    Node map;
    map.type = Node::Type::kMap;
    return map;
  }();
  return kNode;
}

// What other YAML readers take for a boolean.
bool reads_as_boolean(std::string_view text) {
  static const std::vector<std::string> kWords = {"yes", "no", "on",   "off",
                                                  "y",   "n",  "true", "false"};
  std::string lower(text.substr(0, 8));
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return std::find(kWords.begin(), kWords.end(), lower) != kWords.end();
}

std::string number_text(double value) {
  char buffer[32];
  const auto [end, code] = std::to_chars(buffer, buffer + sizeof buffer, value);
  return code == std::errc{} ? std::string(buffer, end) : std::string("?");
}

// A whole text that is one number.
template <class T>
bool read_number(const Node& node, T& into) {
  if (node.type != Node::Type::kScalar || (node.quoted && !node.substituted)) return false;
  T value{};
  const char* end = node.text.data() + node.text.size();
  const auto [at, code] = std::from_chars(node.text.data(), end, value);
  if (code != std::errc{} || at != end) return false;
  into = value;
  return true;
}

// Shown as it stands; everything else is shown as the text it is.
bool plain_number(const Node& node) {
  double value = 0;
  return (std::isdigit(static_cast<unsigned char>(node.text[0])) != 0 || node.text[0] == '-') &&
         !node.quoted && !node.substituted && read_number(node, value);
}

}  // namespace

std::string got(const Node& value) {
  switch (value.type) {
    case Node::Type::kMap: return "a map";
    case Node::Type::kSequence: return "a list";
    case Node::Type::kScalar:
      if (plain_number(value)) return value.text.substr(0, 60);
      return "\"" + value.text.substr(0, 60) + (value.text.size() > 60 ? "...\"" : "\"");
    default: return "nothing";
  }
}

size_t Reading::open(const Node& node, std::string what) {
  const auto [it, added] = by_node_.emplace(&node, maps_.size());
  if (added) maps_.push_back(Map{&node, std::move(what), {}});
  return it->second;
}

void Reading::allow(size_t map, std::string_view key) {
  auto& allowed = maps_[map].allowed;
  if (std::find(allowed.begin(), allowed.end(), key) == allowed.end()) allowed.emplace_back(key);
}

void Reading::report_unread() {
  for (const Map& map : maps_) {
    for (const Entry& entry : map.node->entries) {
      if (std::find(map.allowed.begin(), map.allowed.end(), entry.key) != map.allowed.end())
        continue;
      const auto meant = nearest(entry.key, map.allowed);
      diagnostics_.add(
          "E102", entry.key_span, "unknown key `" + entry.key.substr(0, 80) + "` in " + map.what,
          meant ? "did you mean `" + *meant + "`?" : "", "allowed: " + joined(map.allowed));
    }
  }
}

Fields::Fields(Reading& reading, const Node& node, std::string what, KeySpans& keys,
               std::string prefix)
    : reading_(reading),
      node_(node.type == Node::Type::kMap ? node : empty_map()),
      map_(reading.open(node_, what)),
      what_(std::move(what)),
      keys_(keys),
      prefix_(std::move(prefix)) {}

const Entry* Fields::take(std::string_view key) {
  reading_.allow(map_, key);
  const Entry* entry = node_.find(key);
  if (entry == nullptr || entry->value->broken) return nullptr;
  keys_.set(prefix_ + std::string(key), entry->value->span);
  return entry;
}

const Entry* Fields::misspelt(std::string_view key, const std::vector<std::string>& known) {
  if (node_.find(key) != nullptr) return nullptr;
  for (const Entry& entry : node_.entries) {
    if (entry.value->broken || std::find(known.begin(), known.end(), entry.key) != known.end())
      continue;
    if (nearest(entry.key, known) != key) continue;
    keys_.set(prefix_ + std::string(key), entry.value->span);
    return &entry;
  }
  return nullptr;
}

const Entry* Fields::map(std::string_view key, const std::vector<std::string>& known) {
  if (const Entry* entry = map(key)) return entry;
  const Entry* entry = misspelt(key, known);
  return entry != nullptr && entry->value->type == Node::Type::kMap ? entry : nullptr;
}

const Entry* Fields::map(std::string_view key) {
  const Entry* entry = take(key);
  if (entry == nullptr) return nullptr;
  if (entry->value->type == Node::Type::kMap || entry->value->type == Node::Type::kNull)
    return entry;
  refuse(*entry, "a map");
  return nullptr;
}

const Entry* Fields::list(std::string_view key) {
  const Entry* entry = take(key);
  if (entry == nullptr) return nullptr;
  if (entry->value->type == Node::Type::kSequence || entry->value->type == Node::Type::kNull)
    return entry;
  refuse(*entry, "a list");
  return nullptr;
}

Fields Fields::below(std::string_view key) {
  const Entry* entry = map(key);
  return Fields(reading_, entry == nullptr ? empty_map() : *entry->value,
                "`" + std::string(key) + "` of " + what_, keys_, prefix_ + std::string(key) + ".");
}

bool Fields::text(std::string_view key, std::string& into) {
  const Entry* entry = take(key);
  if (entry == nullptr) return false;
  if (entry->value->type != Node::Type::kScalar || entry->value->text.empty()) {
    refuse(*entry, "a text");
    return false;
  }
  into = entry->value->text;
  return true;
}

bool Fields::integer(std::string_view key, uint64_t min, uint64_t max, uint64_t& into) {
  const Entry* entry = take(key);
  if (entry == nullptr) return false;
  uint64_t value = 0;
  if (!read_number(*entry->value, value) || value < min || value > max) {
    refuse(*entry, "a number " + std::to_string(min) + ".." + std::to_string(max));
    return false;
  }
  into = value;
  return true;
}

bool Fields::integer(std::string_view key, uint32_t min, uint32_t max, uint32_t& into) {
  uint64_t value = 0;
  if (!integer(key, uint64_t{min}, uint64_t{max}, value)) return false;
  into = static_cast<uint32_t>(value);
  return true;
}

bool Fields::integer(std::string_view key, int32_t min, int32_t max, int32_t& into) {
  const Entry* entry = take(key);
  if (entry == nullptr) return false;
  double value = 0;
  if (!read_number(*entry->value, value) || value != std::floor(value) || value < min ||
      value > max) {
    refuse(*entry, "a number " + std::to_string(min) + ".." + std::to_string(max));
    return false;
  }
  into = static_cast<int32_t>(value);
  return true;
}

bool Fields::number(std::string_view key, double min, double max, double& into) {
  const Entry* entry = take(key);
  if (entry == nullptr) return false;
  double value = 0;
  if (!read_number(*entry->value, value) || !std::isfinite(value) || value < min || value > max) {
    refuse(*entry, "a number " + number_text(min) + ".." + number_text(max));
    return false;
  }
  into = value;
  return true;
}

bool Fields::duration(std::string_view key, uint64_t min_ms, uint64_t& into_ms) {
  return quantity(key, min_ms, false, into_ms);
}

bool Fields::size(std::string_view key, uint64_t min, uint64_t& into) {
  return quantity(key, min, true, into);
}

bool Fields::quantity(std::string_view key, uint64_t min, bool is_size, uint64_t& into) {
  const Entry* entry = take(key);
  if (entry == nullptr) return false;
  const Node& node = *entry->value;
  if (node.type != Node::Type::kScalar) {
    refuse(*entry, is_size ? "a size like 256MiB" : "a duration like 30s");
    return false;
  }
  const auto value = is_size ? parse_size(node.text) : parse_duration(node.text);
  const std::string written = "\"" + entry->key + ": " + node.text.substr(0, 60) + "\" ";
  if (!value) {
    reading_.diagnostics().add("E105", node.span, written + value.error().text);
    return false;
  }
  if (*value < min) {
    reading_.diagnostics().add("E105", node.span,
                               written + "is too small; " +
                                   (is_size ? size_text(min) : duration_text(min)) +
                                   " is the least");
    return false;
  }
  into = *value;
  return true;
}

void Fields::refuse(const Entry& entry, const std::string& wanted, std::string suggestion) {
  reading_.diagnostics().add("E104", entry.value->span,
                             "\"" + entry.key + "\" wants " + wanted + ", got " + got(*entry.value),
                             std::move(suggestion));
}

void Fields::refuse_choice(const Entry& entry, const std::vector<std::string>& names) {
  const Node& node = *entry.value;
  if (node.type == Node::Type::kScalar && !node.quoted && reads_as_boolean(node.text)) {
    reading_.diagnostics().add("E104", node.span,
                               "\"" + node.text + "\" is text here; allowed: " + joined(names));
    return;
  }
  const auto meant = node.type == Node::Type::kScalar ? nearest(node.text, names) : std::nullopt;
  refuse(entry, (names.size() == 1 ? "" : "one of ") + joined(names),
         meant ? "did you mean " + *meant + "?" : "");
}

const Span& Fields::value_span(std::string_view key, const Span& otherwise) const {
  const Entry* entry = node_.find(key);
  return entry == nullptr ? otherwise : entry->value->span;
}

const Span& Fields::key_span(std::string_view key, const Span& otherwise) const {
  const Entry* entry = node_.find(key);
  return entry == nullptr ? otherwise : entry->key_span;
}

}  // namespace actord::host
