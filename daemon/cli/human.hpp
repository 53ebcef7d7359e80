// Numbers, times and foreign text as people read them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.hpp"

namespace actord::host {

std::string count_text(uint64_t count);      // 41 212
std::string bytes_text(uint64_t bytes);      // 312 B, 3.4 KiB, 212 MiB
std::string duration_text(uint64_t ms);      // 200ms, 1.6s, 5m, 4h 12m
std::string microseconds_text(uint64_t us);  // 840 us, 2 ms, 1.6s
std::string uptime_text(uint64_t ms);        // 42s, 12m 05s, 4h 12m, 3d 04:12
// Local time: 09:20:01 for the last day, else 2024-03-01 09:20:01. "-" for 0.
std::string clock_text(int64_t unix_ms, int64_t now_unix_ms);
std::string plural(uint64_t count, std::string_view noun);  // 1 restart, 2 restarts

// "500ms", "5s", "2m", "1h", "7d". E_INVALID names what and the fix.
Result<uint64_t> parse_duration(std::string_view text, std::string_view what);

// Text from messages and plugins may hold anything: control characters are shown as \xNN, so it can
// neither break a line of a table nor command the terminal. With lines, newlines and tabs stay.
std::string printable(std::string_view text);
std::string printable_lines(std::string_view text);
std::string first_line(std::string_view text);
// At most `columns` characters, the last one an ellipsis when text was longer. Counts code points.
std::string shortened(std::string_view text, size_t columns);
size_t columns_of(std::string_view text);

}  // namespace actord::host
