#include "host/elf_note.hpp"

#include <gmock/gmock.h>
#include <sys/mman.h>

#include "base/limits.hpp"
#include "unit/host/elf_builder.hpp"

namespace actord::host {
namespace {

using ::testing::HasSubstr;
using testing::note;

Result<std::vector<ElfNote>> read(const std::string& bytes, uint64_t alignment = 4,
                                  uint64_t size = UINT64_MAX) {
  const FileDescriptor file(memfd_create("notes", MFD_CLOEXEC));
  EXPECT_EQ(::write(file.get(), bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  return read_notes(FileReader(file.get(), bytes.size()),
                    {0, size == UINT64_MAX ? bytes.size() : size, alignment}, "actord");
}

TEST(ElfNote, KeepsTheOwnersNotesInOrder) {
  const auto notes =
      read(note(3, "build", "GNU") + note(1, "one") + note(2, "twotwo") + note(9, "", "actor"));
  ASSERT_TRUE(notes);
  ASSERT_EQ(notes->size(), 2u);
  EXPECT_EQ((*notes)[0].type, 1u);
  EXPECT_EQ((*notes)[0].description, "one");
  EXPECT_EQ((*notes)[1].description, "twotwo");
}

TEST(ElfNote, PadsToEightWhereTheSegmentSaysSo) {
  const auto notes =
      read(note(5, "xyz", "GNU", 8) + note(1, "one", "actord", 8) + note(2, "two", "actord", 8), 8);
  ASSERT_TRUE(notes);
  EXPECT_EQ(notes->size(), 2u);
}

TEST(ElfNote, TheLastNoteMayLackItsPadding) {
  std::string bytes = note(1, "one");
  bytes.pop_back();
  const auto notes = read(bytes);
  ASSERT_TRUE(notes);
  EXPECT_EQ((*notes)[0].description, "one");
}

TEST(ElfNote, SizesThatRunPastTheEndAreRefused) {
  std::string bytes = note(1, "one");
  const uint32_t huge = 0xffffffff;
  for (const size_t field : {0u, 4u}) {
    std::string bad = bytes;
    std::memcpy(bad.data() + field, &huge, sizeof huge);
    const auto notes = read(bad);
    ASSERT_FALSE(notes);
    EXPECT_THAT(notes.error().text, HasSubstr("damaged"));
  }
}

TEST(ElfNote, ARangeOutsideTheFileIsRefused) {
  EXPECT_FALSE(read(note(1, "one"), 4, 4096));
  EXPECT_FALSE(read(note(1, "one"), 4, UINT64_MAX - 1));
}

TEST(ElfNote, ARangeOverTheLimitIsRefused) {
  const auto notes = read(std::string(2 * limits::kManifestBytes + 4, '\0'));
  ASSERT_FALSE(notes);
  EXPECT_THAT(notes.error().text, HasSubstr("larger than"));
}

}  // namespace
}  // namespace actord::host
