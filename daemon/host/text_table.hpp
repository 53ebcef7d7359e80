// The table of zero-terminated texts that ELF files and the linker's cache point into.
#pragma once

#include <cstdint>
#include <string>

namespace actord::host {

// Empty for an offset past the end.
inline std::string text_at(const std::string& table, uint64_t offset) {
  if (offset >= table.size()) return {};
  return table.substr(offset, table.find('\0', offset) - offset);
}

}  // namespace actord::host
