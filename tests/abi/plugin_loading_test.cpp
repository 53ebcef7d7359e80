// Real shared libraries through the real loader: what runs, what is refused, and that nothing of what is
// refused by its file ever runs.
#include <gmock/gmock.h>
#include <link.h>
#include <signal.h>
#include <sys/stat.h>

#include <algorithm>
#include <cfenv>

#include "base/random.hpp"
#include "host/elf_file.hpp"
#include "host/plugin_factory.hpp"
#include "host/plugin_inspection.hpp"
#include "unit/host/scratch_directory.hpp"
#include "unit/host/turn_fixture.hpp"

namespace actord::host {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::ScratchDirectory;

struct PluginLoading : testing::TurnFixture {
  ScratchDirectory scratch;
  std::string cache = scratch.file("data/plugins");
  std::string marker = scratch.file("marker");
  PluginFactory factory;
  std::string settings = "{}";

  PluginLoading() { setenv("ACTORD_TEST_MARKER", marker.c_str(), 1); }
  ~PluginLoading() override { unsetenv("ACTORD_TEST_MARKER"); }

  // A copy of a built plugin, under a name of its own, in a directory that is safe whatever the umask.
  std::string install(const std::string& name, const std::string& as = "") {
    const std::string content =
        ScratchDirectory::read(std::string(ACTORD_TEST_PLUGINS) + "/" + name + ".so");
    EXPECT_FALSE(content.empty()) << name;
    return scratch.write((as.empty() ? name : as) + ".so", content);
  }
  // The code and text of the refusal, or "accepted".
  std::string inspect(const std::string& file) {
    const auto judged = inspect_plugin({"", file, {}, ""});
    if (const auto* problem = std::get_if<PluginProblem>(&judged))
      return problem->code + " " + problem->text;
    return "accepted";
  }
  PluginInfo info(const std::string& file) {
    return std::get<PluginInfo>(inspect_plugin({"", file, {}, ""}));
  }
  // The text of the loader's refusal, or "loaded".
  std::string load(const std::string& file) {
    const auto loaded = factory.load(info(file), cache);
    return loaded ? "loaded" : loaded.error().text;
  }
  std::unique_ptr<Behavior> create(const std::string& kind) {
    return factory.create({path, kind, settings}).value();
  }
  bool has_run() const { return std::filesystem::exists(marker); }
  std::string pong(Behavior& actor) {
    effects.clear();
    EXPECT_EQ(receive(actor, "good.Ping").status, ACTORD_OK);
    return std::string(sent().payload.view());
  }
  // A good plugin still loads and answers: the host is unharmed.
  void expect_unharmed() {
    ASSERT_EQ(load(install("good")), "loaded");
    EXPECT_EQ(pong(*create("good.Echo")), "1.0");
  }
};

TEST_F(PluginLoading, AGoodPluginIsInspectedLoadedAndRuns) {
  const auto file = install("good");
  ASSERT_EQ(inspect(file), "accepted");
  EXPECT_THAT(describe_plugin(info(file)),
              HasSubstr("good.Counter  (persistent, state version 2)"));
  EXPECT_FALSE(factory.knows("good.Echo"));
  ASSERT_EQ(load(file), "loaded");
  EXPECT_TRUE(factory.knows("good.Echo"));
  EXPECT_TRUE(factory.knows("good.Counter"));
  EXPECT_FALSE(factory.knows("good.Other"));
  EXPECT_FALSE(factory.knows("good"));

  const auto echo = create("good.Echo");
  EXPECT_EQ(start(*echo).status, ACTORD_OK);
  EXPECT_EQ(std::get<SetTimerEffect>(effects.list.at(0)).key, "tick");
  EXPECT_EQ(pong(*echo), "1.0");
  EXPECT_EQ(receive(*echo, "good.Unknown").status, ACTORD_UNHANDLED);
}

TEST_F(PluginLoading, APersistentActorsStateIsTheFoldOfItsEvents) {
  ASSERT_EQ(load(install("good")), "loaded");
  const auto counter = create("good.Counter");
  ASSERT_TRUE(counter->persistent());
  for (int i = 0; i < 3; ++i) ASSERT_EQ(receive(*counter, "good.Count").status, ACTORD_OK);
  ASSERT_EQ(effects.events.size(), 3u);
  const auto live = counter->save_snapshot().value().value();
  const auto replayed = create("good.Counter");
  for (const auto& event : effects.events)
    ASSERT_EQ(replayed->apply_event(event).status, ACTORD_OK);
  EXPECT_EQ(replayed->save_snapshot().value()->view(), live.view());
  const auto loaded = create("good.Counter");
  ASSERT_EQ(loaded->load_snapshot({3, 2, 0, live}).status, ACTORD_OK);
  EXPECT_EQ(loaded->load_snapshot({3, 7, 0, live}).status, ACTORD_FAIL_STATE);
}

TEST_F(PluginLoading, ACorrectPluginLeavesItsMarkOnlyWhenLoaded) {
  const auto file = install("marker");
  ASSERT_EQ(inspect(file), "accepted");
  EXPECT_FALSE(has_run());
  ASSERT_EQ(load(file), "loaded");
  EXPECT_TRUE(has_run());
}

// Pain 5: a plugin that is refused must not have run its constructors.
TEST_F(PluginLoading, RefusedByItsFileNeverRuns) {
  EXPECT_EQ(inspect(install("major2")),
            "E203 major2.so was built with SDK 2.0; this host accepts 1.0. Rebuild it with "
            "actord-dev 1.0");
  EXPECT_EQ(inspect(install("no_note")),
            "E203 no_note.so is not an actord plugin (no .note.actord; did you link actord::sdk?)");
  EXPECT_EQ(inspect(install("unresolved")),
            "E202 unresolved.so uses symbols that nothing defines: actord_test_no_such_function; "
            "link the library "
            "that has them (-Wl,-z,defs shows this when it is built)");
  EXPECT_THAT(inspect(install("no_entry")),
              HasSubstr("E203 no_entry.so does not export actord_plugin_entry_v1"));
  EXPECT_FALSE(has_run());
  expect_unharmed();
}

TEST_F(PluginLoading, AnotherMachineIsRefused) {
  const auto file = install("marker", "foreign");
  std::string bytes = ScratchDirectory::read(file);
  bytes[18] = static_cast<char>(EM_AARCH64);
  scratch.write("foreign.so", bytes);
  EXPECT_EQ(inspect(file), "E203 foreign.so is for aarch64, this host is x86_64");
  EXPECT_FALSE(has_run());
}

TEST_F(PluginLoading, ACutFileIsRefused) {
  const std::string bytes = ScratchDirectory::read(install("good"));
  for (const size_t size :
       {size_t{0}, size_t{10}, size_t{64}, bytes.size() / 4, bytes.size() / 2, bytes.size() - 1}) {
    EXPECT_THAT(inspect(scratch.write("cut.so", bytes.substr(0, size))),
                HasSubstr("E203 cut.so is "))
        << size;
  }
  EXPECT_EQ(inspect(scratch.write("text.so", "#!/bin/sh\necho this is no library\n")),
            "E203 text.so is not an ELF file");
}

TEST_F(PluginLoading, TheVersionsAPluginNeedsAreRead) {
  const FileDescriptor file(::open(install("marker").c_str(), O_RDONLY));
  const auto elf =
      read_elf_file(FileReader(file.get(), std::filesystem::file_size(scratch.file("marker.so"))));
  ASSERT_TRUE(elf);
  const auto of_libc = [](const VersionNeed& need) {
    return need.library == "libc.so.6" && need.version.rfind("GLIBC_", 0) == 0;
  };
  EXPECT_TRUE(std::any_of(elf->version_needs.begin(), elf->version_needs.end(), of_libc));
}

// Pain 20, with a real file: the name of a version is changed to one that does not exist.
TEST_F(PluginLoading, ALibraryVersionOfTheFutureIsRefused) {
  std::string bytes = ScratchDirectory::read(install("marker"));
  const size_t at = bytes.find(std::string("\0GLIBC_2.", 9));
  ASSERT_NE(at, std::string::npos);
  bytes[at + 7] = '9';
  EXPECT_THAT(inspect(scratch.write("future.so", bytes)),
              HasSubstr("E202 future.so needs GLIBC_9."));
  EXPECT_FALSE(has_run());
}

// Trap: with symbol and version tables of a real linker, at the places where they lie.
TEST_F(PluginLoading, MutationsOfARealFileNeverCrashInspection) {
  constexpr uint64_t kSeed = 4711;
  Random random(kSeed);
  const std::string whole = ScratchDirectory::read(install("marker"));
  Elf64_Ehdr header;
  std::memcpy(&header, whole.data(), sizeof header);
  std::vector<Elf64_Shdr> sections(header.e_shnum);
  std::memcpy(sections.data(), whole.data() + header.e_shoff, sections.size() * sizeof(Elf64_Shdr));
  for (int round = 0; round < 500; ++round) {
    std::string bytes = whole;
    for (uint64_t i = random.next() % 6 + 1; i > 0; --i) {
      const Elf64_Shdr& section = sections[random.next() % sections.size()];
      const bool in_headers =
          section.sh_type == SHT_NOBITS || section.sh_size == 0 || random.next() % 3 == 0;
      const size_t at =
          in_headers ? header.e_shoff + random.next() % (sections.size() * sizeof(Elf64_Shdr))
                     : section.sh_offset + random.next() % section.sh_size;
      bytes[at] = static_cast<char>(random.next() % 3 == 0 ? 0xff : random.next());
    }
    ASSERT_FALSE(inspect(scratch.write("mutated.so", bytes)).empty())
        << "seed " << kSeed << " round " << round;
  }
  EXPECT_FALSE(has_run());
}

// Should the file say nothing (no section headers), the dynamic linker's refusal is put in words.
TEST_F(PluginLoading, AnUnresolvedSymbolIsFoundWhenLoadingAtTheLatest) {
  std::string bytes = ScratchDirectory::read(install("unresolved"));
  const Elf64_Off none = 0;
  bytes.replace(offsetof(Elf64_Ehdr, e_shoff), sizeof none, reinterpret_cast<const char*>(&none),
                sizeof none);
  const Elf64_Half zero = 0;
  bytes.replace(offsetof(Elf64_Ehdr, e_shnum), sizeof zero, reinterpret_cast<const char*>(&zero),
                sizeof zero);
  const auto file = scratch.write("bare.so", bytes);
  ASSERT_EQ(inspect(file), "accepted");
  EXPECT_THAT(load(file),
              HasSubstr("bare.so uses symbols that nothing defines: actord_test_no_such_function"));
  EXPECT_FALSE(has_run());
  EXPECT_FALSE(factory.knows("unresolved.Idle"));
  expect_unharmed();
}

TEST_F(PluginLoading, CodeThatIsNotWhatItsManifestSaysIsRefused) {
  EXPECT_THAT(load(install("other_id")),
              HasSubstr("other_id.so is not what its manifest says: its code has the id "
                        "\"somebody_else\", its manifest \"other_id\""));
  EXPECT_THAT(load(install("other_kind")),
              HasSubstr("its code offers other_kind.Busy, its manifest does not"));
  EXPECT_THAT(load(install("other_state")),
              HasSubstr("other_state.Idle has state version 9 in code and 0 in the manifest"));
  EXPECT_THAT(load(install("not_persistent")),
              HasSubstr("not_persistent.Idle is persistent in the manifest only"));
  EXPECT_TRUE(factory.loaded().empty());
  expect_unharmed();
}

TEST_F(PluginLoading, AnInitThatFailsIsARefusal) {
  EXPECT_THAT(load(install("bad_init")),
              HasSubstr("bad_init.so refused to start: init answered FAIL_CONFIG (-4)"));
  EXPECT_FALSE(factory.knows("bad_init.Idle"));
  expect_unharmed();
}

// Law 8.
TEST_F(PluginLoading, ExceptionsOfAPluginStayThere) {
  ASSERT_EQ(load(install("thrower")), "loaded");
  auto thrower = create("thrower.Idle");
  const auto plain = receive(*thrower, "x");
  EXPECT_EQ(plain.status, ACTORD_FAIL_INTERNAL);
  EXPECT_THAT(plain.text, HasSubstr("a C++ exception escaped receive: thrown in receive"));
  EXPECT_THAT(receive(*thrower, "x", "strange").text, HasSubstr("of unknown type"));
  thrower.reset();
  expect_unharmed();
}

// Pain 22.
TEST_F(PluginLoading, WhatLoadingChangesInTheProcessIsPutBackAndReported) {
  const mode_t mask = umask(027);
  const auto directory = std::filesystem::current_path();
  std::fesetround(FE_TONEAREST);
  struct sigaction before {
  }, after{};
  sigaction(SIGUSR1, nullptr, &before);
  const auto module = Module::load(info(install("meddler")), cache);
  ASSERT_TRUE(module) << module.error().text;
  EXPECT_THAT((*module)->meddling(),
              ElementsAre(HasSubstr("floating-point mode"), "the handler of SIGUSR1", "the umask",
                          "the working directory"));
  EXPECT_EQ(umask(mask), 027u);
  EXPECT_EQ(std::filesystem::current_path(), directory);
  EXPECT_EQ(std::fegetround(), FE_TONEAREST);
  sigaction(SIGUSR1, nullptr, &after);
  EXPECT_EQ(after.sa_handler, before.sa_handler);
}

// Pain 16: the installed file may be overwritten in place while its code runs.
TEST_F(PluginLoading, OverwritingTheOriginalDoesNotTouchTheRunningCode) {
  const auto file = install("good");
  ASSERT_EQ(load(file), "loaded");
  const auto echo = create("good.Echo");
  EXPECT_EQ(pong(*echo), "1.0");
  scratch.write("good.so", std::string(200'000, '\xcc'));
  EXPECT_EQ(pong(*echo), "1.0");
  EXPECT_EQ(pong(*create("good.Echo")), "1.0");
  std::filesystem::remove(file);
  EXPECT_EQ(pong(*echo), "1.0");
}

// Pain 15: a new build is new code, and the old instances keep theirs.
TEST_F(PluginLoading, ANewGenerationServesNewInstances) {
  const auto file = install("good");
  ASSERT_EQ(load(file), "loaded");
  const auto old_echo = create("good.Echo");
  install("good_again", "good");
  ASSERT_EQ(load(file), "loaded");
  const auto new_echo = create("good.Echo");
  EXPECT_EQ(pong(*old_echo), "1.0");
  EXPECT_EQ(pong(*new_echo), "2.0");
  ASSERT_EQ(factory.loaded().size(), 1u);
  EXPECT_EQ(factory.loaded()[0].version, "2.0");
  EXPECT_EQ(factory.loaded()[0].generation, 2u);
}

TEST_F(PluginLoading, AFailedLoadLeavesTheGenerationBefore) {
  ASSERT_EQ(load(install("good")), "loaded");
  auto changed = info(install("good_again"));
  scratch.write("good_again.so", "changed between check and load");
  changed.sha256[0] = changed.sha256[0] == '0' ? '1' : '0';
  EXPECT_FALSE(factory.load(changed, cache));
  EXPECT_EQ(pong(*create("good.Echo")), "1.0");
  EXPECT_EQ(factory.loaded()[0].generation, 1u);
}

TEST_F(PluginLoading, TheSameContentIsTheSameModule) {
  const auto first = Module::load(info(install("good")), cache);
  const auto second = Module::load(info(install("good", "copy")), cache);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(*first, *second);
  ASSERT_EQ(load(scratch.file("good.so")), "loaded");
  ASSERT_EQ(load(scratch.file("copy.so")), "loaded");
  EXPECT_EQ(factory.loaded()[0].generation, 1u);
}

TEST_F(PluginLoading, AnUnknownKindSaysWhatToDo) {
  const std::string kind = "nobody.Kind";
  const auto actor = factory.create({path, kind, settings});
  ASSERT_FALSE(actor);
  EXPECT_EQ(actor.error().code, ACTORD_E_NOT_FOUND);
  EXPECT_THAT(actor.error().text, HasSubstr("no loaded plugin offers the kind nobody.Kind"));
}

TEST_F(PluginLoading, OnlyThePrivateCopyIsMapped) {
  const auto file = install("good");
  const auto module = Module::load(info(file), cache);
  ASSERT_TRUE(module);
  bool original = false;
  dl_iterate_phdr(
      [](dl_phdr_info* object, size_t, void* found) {
        if (std::string_view(object->dlpi_name).find("/good.so") != std::string_view::npos)
          *static_cast<bool*>(found) = true;
        return 0;
      },
      &original);
  EXPECT_FALSE(original);
}

}  // namespace
}  // namespace actord::host
