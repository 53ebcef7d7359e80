#include "host/preflight.hpp"

#include <gmock/gmock.h>

#include "actord/abi.h"
#include "unit/host/scratch_directory.hpp"

namespace actord::host {
namespace {

using ::testing::HasSubstr;

ElfFile plugin() {
  ElfFile elf;
  elf.has_symbols = true;
  elf.symbols = {{ACTORD_PLUGIN_ENTRY_SYMBOL, true, false}, {"malloc", false, false}};
  elf.needed = {"libc.so.6"};
  return elf;
}

std::string judged(const ElfFile& elf) {
  const auto problem = preflight(elf, "/opt/orders.so");
  return problem ? problem->code + " " + problem->text : "fine";
}

TEST(Preflight, APlainPluginIsFine) { EXPECT_EQ(judged(plugin()), "fine"); }

TEST(Preflight, TextRelocationsAndExecutableStacksAreRefused) {
  auto elf = plugin();
  elf.text_relocations = true;
  EXPECT_THAT(judged(elf),
              HasSubstr("E203 orders.so has text relocations; compile all of it with -fPIC"));
  elf = plugin();
  elf.executable_stack = true;
  EXPECT_THAT(judged(elf), HasSubstr("E203 orders.so wants an executable stack"));
}

TEST(Preflight, TheEntrySymbolMustBeThere) {
  auto elf = plugin();
  elf.symbols.front().defined = false;
  EXPECT_THAT(judged(elf), HasSubstr("E203 orders.so does not export actord_plugin_entry_v1"));
}

TEST(Preflight, AMissingLibraryIsNamed) {
  auto elf = plugin();
  elf.needed.push_back("libactord-no-such.so.3");
  EXPECT_EQ(judged(elf),
            "E202 orders.so needs libactord-no-such.so.3, not found; try: ldd /opt/orders.so");
  elf.search_path = {"$ORIGIN/../lib"};
  EXPECT_THAT(judged(elf), HasSubstr("$ORIGIN in its RUNPATH does not count"));
}

// Pain 20: a runtime too old is found before anything is loaded.
TEST(Preflight, ALibraryThatIsTooOldIsNamedWithTheVersion) {
  auto elf = plugin();
  elf.version_needs = {{"libc.so.6", "GLIBC_2.2.5"}};
  EXPECT_EQ(judged(elf), "fine");
  elf.version_needs.push_back({"libc.so.6", "GLIBC_2.999"});
  EXPECT_EQ(
      judged(elf),
      "E202 orders.so needs GLIBC_2.999 of libc.so.6, which this host's libraries are too old for; "
      "build it on this release");
}

TEST(Preflight, SymbolsThatNobodyDefinesAreNamed) {
  auto elf = plugin();
  for (const char* name : {"no_such_a", "no_such_b", "no_such_c", "no_such_d"})
    elf.symbols.push_back({name, false, false});
  elf.symbols.push_back({"no_such_but_weak", false, true});
  EXPECT_THAT(
      judged(elf),
      HasSubstr("nothing defines: no_such_a, no_such_b, no_such_c and 1 more; link the library"));
}

TEST(Preflight, SearchPathsOpenToOthersAreRefused) {
  const testing::ScratchDirectory scratch;
  auto elf = plugin();
  elf.search_path = {"lib"};
  EXPECT_THAT(judged(elf), HasSubstr("depends on where the daemon runs"));
  elf.search_path = {""};
  EXPECT_THAT(judged(elf), HasSubstr("depends on where the daemon runs"));
  elf.search_path = {scratch.make("open", 0777)};
  EXPECT_THAT(judged(elf), HasSubstr("can be changed by everybody"));
  elf.search_path = {scratch.make("closed"), "/no/such/place"};
  EXPECT_EQ(judged(elf), "fine");
}

TEST(TranslateLinkError, NamesTheCauseAndWhatToDo) {
  const auto translated = [](const char* error) {
    return translate_link_error(error, "/opt/orders.so", "/var/lib/actord/plugins");
  };
  EXPECT_EQ(translated("libfoo.so.3: cannot open shared object file: No such file or directory"),
            "orders.so needs libfoo.so.3, not found; try: ldd /opt/orders.so");
  EXPECT_THAT(translated("/x/ab.so: undefined symbol: frobnicate"),
              HasSubstr("orders.so uses symbols that nothing defines: frobnicate;"));
  EXPECT_THAT(translated("/x/ab.so: undefined symbol: frobnicate, version FOO_1"),
              HasSubstr("defines: frobnicate;"));
  EXPECT_THAT(
      translated("/x/ab.so: failed to map segment from shared object"),
      HasSubstr(
          "cannot be mapped: directory /var/lib/actord/plugins is noexec (mount or NoExecPaths=)"));
  EXPECT_THAT(
      translated("/lib/libstdc++.so.6: version `GLIBCXX_3.4.99' not found (required by /x/ab.so)"),
      HasSubstr("needs GLIBCXX_3.4.99, which this host's libraries are too old for"));
  EXPECT_THAT(translated("/x/ab.so: cannot allocate memory in static TLS block"),
              HasSubstr("static thread storage"));
  EXPECT_EQ(translated("something new"), "orders.so cannot be loaded: something new");
}

}  // namespace
}  // namespace actord::host
