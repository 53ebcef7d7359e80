#include "storage/commit_mark.hpp"

#include <gtest/gtest.h>

#include "raw_store.hpp"
#include "store_fixture.hpp"

namespace actord::host {
namespace {

class CommitMarkTest : public ::testing::Test {
 protected:
  void write(uint64_t commit) {
    auto mark = CommitMark::open(file_);
    ASSERT_TRUE(mark);
    ASSERT_TRUE(mark->write({.gseq = commit * 10,
                             .commit = commit,
                             .event_crc = 7,
                             .store = {1, 2},
                             .boot = {3, 4},
                             .unix_ms = -5}));
  }
  TempDir dir_;
  const std::string file_ = dir_.path + "/mark";
};

TEST_F(CommitMarkTest, MissingFileIsNoMark) { EXPECT_FALSE(CommitMark::read(file_)->has_value()); }

TEST_F(CommitMarkTest, NewestSlotIsRead) {
  write(1);
  write(2);
  const Mark mark = **CommitMark::read(file_);
  EXPECT_EQ(mark.gseq, 20u);
  EXPECT_EQ(mark.event_crc, 7u);
  EXPECT_EQ(mark.store, (Uuid{1, 2}));
  EXPECT_EQ(mark.boot, (Uuid{3, 4}));
  EXPECT_EQ(mark.unix_ms, -5);
  EXPECT_EQ(slurp(file_).size(), 128u);
}

TEST_F(CommitMarkTest, TornSlotLeavesTheOther) {
  write(1);
  write(2);
  std::string content = slurp(file_);
  content[3] ^= 1;
  spill(file_, content);
  EXPECT_EQ((*CommitMark::read(file_))->commit, 1u);
}

}  // namespace
}  // namespace actord::host
