// Quantities as people write them: durations ("250ms", "1h30m") and sizes ("256MiB").
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.hpp"

namespace actord::host {

// Milliseconds. Units ms s m h d, largest first. The error's text says how to write it.
Result<uint64_t> parse_duration(std::string_view text);
// Bytes. Units B KiB MiB GiB TiB.
Result<uint64_t> parse_size(std::string_view text);

// The shortest way to write it that reads back the same.
std::string duration_text(uint64_t ms);
std::string size_text(uint64_t bytes);

}  // namespace actord::host
