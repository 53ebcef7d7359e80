// ElfFile: what the host wants to know about a shared library before it maps any of it.
//
// The file is read with pread through bounds checks and never mapped: it may be cut, garbage or made
// to harm. Only files for this machine are read further than their first 20 bytes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.hpp"
#include "host/elf_note.hpp"
#include "host/file_descriptor.hpp"

namespace actord::host {

struct ElfSymbol {
  std::string name;
  bool defined = false;
  bool weak = false;
};

// A version of a library's symbols that a file was linked against: "GLIBCXX_3.4.30" of "libstdc++.so.6".
struct VersionNeed {
  std::string library;
  std::string version;
};

struct ElfFile {
  std::vector<NoteRange> segment_notes;  // PT_NOTE: what is loaded
  std::vector<NoteRange> section_notes;  // SHT_NOTE: the fallback
  std::vector<std::string> needed;       // DT_NEEDED
  std::vector<std::string> search_path;  // DT_RUNPATH, or DT_RPATH; as written
  bool text_relocations = false;
  bool executable_stack = false;
  bool has_symbols = false;                // false: no section headers; symbols are not known
  std::vector<ElfSymbol> symbols;          // dynamic ones
  std::vector<VersionNeed> version_needs;  // weak ones left out
  std::vector<std::string> versions;       // that it defines; empty: it has none
};

// The error's text continues "FILE ...": "is not an ELF file", "is for aarch64, this host is x86_64".
Result<ElfFile> read_elf_file(const FileReader& file);

std::string machine_name(uint16_t machine);  // EM_*; "machine 999" when unknown

}  // namespace actord::host
