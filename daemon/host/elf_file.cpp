#include "host/elf_file.hpp"

#include <elf.h>

#include <cstring>

#include "base/limits.hpp"
#include "host/text_table.hpp"

namespace actord::host {
namespace {

#if defined(__x86_64__)
constexpr uint16_t kOwnMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr uint16_t kOwnMachine = EM_AARCH64;
#elif defined(__riscv)
constexpr uint16_t kOwnMachine = EM_RISCV;
#else
#error "name this machine's EM_ constant here"
#endif

Error refused(std::string text) { return Error{ACTORD_E_PLUGIN, std::move(text)}; }
Error damaged(const char* what) { return refused(std::string("is truncated or damaged: ") + what); }

// A table of headers, or nothing when it does not lie in the file.
template <class Header>
Result<std::vector<Header>> read_table(const FileReader& file, uint64_t offset, uint64_t count,
                                       uint64_t entry_size, const char* what) {
  if (count == 0) return std::vector<Header>();
  if (entry_size != sizeof(Header) || count > limits::kElfHeaders) return damaged(what);
  std::vector<Header> table(count);
  if (!file.read(offset, table.data(), count * sizeof(Header))) return damaged(what);
  return table;
}

Result<Elf64_Ehdr> read_header(const FileReader& file) {
  unsigned char ident[EI_NIDENT + 4];
  if (!file.read(0, ident, sizeof ident)) {
    return refused("is not an ELF file (" + std::to_string(file.size()) + " bytes)");
  }
  if (std::memcmp(ident, ELFMAG, SELFMAG) != 0) return refused("is not an ELF file");
  if (ident[EI_DATA] != ELFDATA2LSB) return refused("is built for a big-endian machine");
  const auto machine = static_cast<uint16_t>(ident[EI_NIDENT + 2] | ident[EI_NIDENT + 3] << 8);
  if (machine != kOwnMachine || ident[EI_CLASS] != ELFCLASS64) {
    return refused("is for " + machine_name(machine) +
                   (ident[EI_CLASS] == ELFCLASS32 ? " (32 bit)" : "") + ", this host is " +
                   machine_name(kOwnMachine));
  }
  Elf64_Ehdr header;
  if (!file.read(0, &header, sizeof header)) return damaged("its ELF header is cut");
  if (header.e_type != ET_DYN)
    return refused("is an ELF file but no shared library; link it with -shared");
  return header;
}

// The file as a set of loaded segments: addresses in the dynamic section become offsets here.
class Image {
 public:
  explicit Image(std::vector<Elf64_Phdr> segments) : segments_(std::move(segments)) {}

  const std::vector<Elf64_Phdr>& segments() const { return segments_; }
  bool offset_of(uint64_t address, uint64_t& offset) const {
    for (const auto& segment : segments_) {
      if (segment.p_type != PT_LOAD || address < segment.p_vaddr) continue;
      const uint64_t inside = address - segment.p_vaddr;
      if (inside >= segment.p_filesz) continue;
      offset = segment.p_offset + inside;
      return true;
    }
    return false;
  }

