#include "host/plugin_file.hpp"

#include <gmock/gmock.h>

#include "unit/host/scratch_directory.hpp"

namespace actord::host {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::ScratchDirectory;

struct PluginFileTest : ::testing::Test {
  ScratchDirectory scratch;

  // The path that was opened, or the refusal.
  static std::string open(const PluginRequest& request) {
    const auto opened = open_plugin_file(request);
    if (const auto* problem = std::get_if<PluginProblem>(&opened))
      return problem->code + " " + problem->text;
    return std::get<PluginFile>(opened).path;
  }
  std::string search(const std::string& name, const std::vector<std::string>& dirs) {
    return open({"", name, dirs, ""});
  }
};

TEST_F(PluginFileTest, TheFirstDirectoryThatHasItWins) {
  const auto a = scratch.make("a"), b = scratch.make("b"), c = scratch.make("c");
  scratch.write("b/x.so", "b");
  scratch.write("c/x.so", "c");
  EXPECT_EQ(search("x.so", {a, b, c}), b + "/x.so");
}

TEST_F(PluginFileTest, WithoutAPathTheNameIsTheFile) {
  const auto a = scratch.make("a");
  scratch.write("a/orders.so", "");
  EXPECT_EQ(open({"orders", "", {a}, ""}), a + "/orders.so");
}

TEST_F(PluginFileTest, NotFoundSaysWhereItLooked) {
  const auto a = scratch.make("a"), b = scratch.make("b");
  EXPECT_EQ(search("orders.so", {a, b}), "E202 orders.so not found; searched: " + a + ", " + b);
  EXPECT_THAT(open({"", scratch.file("gone.so"), {}, ""}), HasSubstr("gone.so not found"));
}

TEST_F(PluginFileTest, NamesAreStrict) {
  const auto a = scratch.make("a");
  for (const char* name : {"x", ".so", "..so", "x.so.1", "x y.so", "-x.so", "x\n.so"}) {
    EXPECT_THAT(search(name, {a}), HasSubstr("is no plugin file name")) << name;
  }
}

TEST_F(PluginFileTest, APathIsTakenAsItIs) {
  const auto path = scratch.write("odd name", "");
  EXPECT_EQ(open({"", path, {"/nowhere"}, ""}), path);
}

TEST_F(PluginFileTest, GroupAndWorldWritableFilesAreRefused) {
  const auto path = scratch.write("x.so", "", 0664);
  EXPECT_THAT(open({"", path, {}, ""}),
              AllOf(HasSubstr("E202 x.so is not safe"), HasSubstr("its group (mode 0664)"),
                    HasSubstr("chmod go-w " + path)));
  scratch.write("x.so", "", 0646);
  EXPECT_THAT(open({"", path, {}, ""}), HasSubstr("everybody (mode 0646)"));
}

TEST_F(PluginFileTest, SetuidFilesAreRefused) {
  const auto path = scratch.write("x.so", "", 04755);
  EXPECT_THAT(open({"", path, {}, ""}), HasSubstr("chmod ug-s " + path));
}

TEST_F(PluginFileTest, AWritableDirectoryOnTheWayIsRefused) {
  const auto outer = scratch.make("outer", 0777);
  scratch.make("outer/inner");
  const auto path = scratch.write("outer/inner/x.so", "");
  EXPECT_THAT(open({"", path, {}, ""}), AllOf(HasSubstr(outer + " can be changed by everybody"),
                                              HasSubstr("chmod go-w " + outer)));
}

TEST_F(PluginFileTest, AStickyDirectoryIsAccepted) {
  scratch.make("sticky", 01777);
  const auto path = scratch.write("sticky/x.so", "");
  EXPECT_EQ(open({"", path, {}, ""}), path);
}

TEST_F(PluginFileTest, ForeignOwnersAreRefused) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can give files away";
  const auto path = scratch.write("x.so", "");
  ASSERT_EQ(chown(path.c_str(), 12345, 0), 0);
  EXPECT_THAT(open({"", path, {}, ""}),
              AllOf(HasSubstr("belongs to uid 12345"), HasSubstr("chown root " + path)));
  const auto dir = scratch.make("dir");
  const auto inside = scratch.write("dir/x.so", "");
  ASSERT_EQ(chown(dir.c_str(), 12345, 0), 0);
  EXPECT_THAT(open({"", inside, {}, ""}), HasSubstr("chown root " + dir));
}

TEST_F(PluginFileTest, WhatIsNoFileIsRefused) {
  const auto dir = scratch.make("x.so");
  EXPECT_THAT(open({"", dir, {}, ""}), HasSubstr("is not a regular file"));
  ASSERT_EQ(mkfifo(scratch.file("fifo.so").c_str(), 0600), 0);
  EXPECT_THAT(open({"", scratch.file("fifo.so"), {}, ""}), HasSubstr("is not a regular file"));
}

TEST_F(PluginFileTest, ALinkInsideTheDirectoryIsFollowed) {
  const auto dir = scratch.make("a");
  const auto target = scratch.write("a/x.so.1", "");
  std::filesystem::create_symlink("x.so.1", dir + "/x.so");
  EXPECT_EQ(search("x.so", {dir}), target);
}

TEST_F(PluginFileTest, ALinkOutOfTheDirectoryIsRefused) {
  const auto dir = scratch.make("a");
  std::filesystem::create_symlink(scratch.write("y.so", ""), dir + "/x.so");
  EXPECT_THAT(search("x.so", {dir}), HasSubstr("is a link out of " + dir));
}

TEST_F(PluginFileTest, ALinkToAnUnsafePlaceIsRefused) {
  scratch.make("open", 0777);
  std::filesystem::create_symlink(scratch.write("open/y.so", ""), scratch.file("x.so"));
  EXPECT_THAT(open({"", scratch.file("x.so"), {}, ""}), HasSubstr("can be changed by everybody"));
}

TEST_F(PluginFileTest, ADanglingLinkIsRefused) {
  std::filesystem::create_symlink("nowhere.so", scratch.file("x.so"));
  EXPECT_THAT(open({"", scratch.file("x.so"), {}, ""}), HasSubstr("cannot be opened"));
}

}  // namespace
}  // namespace actord::host
