// CRC-32C (Castagnoli), the checksum of the journal's chains.
#pragma once

#include <cstdint>
#include <string_view>

namespace actord::host {

// Continues from `crc` (0 to begin).
uint32_t crc32c(uint32_t crc, std::string_view bytes);

}  // namespace actord::host
