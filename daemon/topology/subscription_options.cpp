#include "topology/subscription_options.hpp"

#include <algorithm>

#include "core/condition.hpp"
#include "topology/quantity.hpp"

namespace actord::host {
namespace {

constexpr uint32_t kThrottleMax = 1'000'000;
// A stream that never pauses is still heard of, this many pauses after it began.
constexpr uint64_t kLongestPerQuiet = 10;

const std::vector<std::pair<std::string, GroupBy>> kGroups = {
    {"all", GroupBy::kAll}, {"topic", GroupBy::kTopic}, {"key", GroupBy::kKey}};

size_t byte_of(std::string_view line, uint32_t column) {
  size_t at = 0;
  for (uint32_t passed = 1; passed < column && at < line.size(); ++passed) {
    ++at;
    while (at < line.size() && (static_cast<unsigned char>(line[at]) & 0xc0) == 0x80) ++at;
  }
  return at;
}

// The place of one byte of a value. Where the value is not on its line as it is read (a variable, an
// escape, a block), nobody can tell, and it is that of the value.
Span place_in(const Node& value, size_t at, const std::vector<SourceFile>& files) {
  const auto file = std::find_if(files.begin(), files.end(), [&](const SourceFile& one) {
    return one.name() == value.span.file;
  });
  if (file == files.end()) return value.span;
  const std::string_view line = file->line(value.span.line);
  const size_t quote = value.quoted ? 1 : 0;
  const size_t begin = byte_of(line, value.span.column) + quote;
  if (begin > line.size() || !line.substr(begin).starts_with(value.text)) return value.span;
  return file->span(file->offset(value.span.line - 1, begin + at));
}

// On one line, and not all of a long one.
std::string shown(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\n' || c == '\t'; }, ' ');
  return text.size() > 80 ? text.substr(0, 80) + "..." : text;
}

size_t character_count(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

void read_where(Fields& subscription, const std::vector<SourceFile>& files, std::string& where,
                Diagnostics& diagnostics) {
  if (!subscription.text("where", where)) return;
  while (where.ends_with('\n')) where.pop_back();  // of a block
  auto parsed = Condition::parse(where);
  const auto* mistake = std::get_if<Condition::Mistake>(&parsed);
  if (mistake == nullptr) return;
  const Node& value = *subscription.take("where")->value;
  const size_t place = character_count(std::string_view(where).substr(0, mistake->at)) + 1;
  diagnostics.add("E308", place_in(value, mistake->at, files),
                  "condition \"" + shown(where) + "\", character " + std::to_string(place) + ": " +
                      mistake->text);
}

bool is_map_without(const Entry* entry, std::string_view key) {
  return entry != nullptr && entry->value->type == Node::Type::kMap &&
         entry->value->find(key) == nullptr;
}

void read_throttle(Fields& subscription, ThrottleOptions& options, Diagnostics& diagnostics) {
  const Entry* entry = subscription.take("throttle");
  Fields throttle = subscription.below("throttle");
  const bool messages = throttle.integer("messages", 1u, kThrottleMax, options.messages);
  throttle.duration("within", 1, options.within_ms);
  throttle.choice<GroupBy>("by", kGroups, options.by);
  if (!messages && is_map_without(entry, "messages"))
    diagnostics.add("E104", entry->value->span,
                    "a throttle needs \"messages\": {messages: 10, within: 1s}");
}

void read_debounce(Fields& subscription, DebounceOptions& options, Diagnostics& diagnostics) {
  const Entry* entry = subscription.take("debounce");
  Fields debounce = subscription.below("debounce");
  const bool quiet = debounce.duration("quiet", 1, options.quiet_ms);
  const bool longest = debounce.duration("longest", 1, options.longest_ms);
  debounce.choice<GroupBy>("by", kGroups, options.by);
  if (quiet && !longest) options.longest_ms = options.quiet_ms * kLongestPerQuiet;
  if (quiet && options.longest_ms < options.quiet_ms) {
    diagnostics.add("E105", debounce.value_span("longest", {}),
                    "longest " + duration_text(options.longest_ms) + " is shorter than quiet " +
                        duration_text(options.quiet_ms));
  }
  if (!quiet && is_map_without(entry, "quiet"))
    diagnostics.add("E104", entry->value->span,
                    "a debounce needs \"quiet\": {quiet: 200ms, longest: 2s}");
}

}  // namespace

bool read_subscription_options(Fields& subscription, const std::vector<SourceFile>& files,
                               SubscriptionOptions& options, Diagnostics& diagnostics) {
  const size_t before = diagnostics.errors();
  read_where(subscription, files, options.where, diagnostics);
  read_throttle(subscription, options.throttle, diagnostics);
  read_debounce(subscription, options.debounce, diagnostics);
  return diagnostics.errors() == before;
}

}  // namespace actord::host
