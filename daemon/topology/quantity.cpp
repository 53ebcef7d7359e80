#include "topology/quantity.hpp"

#include <cctype>
#include <charconv>
#include <optional>
#include <vector>

#include "base/limits.hpp"

namespace actord::host {
namespace {

struct Unit {
  std::string_view name;
  uint64_t factor;
};

// Largest first.
constexpr Unit kDurationUnits[] = {
    {"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}};
constexpr Unit kSizeUnits[] = {
    {"TiB", 1ull << 40}, {"GiB", 1ull << 30}, {"MiB", 1ull << 20}, {"KiB", 1ull << 10}, {"B", 1}};

// "256MB", "64k": what was meant, in the one spelling there is.
struct OtherSpelling {
  std::string_view written;
  std::string_view meant;
};
constexpr OtherSpelling kOtherSpellings[] = {
    {"k", "KiB"},     {"kb", "KiB"},  {"kib", "KiB"}, {"m", "MiB"},     {"mb", "MiB"},
    {"mib", "MiB"},   {"g", "GiB"},   {"gb", "GiB"},  {"gib", "GiB"},   {"t", "TiB"},
    {"tb", "TiB"},    {"tib", "TiB"}, {"b", "B"},     {"sec", "s"},     {"secs", "s"},
    {"min", "m"},     {"mins", "m"},  {"hour", "h"},  {"hours", "h"},   {"hr", "h"},
    {"day", "d"},     {"days", "d"},  {"msec", "ms"}, {"seconds", "s"}, {"second", "s"},
    {"minutes", "m"}, {"minute", "m"}};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

size_t digits(std::string_view text) {
  size_t count = 0;
  while (count < text.size() && is_digit(text[count])) ++count;
  return count;
}

Error bad(std::string text) { return Error{ACTORD_E_INVALID, std::move(text)}; }

std::optional<std::string_view> meant(std::string_view written, bool size) {
  std::string lower;
  for (const char c : written)
    lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (const auto& spelling : kOtherSpellings) {
    const bool size_unit = spelling.meant.ends_with('B');
    if (spelling.written == lower && size_unit == size) return spelling.meant;
  }
  return std::nullopt;
}

template <size_t N>
Result<uint64_t> parse(std::string_view text, const Unit (&units)[N], bool one, uint64_t max,
                       const std::string& how) {
  uint64_t total = 0;
  const Unit* last = nullptr;
  for (std::string_view rest = text; !rest.empty() || last == nullptr;) {
    const size_t count = digits(rest);
    if (count == 0) return bad("is no " + how);
    uint64_t number = 0;
    const auto [end, code] = std::from_chars(rest.data(), rest.data() + count, number);
    if (code != std::errc{}) return bad("is too large");
    const std::string_view digits_text = rest.substr(0, count);
    rest.remove_prefix(count);
    size_t letters = 0;
    while (letters < rest.size() && !is_digit(rest[letters])) ++letters;
    const std::string_view name = rest.substr(0, letters);
    rest.remove_prefix(letters);
    if (name.empty()) {
      return bad("has no unit; write " + std::string(digits_text) + (one ? "MiB or " : "s or ") +
                 std::string(digits_text) + (one ? "KiB" : "ms"));
    }
    const Unit* unit = nullptr;
    for (const auto& known : units) {
      if (known.name == name) unit = &known;
    }
    if (unit == nullptr) {
      if (const auto spelling = meant(name, one); spelling && rest.empty() && last == nullptr) {
        return bad("has no unit known here; write " + std::string(digits_text) +
                   std::string(*spelling));
      }
      return bad("is no " + how);
    }
    // Each unit once, largest first: "1h30m", not "30m1h".
    if (last != nullptr && (one || unit <= last)) return bad("is no " + how);
    if (number > (max - total) / unit->factor) return bad("is too large");
    total += number * unit->factor;
    last = unit;
  }
  return total;
}

template <size_t N>
std::string largest_exact(uint64_t value, const Unit (&units)[N]) {
  for (const auto& unit : units) {
    if (value != 0 && value % unit.factor == 0) {
      return std::to_string(value / unit.factor) + std::string(unit.name);
    }
  }
  return "0" + std::string(units[N - 1].name);
}

}  // namespace

Result<uint64_t> parse_duration(std::string_view text) {
  return parse(text, kDurationUnits, false, limits::kDurationMsMax,
               "duration; write 250ms, 30s, 5m, 2h or 7d");
}

Result<uint64_t> parse_size(std::string_view text) {
  return parse(text, kSizeUnits, true, UINT64_MAX >> 1, "size; write 512B, 64KiB, 256MiB or 1GiB");
}

std::string duration_text(uint64_t ms) { return largest_exact(ms, kDurationUnits); }
std::string size_text(uint64_t bytes) { return largest_exact(bytes, kSizeUnits); }

}  // namespace actord::host
