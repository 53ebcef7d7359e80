#include "loop/file_watcher.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "support/guarded_loop.hpp"
#include "support/temp_dir.hpp"

namespace actord::host {
namespace {

namespace fs = std::filesystem;

class FileWatcherTest : public testing::Test {
 protected:
  void write(const std::string& path) { std::ofstream(path, std::ios::app) << "x"; }
  // Runs until one path was reported.
  std::string next() {
    told_.clear();
    loop_.run();
    return told_.empty() ? "" : told_.front();
  }

  TempDir dir_;
  const std::string file_ = dir_.file("a.yaml");
  GuardedLoop loop_;
  std::vector<std::string> told_;
  FileWatcher watcher_{*loop_, [this](const std::string& path) {
                         told_.push_back(path);
                         loop_.stop();
                       }};
};

TEST_F(FileWatcherTest, TellsOfAFileThatIsCreatedWrittenRenamedAndRemoved) {
  ASSERT_TRUE(watcher_.add(file_));
  write(file_);
  EXPECT_EQ(next(), file_);
  write(file_);
  EXPECT_EQ(next(), file_);
  write(dir_.file("new"));
  fs::rename(dir_.file("new"), file_);  // how editors save
  EXPECT_EQ(next(), file_);
  fs::rename(file_, dir_.file("a.yaml.1"));  // how logs rotate
  EXPECT_EQ(next(), file_);
  write(file_);
  EXPECT_EQ(next(), file_);
  fs::remove(file_);
  EXPECT_EQ(next(), file_);
}

TEST_F(FileWatcherTest, ManyChangesAtOnceComeAsOne) {
  ASSERT_TRUE(watcher_.add(file_));
  for (int i = 0; i < 50; ++i) write(file_);
  EXPECT_EQ(next(), file_);
  EXPECT_EQ(told_.size(), 1u);
}

TEST_F(FileWatcherTest, NeighboursInTheDirectoryAreNotReported) {
  const std::string other = dir_.file("b.yaml");
  ASSERT_TRUE(watcher_.add(file_));
  ASSERT_TRUE(watcher_.add(other));
  write(dir_.file("c.yaml"));
  write(other);
  EXPECT_EQ(next(), other);
  EXPECT_EQ(told_.size(), 1u);
}

TEST_F(FileWatcherTest, AddsAreCounted) {
  const std::string other = dir_.file("b.yaml");
  ASSERT_TRUE(watcher_.add(file_));
  ASSERT_TRUE(watcher_.add(file_));
  ASSERT_TRUE(watcher_.add(other));
  watcher_.remove(file_);
  write(file_);
  EXPECT_EQ(next(), file_);
  watcher_.remove(file_);
  watcher_.remove(file_);
  write(file_);
  write(other);
  EXPECT_EQ(next(), other);
}

TEST_F(FileWatcherTest, ALinkIsReportedWhenAnotherLinkOnItsWayIsSwapped) {
  fs::create_directory(dir_.file("v1"));
  fs::create_directory(dir_.file("v2"));
  fs::create_directory_symlink("v1", dir_.file("..data"));
  fs::create_symlink("..data/a.yaml", file_);
  ASSERT_TRUE(watcher_.add(file_));
  fs::create_directory_symlink("v2", dir_.file("..tmp"));
  fs::rename(dir_.file("..tmp"), dir_.file("..data"));
  EXPECT_EQ(next(), file_);
}

TEST_F(FileWatcherTest, ADirectoryIsReportedForAnyFileInIt) {
  ASSERT_TRUE(watcher_.add(dir_.path()));
  write(dir_.file("anything"));
  EXPECT_EQ(next(), dir_.path());
}

TEST_F(FileWatcherTest, ADirectoryThatIsReplacedIsWatchedAgain) {
  const std::string place = dir_.file("logs");
  const std::string log = place + "/app.log";
  fs::create_directory(place);
  ASSERT_TRUE(watcher_.add(log));
  fs::rename(place, dir_.file("old"));
  fs::create_directory(place);
  EXPECT_EQ(next(), log);
  write(log);
  EXPECT_EQ(next(), log);
}

TEST_F(FileWatcherTest, ADirectoryThatComesBackLaterIsWatchedAgain) {
  const std::string place = dir_.file("logs");
  const std::string log = place + "/app.log";
  fs::create_directory(place);
  ASSERT_TRUE(watcher_.add(log));
  fs::remove(place);
  EXPECT_EQ(next(), log);  // it is gone
  fs::create_directory(place);
  EXPECT_EQ(next(), log);  // it may be there again
  write(log);
  EXPECT_EQ(next(), log);
}

TEST_F(FileWatcherTest, RefusesAFileInADirectoryThatDoesNotExist) {
  const auto refused = watcher_.add(dir_.file("nowhere/a.yaml"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ACTORD_E_NOT_FOUND);
  EXPECT_NE(refused.error().text.find("nowhere/a.yaml"), std::string::npos);
}

TEST_F(FileWatcherTest, ThePathMayBeRemovedWhileItIsReported) {
  const std::string other = dir_.file("b.yaml");
  FileWatcher* self = nullptr;
  int told = 0;
  FileWatcher watcher(*loop_, [&](const std::string&) {
    ++told;
    self->remove(file_);
    self->remove(other);
    loop_.stop();
  });
  self = &watcher;
  ASSERT_TRUE(watcher.add(file_));
  ASSERT_TRUE(watcher.add(other));
  write(file_);
  write(other);
  loop_.run();
  EXPECT_EQ(told, 1);
}

}  // namespace
}  // namespace actord::host
