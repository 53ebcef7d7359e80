// Notes of an ELF file: records of owner, type and description. Read with file I/O, so that looking
// at a plugin runs none of its code.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.hpp"
#include "host/file_descriptor.hpp"

namespace actord::host {

// A run of notes: a PT_NOTE segment or a SHT_NOTE section.
struct NoteRange {
  uint64_t offset = 0;
  uint64_t size = 0;
  uint64_t alignment = 4;  // 8: name and description are padded to 8 bytes; anything else: to 4
};

struct ElfNote {
  uint32_t type = 0;
  std::string description;
};

// The notes of one owner, in file order. The error says what is wrong with the file; nothing read
// from it is trusted: every size is checked against the range and the range against the file.
Result<std::vector<ElfNote>> read_notes(const FileReader& file, const NoteRange& range,
                                        const std::string& owner);

}  // namespace actord::host