 private:
  std::vector<Elf64_Phdr> segments_;
};

std::vector<std::string> split_path(const std::string& text) {
  std::vector<std::string> parts;
  for (size_t at = 0; at <= text.size();) {
    const size_t end = std::min(text.find(':', at), text.size());
    parts.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

struct DynamicEntries {
  uint64_t names_address = 0, names_size = 0;
  std::vector<uint64_t> needed;
  uint64_t runpath = 0, rpath = 0;  // offsets into the names; 0 = none (offset 0 is the empty name)
  bool text_relocations = false;
  bool program = false;
};

DynamicEntries sort_entries(const std::vector<Elf64_Dyn>& entries) {
  DynamicEntries found;
  for (const auto& entry : entries) {
    const uint64_t value = entry.d_un.d_val;
    switch (entry.d_tag) {
      case DT_NULL: return found;
      case DT_STRTAB: found.names_address = value; break;
      case DT_STRSZ: found.names_size = value; break;
      case DT_NEEDED: found.needed.push_back(value); break;
      case DT_RUNPATH: found.runpath = value; break;
      case DT_RPATH: found.rpath = value; break;
      case DT_TEXTREL: found.text_relocations = true; break;
      case DT_FLAGS: found.text_relocations |= (value & DF_TEXTREL) != 0; break;
      case DT_FLAGS_1: found.program |= (value & DF_1_PIE) != 0; break;
      default: break;
    }
  }
  return found;
}

Result<void> read_dynamic(const FileReader& file, const Image& image, const Elf64_Phdr& segment,
                          ElfFile& out) {
  ACTORD_TRY_ASSIGN(
      const auto entries,
      read_table<Elf64_Dyn>(file, segment.p_offset, segment.p_filesz / sizeof(Elf64_Dyn),
                            sizeof(Elf64_Dyn), "its dynamic section is not in the file"));
  const DynamicEntries found = sort_entries(entries);
  if (found.program) return refused("is a program, not a shared library; link it with -shared");
  uint64_t offset = 0;
  std::string names;
  if (found.names_size > limits::kElfTableBytes || !image.offset_of(found.names_address, offset) ||
      !file.read(offset, found.names_size, names)) {
    return damaged("its dynamic names are not in the file");
  }
  for (const uint64_t name : found.needed) out.needed.push_back(text_at(names, name));
  // As the dynamic linker does: with a RUNPATH, RPATH is ignored.
  const uint64_t path = found.runpath != 0 ? found.runpath : found.rpath;
  if (path != 0) out.search_path = split_path(text_at(names, path));
  out.text_relocations = found.text_relocations;
  return {};
}

Result<void> read_segments(const FileReader& file, const Image& image, ElfFile& out) {
  const Elf64_Phdr* dynamic = nullptr;
  for (const auto& segment : image.segments()) {
    switch (segment.p_type) {
      case PT_LOAD:
        // Touching a mapped page past the end of the file is SIGBUS, so a cut file stops here.
        if (!file.contains(segment.p_offset, segment.p_filesz))
          return damaged("a segment lies past the end of the file");
        break;
      case PT_DYNAMIC: dynamic = &segment; break;
      case PT_NOTE:
        out.segment_notes.push_back({segment.p_offset, segment.p_filesz, segment.p_align});
        break;
      case PT_GNU_STACK: out.executable_stack = (segment.p_flags & PF_X) != 0; break;
      default: break;
    }
  }
  if (dynamic == nullptr) return damaged("it has no dynamic section");
  return read_dynamic(file, image, *dynamic, out);
}

// A section and the names that its entries point to.
struct Named {
  std::string bytes, names;
};

Result<Named> read_named(const FileReader& file, const std::vector<Elf64_Shdr>& sections,
                         const Elf64_Shdr& section) {
  Named out;
  const bool sane = section.sh_link < sections.size() &&
                    section.sh_size <= limits::kElfTableBytes &&
                    sections[section.sh_link].sh_size <= limits::kElfTableBytes;
  if (!sane || !file.read(section.sh_offset, section.sh_size, out.bytes) ||
      !file.read(sections[section.sh_link].sh_offset, sections[section.sh_link].sh_size,
                 out.names)) {
    return damaged("its symbols are not in the file");
  }
  return out;
}

template <class Entry>
bool entry_at(const std::string& bytes, uint64_t offset, Entry& out) {
  if (offset > bytes.size() || sizeof out > bytes.size() - offset) return false;
  std::memcpy(&out, bytes.data() + offset, sizeof out);
  return true;
}

Result<void> read_symbols(const FileReader& file, const std::vector<Elf64_Shdr>& sections,
                          const Elf64_Shdr& table, ElfFile& out) {
  ACTORD_TRY_ASSIGN(const Named section, read_named(file, sections, table));
  Elf64_Sym symbol;
  for (uint64_t at = 0; entry_at(section.bytes, at, symbol); at += sizeof symbol) {
    std::string name = text_at(section.names, symbol.st_name);
    if (name.empty() || ELF64_ST_BIND(symbol.st_info) == STB_LOCAL) continue;
    out.symbols.push_back(
        {std::move(name), symbol.st_shndx != SHN_UNDEF, ELF64_ST_BIND(symbol.st_info) == STB_WEAK});
  }
  out.has_symbols = true;
  return {};
}

// Both lists are chains of relative offsets; the number of steps is bounded, whatever they say.
void read_version_needs(const Named& section, ElfFile& out) {
  Elf64_Verneed need;
  for (uint64_t at = 0, steps = 0; steps < limits::kElfHeaders && entry_at(section.bytes, at, need);
       ++steps) {
    Elf64_Vernaux version;
    uint64_t inner = at + need.vn_aux;
    for (uint64_t i = 0; i < need.vn_cnt && ++steps < limits::kElfHeaders &&
                         entry_at(section.bytes, inner, version);
         ++i) {
      if ((version.vna_flags & VER_FLG_WEAK) == 0) {
        out.version_needs.push_back(
            {text_at(section.names, need.vn_file), text_at(section.names, version.vna_name)});
      }
      inner += version.vna_next;
    }
    if (need.vn_next == 0) return;
    at += need.vn_next;
  }
}

void read_versions(const Named& section, ElfFile& out) {
  Elf64_Verdef definition;
  for (uint64_t at = 0, steps = 0;
       steps < limits::kElfHeaders && entry_at(section.bytes, at, definition); ++steps) {
    Elf64_Verdaux name;
    if (entry_at(section.bytes, at + definition.vd_aux, name))
      out.versions.push_back(text_at(section.names, name.vda_name));
    if (definition.vd_next == 0) return;
    at += definition.vd_next;
  }
}

Result<void> read_sections(const FileReader& file, const Elf64_Ehdr& header, ElfFile& out) {
  if (header.e_shoff == 0) return {};
  ACTORD_TRY_ASSIGN(const auto sections,
                    read_table<Elf64_Shdr>(file, header.e_shoff, header.e_shnum, header.e_shentsize,
                                           "its section headers are not in the file"));
  for (const auto& section : sections) {
    if (section.sh_type == SHT_NOTE) {
      out.section_notes.push_back({section.sh_offset, section.sh_size, section.sh_addralign});
    }
    if (section.sh_type == SHT_DYNSYM && !out.has_symbols) {
      ACTORD_TRY(read_symbols(file, sections, section, out));
    }
    if (section.sh_type == SHT_GNU_verneed) {
      ACTORD_TRY_ASSIGN(const Named needs, read_named(file, sections, section));
      read_version_needs(needs, out);
    }
    if (section.sh_type == SHT_GNU_verdef) {
      ACTORD_TRY_ASSIGN(const Named definitions, read_named(file, sections, section));
      read_versions(definitions, out);
    }
  }
  return {};
}

}  // namespace

std::string machine_name(uint16_t machine) {
  switch (machine) {
    case EM_386: return "i386";
    case EM_ARM: return "arm";
    case EM_X86_64: return "x86_64";
    case EM_AARCH64: return "aarch64";
    case EM_RISCV: return "riscv";
    case EM_PPC64: return "ppc64";
    case EM_S390: return "s390x";
    case EM_MIPS: return "mips";
    default: return "machine " + std::to_string(machine);
  }
}

Result<ElfFile> read_elf_file(const FileReader& file) {
  ACTORD_TRY_ASSIGN(const Elf64_Ehdr header, read_header(file));
  ACTORD_TRY_ASSIGN(auto segments,
                    read_table<Elf64_Phdr>(file, header.e_phoff, header.e_phnum, header.e_phentsize,
                                           "its program headers are not in the file"));
  ElfFile out;
  ACTORD_TRY(read_segments(file, Image(std::move(segments)), out));
  ACTORD_TRY(read_sections(file, header, out));
  return out;
}

}  // namespace actord::host
