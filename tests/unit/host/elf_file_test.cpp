#include "host/elf_file.hpp"

#include <gmock/gmock.h>
#include <sys/mman.h>

#include "base/random.hpp"
#include "host/manifest.hpp"
#include "unit/host/elf_builder.hpp"

namespace actord::host {
namespace {

using ::testing::ElementsAre;
using testing::ElfBuilder;
using ::testing::HasSubstr;

// A file that lives in memory only.
struct File {
  explicit File(const std::string& bytes)
      : descriptor(memfd_create("elf", MFD_CLOEXEC)), size(bytes.size()) {
    EXPECT_EQ(::write(descriptor.get(), bytes.data(), bytes.size()),
              static_cast<ssize_t>(bytes.size()));
  }
  FileReader reader() const { return FileReader(descriptor.get(), size); }
  FileDescriptor descriptor;
  uint64_t size;
};

std::string refusal(const std::string& bytes) {
  const File file(bytes);
  const auto elf = read_elf_file(file.reader());
  return elf ? "accepted" : elf.error().text;
}

// All that inspection does with the bytes of a file.
bool survives(const std::string& bytes) {
  const File file(bytes);
  const auto elf = read_elf_file(file.reader());
  if (!elf) return !elf.error().text.empty();
  for (const auto* ranges : {&elf->segment_notes, &elf->section_notes}) {
    for (const auto& range : *ranges) {
      const auto notes = read_notes(file.reader(), range, ACTORD_NOTE_OWNER);
      if (notes) static_cast<void>(read_manifest(*notes));
    }
  }
  return true;
}

TEST(ElfFile, ReadsWhatTheHostAsksFor) {
  ElfBuilder builder;
  builder.needed = {"libm.so.6", "libfoo.so.3"};
  builder.runpath = "/opt/a:/opt/b";
  builder.symbols.push_back({"foreign", false});
  const File file(builder.build());
  const auto elf = read_elf_file(file.reader());
  ASSERT_TRUE(elf) << elf.error().text;
  EXPECT_THAT(elf->needed, ElementsAre("libm.so.6", "libfoo.so.3"));
  EXPECT_THAT(elf->search_path, ElementsAre("/opt/a", "/opt/b"));
  EXPECT_FALSE(elf->text_relocations);
  EXPECT_FALSE(elf->executable_stack);
  ASSERT_EQ(elf->symbols.size(), 2u);
  EXPECT_EQ(elf->symbols[0].name, ACTORD_PLUGIN_ENTRY_SYMBOL);
  EXPECT_TRUE(elf->symbols[0].defined);
  EXPECT_FALSE(elf->symbols[1].defined);
}

TEST(ElfFile, SeesTextRelocationsAndExecutableStack) {
  ElfBuilder builder;
  builder.dynamic_flags = DF_TEXTREL;
  builder.stack_flags = PF_R | PF_W | PF_X;
  const File file(builder.build());
  const auto elf = read_elf_file(file.reader());
  ASSERT_TRUE(elf);
  EXPECT_TRUE(elf->text_relocations);
  EXPECT_TRUE(elf->executable_stack);
}

TEST(ElfFile, RefusesWhatIsNoElfFile) {
  EXPECT_THAT(refusal(""), HasSubstr("is not an ELF file"));
  EXPECT_THAT(refusal("#!/bin/sh\nexit 0\n# padding padding\n"), HasSubstr("is not an ELF file"));
}

TEST(ElfFile, RefusesAnotherMachineByName) {
  ElfBuilder builder;
  builder.machine = EM_AARCH64;
  EXPECT_EQ(refusal(builder.build()), "is for aarch64, this host is x86_64");
  builder.machine = EM_386;
  std::string bytes = builder.build();
  bytes[EI_CLASS] = ELFCLASS32;
  EXPECT_EQ(refusal(bytes), "is for i386 (32 bit), this host is x86_64");
  bytes[EI_DATA] = ELFDATA2MSB;
  EXPECT_THAT(refusal(bytes), HasSubstr("big-endian"));
}

TEST(ElfFile, RefusesProgramsAndObjectFiles) {
  ElfBuilder builder;
  builder.type = ET_REL;
  EXPECT_THAT(refusal(builder.build()), HasSubstr("no shared library"));
  builder.type = ET_DYN;
  builder.dynamic_flags_1 = DF_1_PIE;
  EXPECT_THAT(refusal(builder.build()), HasSubstr("is a program"));
}

TEST(ElfFile, RefusesEveryCut) {
  const std::string whole = ElfBuilder().build();
  for (size_t size = 0; size < whole.size(); ++size) {
    ASSERT_NE(refusal(whole.substr(0, size)), "accepted") << size;
  }
  EXPECT_EQ(refusal(whole), "accepted");
}

TEST(ElfFile, WithoutSectionHeadersTheSegmentsAreEnough) {
  ElfBuilder builder;
  builder.with_sections = false;
  const File file(builder.build());
  const auto elf = read_elf_file(file.reader());
  ASSERT_TRUE(elf);
  EXPECT_FALSE(elf->has_symbols);
  ASSERT_EQ(elf->segment_notes.size(), 1u);
  EXPECT_EQ(read_notes(file.reader(), elf->segment_notes[0], "actord")->size(), 2u);
}

// Trap: a plugin file that is cut, corrupt or made to harm must never crash the host (plugin-abi 4.6).
TEST(ElfFile, MutatedFilesNeverCrashTheParser) {
  constexpr uint64_t kSeed = 20240607;
  Random random(kSeed);
  ElfBuilder builder;
  builder.needed = {"libm.so.6"};
  builder.runpath = "/opt/a";
  const std::string whole = builder.build();
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = whole;
    for (uint64_t i = random.next() % 4 + 1; i > 0; --i) {
      const size_t at = random.next() % bytes.size();
      switch (random.next() % 5) {
        case 0: bytes[at] = static_cast<char>(random.next()); break;
        case 1: bytes[at] = '\xff'; break;
        case 2: bytes[at] = '\0'; break;
        case 3: bytes.resize(std::max<size_t>(at, 1)); break;
        default: {
          const uint64_t large = random.next() >> (random.next() % 64);
          std::memcpy(bytes.data() + std::min(at, bytes.size() - std::min<size_t>(8, bytes.size())),
                      &large, std::min<size_t>(8, bytes.size()));
        }
      }
    }
    ASSERT_TRUE(survives(bytes)) << "seed " << kSeed << " round " << round;
  }
}

TEST(ElfFile, RandomBytesBehindAGoodHeaderNeverCrashTheParser) {
  Random random(7);
  const std::string whole = ElfBuilder().build();
  for (int round = 0; round < 2'000; ++round) {
    std::string bytes = whole;
    for (size_t at = sizeof(Elf64_Ehdr); at < bytes.size(); ++at)
      bytes[at] = static_cast<char>(random.next());
    ASSERT_TRUE(survives(bytes)) << round;
  }
}

}  // namespace
}  // namespace actord::host
