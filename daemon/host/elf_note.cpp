#include "host/elf_note.hpp"

#include <elf.h>

#include <algorithm>
#include <cstring>

#include "base/limits.hpp"

namespace actord::host {
namespace {

uint64_t padded(uint64_t size, uint64_t alignment) {
  return (size + alignment - 1) & ~(alignment - 1);
}

Error damaged_note(const char* what) {
  return Error{ACTORD_E_PLUGIN, std::string("is truncated or damaged: ") + what};
}

}  // namespace

Result<std::vector<ElfNote>> read_notes(const FileReader& file, const NoteRange& range,
                                        const std::string& owner) {
  if (!file.contains(range.offset, range.size))
    return damaged_note("its notes lie past the end of the file");
  // Twice: the manifest, and room for other owners' notes beside it.
  if (range.size > 2 * limits::kManifestBytes)
    return damaged_note("its notes are larger than 2 MiB");
  std::string bytes;
  if (!file.read(range.offset, range.size, bytes)) return damaged_note("its notes cannot be read");

  const uint64_t alignment = range.alignment == 8 ? 8 : 4;
  std::vector<ElfNote> notes;
  uint64_t at = 0;
  while (bytes.size() - at >= sizeof(Elf64_Nhdr)) {
    Elf64_Nhdr header;
    std::memcpy(&header, bytes.data() + at, sizeof header);
    at += sizeof header;
    // 32-bit sizes in 64-bit sums: nothing here can wrap.
    const uint64_t description = padded(at + header.n_namesz, alignment);
    const uint64_t end = description + header.n_descsz;
    if (end > bytes.size()) return damaged_note("a note runs past the end of its section");
    const bool ours = header.n_namesz == owner.size() + 1 &&
                      bytes.compare(at, owner.size(), owner) == 0 &&
                      bytes[at + owner.size()] == '\0';
    if (ours) notes.push_back({header.n_type, bytes.substr(description, header.n_descsz)});
    at = std::min<uint64_t>(padded(end, alignment), bytes.size());
  }
  return notes;
}

}  // namespace actord::host
