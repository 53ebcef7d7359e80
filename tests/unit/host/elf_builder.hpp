// Builds small ELF files in memory, right or wrong as a test wants them.
#pragma once

#include <elf.h>

#include <cstring>
#include <string>
#include <vector>

#include "actord/abi.h"

namespace actord::host::testing {

template <class T>
void append(std::string& to, const T& value) {
  to.append(reinterpret_cast<const char*>(&value), sizeof value);
}

inline std::string note(uint32_t type, const std::string& description,
                        const std::string& owner = "actord", size_t alignment = 4) {
  const auto pad = [&](std::string& text) {
    text.resize((text.size() + alignment - 1) / alignment * alignment, '\0');
  };
  std::string bytes;
  append(bytes, Elf64_Nhdr{static_cast<Elf64_Word>(owner.size() + 1),
                           static_cast<Elf64_Word>(description.size()), type});
  bytes += owner + '\0';
  pad(bytes);
  bytes += description;
  pad(bytes);
  return bytes;
}

inline std::string version_note(uint32_t major = ACTORD_ABI_MAJOR, uint32_t minor_min = 0) {
  std::string record;
  append(record, actord_note_version{major, ACTORD_ABI_MINOR, minor_min, 0});
  return note(ACTORD_NOTE_VERSION, record);
}

inline std::string manifest_note(const std::string& json) {
  return note(ACTORD_NOTE_MANIFEST, json + '\0');
}

inline constexpr const char* kGoodManifest =
    R"({"id": "demo", "version": "1.2", "kinds": [{"name": "Echo"}]})";

// One PT_LOAD over the whole file, PT_DYNAMIC, PT_NOTE, PT_GNU_STACK; sections for notes and symbols.
struct ElfBuilder {
  std::string notes = version_note() + manifest_note(kGoodManifest);
  std::vector<std::string> needed;
  std::string runpath;
  uint64_t dynamic_flags = 0, dynamic_flags_1 = 0;
  uint32_t stack_flags = PF_R | PF_W;
  uint16_t machine = EM_X86_64, type = ET_DYN;
  uint64_t note_alignment = 4;
  bool with_segment_note = true;
  bool with_sections = true;
  std::vector<std::pair<std::string, bool>> symbols = {
      {ACTORD_PLUGIN_ENTRY_SYMBOL, true}};  // name, defined

  std::string build() const {
    std::string names(1, '\0');
    const auto name = [&](const std::string& text) {
      const size_t at = names.size();
      names += text + '\0';
      return at;
    };
    std::vector<Elf64_Dyn> dynamic;
    for (const auto& library : needed) dynamic.push_back({DT_NEEDED, {name(library)}});
    if (!runpath.empty()) dynamic.push_back({DT_RUNPATH, {name(runpath)}});
    if (dynamic_flags != 0) dynamic.push_back({DT_FLAGS, {dynamic_flags}});
    if (dynamic_flags_1 != 0) dynamic.push_back({DT_FLAGS_1, {dynamic_flags_1}});
    std::string table(sizeof(Elf64_Sym), '\0');
    for (const auto& [text, defined] : symbols) {
      Elf64_Sym symbol{};
      symbol.st_name = static_cast<Elf64_Word>(name(text));
      symbol.st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC);
      symbol.st_shndx = defined ? 1 : SHN_UNDEF;
      append(table, symbol);
    }

    const uint64_t notes_at = sizeof(Elf64_Ehdr) + 4 * sizeof(Elf64_Phdr);
    const uint64_t names_at = notes_at + notes.size();
    const uint64_t table_at = (names_at + names.size() + 7) / 8 * 8;
    const uint64_t dynamic_at = table_at + table.size();
    dynamic.push_back({DT_STRTAB, {names_at}});
    dynamic.push_back({DT_STRSZ, {names.size()}});
    dynamic.push_back({DT_NULL, {0}});
    const uint64_t dynamic_size = dynamic.size() * sizeof(Elf64_Dyn);
    const uint64_t sections_at = dynamic_at + dynamic_size;
    const uint64_t end = sections_at + (with_sections ? 4 * sizeof(Elf64_Shdr) : 0);

    Elf64_Ehdr header{};
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_ident[EI_VERSION] = EV_CURRENT;
    header.e_type = type;
    header.e_machine = machine;
    header.e_phoff = sizeof header;
    header.e_phentsize = sizeof(Elf64_Phdr);
    header.e_phnum = 4;
    header.e_shoff = with_sections ? sections_at : 0;
    header.e_shentsize = sizeof(Elf64_Shdr);
    header.e_shnum = with_sections ? 4 : 0;

    std::string file;
    append(file, header);
    append(file, Elf64_Phdr{PT_LOAD, PF_R, 0, 0, 0, end, end, 4096});
    append(file,
           Elf64_Phdr{PT_DYNAMIC, PF_R, dynamic_at, dynamic_at, 0, dynamic_size, dynamic_size, 8});
    append(file, Elf64_Phdr{with_segment_note ? Elf64_Word{PT_NOTE} : Elf64_Word{PT_NULL}, PF_R,
                            notes_at, notes_at, 0, notes.size(), notes.size(), note_alignment});
    append(file, Elf64_Phdr{PT_GNU_STACK, stack_flags, 0, 0, 0, 0, 0, 16});
    file += notes + names;
    file.resize(table_at, '\0');
    file += table;
    for (const auto& entry : dynamic) append(file, entry);
    if (with_sections) {
      append(file, Elf64_Shdr{});
      append(file, Elf64_Shdr{0, SHT_NOTE, SHF_ALLOC, notes_at, notes_at, notes.size(), 0, 0,
                              note_alignment, 0});
      append(file,
             Elf64_Shdr{0, SHT_STRTAB, SHF_ALLOC, names_at, names_at, names.size(), 0, 0, 1, 0});
      append(file, Elf64_Shdr{0, SHT_DYNSYM, SHF_ALLOC, table_at, table_at, table.size(), 2, 1, 8,
                              sizeof(Elf64_Sym)});
    }
    return file;
  }
};

}  // namespace actord::host::testing
