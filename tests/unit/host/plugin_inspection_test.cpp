#include "host/plugin_inspection.hpp"

#include <gmock/gmock.h>

#include "unit/host/elf_builder.hpp"
#include "unit/host/scratch_directory.hpp"

namespace actord::host {
namespace {

using testing::ElfBuilder;
using ::testing::HasSubstr;

struct InspectPluginTest : ::testing::Test {
  testing::ScratchDirectory scratch;

  std::string inspect(const ElfBuilder& builder, const std::string& name = "",
                      const std::string& pin = "") {
    const auto path = scratch.write("demo.so", builder.build());
    const auto judged = inspect_plugin({name, path, {}, pin});
    if (const auto* problem = std::get_if<PluginProblem>(&judged))
      return problem->code + " " + problem->text;
    info = std::get<PluginInfo>(judged);
    return "accepted";
  }
  PluginInfo info;
};

TEST_F(InspectPluginTest, AGoodFileIsDescribed) {
  ASSERT_EQ(inspect({}, "demo"), "accepted");
  EXPECT_EQ(info.id, "demo");
  EXPECT_EQ(info.file, scratch.file("demo.so"));
  EXPECT_EQ(info.sha256.size(), 64u);
  EXPECT_THAT(describe_plugin(info), HasSubstr("demo 1.2\n"));
  EXPECT_THAT(describe_plugin(info), HasSubstr("1 kind\n  demo.Echo\n"));
  EXPECT_EQ(plugin_json(info)["kinds"][0]["name"], "demo.Echo");
  EXPECT_EQ(plugin_json(info)["abi"]["major"], ACTORD_ABI_MAJOR);
}

TEST_F(InspectPluginTest, SettingsAreDescribed) {
  ElfBuilder builder;
  builder.notes =
      testing::version_note() +
      testing::manifest_note(R"({"id": "demo", "version": "1", "doc": "Shows.", "kinds": [
    {"name": "Echo", "persistent": true, "state_version": 2, "accepts": ["a.B"], "settings": {
      "path": {"type": "string", "required": true, "doc": "Where."}, "n": {"type": "integer", "default": 3, "min": 1}}}]})");
  ASSERT_EQ(inspect(builder), "accepted");
  EXPECT_THAT(
      describe_plugin(info),
      HasSubstr("demo.Echo  (persistent, state version 2)\n    accepts a.B\n"
                "    n     integer, default 3, min 1\n    path  string, required  Where.\n"));
  EXPECT_EQ(plugin_json(info)["kinds"][0]["settings"]["n"]["default"], 3);
}

TEST_F(InspectPluginTest, NotesAreFoundInSectionsToo) {
  ElfBuilder builder;
  builder.with_segment_note = false;
  EXPECT_EQ(inspect(builder), "accepted");
}

TEST_F(InspectPluginTest, EachRefusalHasItsOwnText) {
  ElfBuilder builder;
  builder.notes = testing::note(3, "id", "GNU");
  EXPECT_EQ(inspect(builder),
            "E203 demo.so is not an actord plugin (no .note.actord; did you link actord::sdk?)");
  builder = {};
  builder.notes = testing::version_note(2) + testing::manifest_note("{}");
  EXPECT_EQ(
      inspect(builder),
      "E203 demo.so was built with SDK 2.0; this host accepts 1.0. Rebuild it with actord-dev 1.0");
  builder = {};
  builder.machine = EM_AARCH64;
  EXPECT_EQ(inspect(builder), "E203 demo.so is for aarch64, this host is x86_64");
  builder = {};
  builder.needed = {"libactord-no-such.so.3"};
  EXPECT_THAT(inspect(builder), HasSubstr("E202 demo.so needs libactord-no-such.so.3, not found"));
  builder = {};
  builder.symbols.push_back({"no_such_symbol", false});
  EXPECT_THAT(inspect(builder),
              HasSubstr("E202 demo.so uses symbols that nothing defines: no_such_symbol"));
}

TEST_F(InspectPluginTest, TheDeclaredNameMustBeItsId) {
  EXPECT_EQ(inspect({}, "orders"),
            "E203 demo.so is the plugin \"demo\", not \"orders\"; declare it as demo");
}

TEST_F(InspectPluginTest, APinIsHeldAgainstTheContent) {
  ASSERT_EQ(inspect({}), "accepted");
  const std::string right = info.sha256;
  EXPECT_EQ(inspect({}, "", right), "accepted");
  EXPECT_THAT(inspect({}, "", std::string(64, '0')),
              HasSubstr("E204 sha256 of demo.so differs from the pinned one: it is " + right));
  EXPECT_THAT(inspect({}, "", "abc"), HasSubstr("E204 sha256 \"abc\" is no pin"));
}

TEST_F(InspectPluginTest, NothingIsWritten) {
  inspect({});
  const auto count = std::distance(std::filesystem::directory_iterator(scratch.path()), {});
  EXPECT_EQ(count, 1);
}

}  // namespace
}  // namespace actord::host
