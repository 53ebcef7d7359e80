#include "host/plugin_cache.hpp"

#include <gmock/gmock.h>

#include "base/limits.hpp"
#include "host/sha256.hpp"
#include "unit/host/scratch_directory.hpp"

namespace actord::host {
namespace {

using ::testing::HasSubstr;
using testing::ScratchDirectory;

struct PluginCacheTest : ::testing::Test {
  ScratchDirectory scratch;
  std::string cache = scratch.file("data/plugins");

  PluginInfo plugin(const std::string& content) {
    Sha256 hash;
    hash.update(content);
    PluginInfo info;
    info.id = "x";
    info.file = scratch.write("x.so", content);
    info.sha256 = hash.hex();
    return info;
  }
  static mode_t mode(const std::string& path) {
    struct stat status {};
    EXPECT_EQ(stat(path.c_str(), &status), 0);
    return status.st_mode & 07777;
  }
};

TEST_F(PluginCacheTest, TheCopyIsPrivateAndNamedByContent) {
  const auto info = plugin("content");
  const auto copy = cache_plugin(info, cache);
  ASSERT_TRUE(copy) << copy.error().text;
  EXPECT_EQ(*copy, cache + "/x-" + info.sha256 + ".so");
  EXPECT_EQ(ScratchDirectory::read(*copy), "content");
  EXPECT_EQ(mode(*copy), 0400u);
  EXPECT_EQ(mode(cache), 0700u);
}

TEST_F(PluginCacheTest, AFileThatChangedSinceItWasInspectedIsRefused) {
  const auto info = plugin("content");
  scratch.write("x.so", "other");
  const auto copy = cache_plugin(info, cache);
  ASSERT_FALSE(copy);
  EXPECT_THAT(copy.error().text, HasSubstr("changed between check and load"));
  EXPECT_TRUE(std::filesystem::is_empty(cache));
}

TEST_F(PluginCacheTest, AnIntactCopyNeedsNoOriginal) {
  const auto info = plugin("content");
  ASSERT_TRUE(cache_plugin(info, cache));
  std::filesystem::remove(info.file);
  EXPECT_TRUE(cache_plugin(info, cache));
}

TEST_F(PluginCacheTest, ADamagedCopyIsMadeAnew) {
  const auto info = plugin("content");
  const auto copy = cache_plugin(info, cache).value();
  chmod(copy.c_str(), 0600);
  std::ofstream(copy, std::ios::trunc) << "cont";
  ASSERT_TRUE(cache_plugin(info, cache));
  EXPECT_EQ(ScratchDirectory::read(copy), "content");
}

TEST_F(PluginCacheTest, APartOfACrashedCopyIsNoHindrance) {
  const auto info = plugin("content");
  ASSERT_TRUE(cache_plugin(info, cache));
  std::filesystem::remove(cache + "/x-" + info.sha256 + ".so");
  std::ofstream(cache + "/." + info.sha256 + ".part") << "half";
  ASSERT_TRUE(cache_plugin(info, cache));
  EXPECT_FALSE(std::filesystem::exists(cache + "/." + info.sha256 + ".part"));
}

TEST_F(PluginCacheTest, ADirectoryOthersCanReadIsRefused) {
  scratch.make("open", 0755);
  const auto copy = cache_plugin(plugin("content"), scratch.file("open"));
  ASSERT_FALSE(copy);
  EXPECT_THAT(copy.error().text, HasSubstr("chmod 700 " + scratch.file("open")));
}

TEST_F(PluginCacheTest, OldCopiesGoAndThoseInUseStay) {
  std::string oldest;
  for (uint64_t i = 0; i < limits::kPluginCopiesKept + 4; ++i) {
    const auto copy = cache_plugin(plugin("build " + std::to_string(i)), cache).value();
    const auto age = std::chrono::hours(1000 - static_cast<int>(i));
    std::filesystem::last_write_time(copy, std::filesystem::last_write_time(copy) - age);
    if (i == 0) oldest = std::filesystem::path(copy).stem().string().substr(2);
  }
  prune_plugin_cache(cache, {oldest});
  size_t left = 0;
  for (const auto& entry : std::filesystem::directory_iterator(cache))
    left += entry.path().extension() == ".so" ? 1 : 0;
  EXPECT_EQ(left, limits::kPluginCopiesKept + 1);
  EXPECT_TRUE(std::filesystem::exists(cache + "/x-" + oldest + ".so"));
}

}  // namespace
}  // namespace actord::host
