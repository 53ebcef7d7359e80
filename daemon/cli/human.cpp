#include "cli/human.hpp"

#include <charconv>
#include <cstdio>
#include <ctime>

namespace actord::host {
namespace {

constexpr uint64_t kSecondMs = 1'000;
constexpr uint64_t kMinuteMs = 60 * kSecondMs;
constexpr uint64_t kHourMs = 60 * kMinuteMs;
constexpr uint64_t kDayMs = 24 * kHourMs;

template <class... Values>
std::string formatted(const char* format, Values... values) {
  char text[96];
  std::snprintf(text, sizeof(text), format, values...);
  return text;
}

bool starts_character(char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }

std::string cleaned(std::string_view text, std::string_view kept) {
  std::string clean;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    // U+0080..U+009F (C2 80..C2 9F) command some terminals like ESC does.
    const bool c1 =
        c == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0;
    if (c1) {
      clean += formatted("\\x%02x", static_cast<unsigned char>(text[++i]));
    } else if ((c < 0x20 && kept.find(text[i]) == std::string_view::npos) || c == 0x7f) {
      clean += formatted("\\x%02x", c);
    } else {
      clean += text[i];
    }
  }
  return clean;
}

}  // namespace

std::string count_text(uint64_t count) {
  std::string text = std::to_string(count);
  for (size_t at = text.size(); at > 3;) text.insert(at -= 3, 1, ' ');
  return text;
}

std::string bytes_text(uint64_t bytes) {
  constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  size_t unit = 0;
  auto value = static_cast<double>(bytes);
  while (value >= 1'024 && unit + 1 < std::size(kUnits)) {
    value /= 1'024;
    ++unit;
  }
  return formatted(unit == 0 || value >= 9.95 ? "%.0f %s" : "%.1f %s", value, kUnits[unit]);
}

std::string duration_text(uint64_t ms) {
  if (ms < kSecondMs) return formatted("%dms", static_cast<int>(ms));
  if (ms < kMinuteMs) {
    return ms % kSecondMs == 0 ? std::to_string(ms / kSecondMs) + "s"
                               : formatted("%.1fs", static_cast<double>(ms) / kSecondMs);
  }
  if (ms < kHourMs) {
    const uint64_t seconds = ms % kMinuteMs / kSecondMs;
    return std::to_string(ms / kMinuteMs) + "m" +
           (seconds == 0 ? "" : " " + std::to_string(seconds) + "s");
  }
  const uint64_t minutes = ms % kHourMs / kMinuteMs;
  return std::to_string(ms / kHourMs) + "h" +
         (minutes == 0 ? "" : " " + std::to_string(minutes) + "m");
}

std::string microseconds_text(uint64_t us) {
  if (us < 1'000) return std::to_string(us) + " us";
  if (us < 1'000'000)
    return formatted(us < 9'950 ? "%.1f ms" : "%.0f ms", static_cast<double>(us) / 1'000);
  return duration_text(us / 1'000);
}

std::string uptime_text(uint64_t ms) {
  const auto days = static_cast<int>(ms / kDayMs);
  const auto hours = static_cast<int>(ms % kDayMs / kHourMs);
  const auto minutes = static_cast<int>(ms % kHourMs / kMinuteMs);
  const auto seconds = static_cast<int>(ms % kMinuteMs / kSecondMs);
  if (days > 0) return formatted("%dd %02d:%02d", days, hours, minutes);
  if (hours > 0) return formatted("%dh %02dm", hours, minutes);
  if (minutes > 0) return formatted("%dm %02ds", minutes, seconds);
  return formatted("%ds", seconds);
}

std::string clock_text(int64_t unix_ms, int64_t now_unix_ms) {
  if (unix_ms == 0) return "-";
  const auto seconds = static_cast<time_t>(unix_ms / 1'000);
  std::tm parts{};
  if (::localtime_r(&seconds, &parts) == nullptr) return "-";
  const bool recent =
      unix_ms <= now_unix_ms && now_unix_ms - unix_ms < static_cast<int64_t>(kDayMs);
  char text[32];
  const size_t size =
      std::strftime(text, sizeof(text), recent ? "%H:%M:%S" : "%Y-%m-%d %H:%M:%S", &parts);
  return std::string(text, size);
}

std::string plural(uint64_t count, std::string_view noun) {
  return count_text(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

Result<uint64_t> parse_duration(std::string_view text, std::string_view what) {
  const auto bad = [&](const char* why) {
    return Error{ACTORD_E_INVALID,
                 std::string(what) + " \"" + printable(text.substr(0, 40)) + "\" " + why};
  };
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number > 1'000'000'000)
    return bad("is no duration; write e.g. 500ms, 5s, 2m, 1h");
  const std::string_view unit(end, static_cast<size_t>(text.data() + text.size() - end));
  if (unit.empty()) return bad("has no unit; write e.g. 30s or 30ms");
  if (unit == "ms") return number;
  if (unit == "s") return number * kSecondMs;
  if (unit == "m") return number * kMinuteMs;
  if (unit == "h") return number * kHourMs;
  if (unit == "d") return number * kDayMs;
  return bad("has an unknown unit; use ms, s, m, h or d");
}

std::string printable(std::string_view text) { return cleaned(text, ""); }

std::string printable_lines(std::string_view text) { return cleaned(text, "\n\t"); }

std::string first_line(std::string_view text) { return printable(text.substr(0, text.find('\n'))); }

std::string shortened(std::string_view text, size_t columns) {
  if (columns_of(text) <= columns) return std::string(text);
  size_t end = 0;
  for (size_t seen = 0; end < text.size(); ++end) {
    if (starts_character(text[end]) && seen++ == columns - 1) break;
  }
  return std::string(text.substr(0, end)) + "…";
}

size_t columns_of(std::string_view text) {
  size_t columns = 0;
  for (const char c : text) columns += starts_character(c) ? 1 : 0;
  return columns;
}

}  // namespace actord::host
