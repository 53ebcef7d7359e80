#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store_fixture.hpp"

namespace actord::host {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class MemoryLogTest : public ::testing::Test {
 protected:
  HandClock clock_;
  MemoryLog log_{clock_, {.manual = true, .dead_letters = {}}};
  std::optional<Session> session_{std::in_place, log_, &log_};
  Session& store() { return *session_; }
};

TEST_F(MemoryLogTest, NothingHappensBeforeAStep) {
  const auto a = store().open("a");
  store().submit(a, {event(1, "x")});
  store().submit(a, {event(2, "x")});
  EXPECT_THAT(store().committed, IsEmpty());
  EXPECT_EQ(log_.durable(), 0u);
  EXPECT_TRUE(log_.step());
  EXPECT_THAT(store().committed, ElementsAre(2));
  EXPECT_FALSE(log_.step());
}

TEST_F(MemoryLogTest, EachStepAnswersOneQuestion) {
  const auto a = store().open("a");
  int answers = 0;
  log_.read(a.store_id, 0, 0, [&](auto) { ++answers; });
  log_.read(a.store_id, 0, 0, [&](auto) { ++answers; });
  EXPECT_TRUE(log_.step());
  EXPECT_EQ(answers, 1);
  EXPECT_TRUE(log_.step());
  EXPECT_EQ(answers, 2);
}

// [5]
TEST_F(MemoryLogTest, FailedCommitIsFinal) {
  const auto a = store().open("a");  // group 1
  log_.fail_commit(3);
  store().settle(store().submit(a, {event(1, "1")}));
  store().submit(a, {event(2, "2")});
  log_.run();
  ASSERT_EQ(store().failures.size(), 1u);
  EXPECT_EQ(store().failures[0].code, ACTORD_E_IO);
  store().submit(a, {event(2, "2")});
  EXPECT_FALSE(store().try_open("a"));
  EXPECT_EQ(store().failures.size(), 1u);
  EXPECT_THAT(store().committed, ElementsAre(1));
  EXPECT_EQ(bodies(*store().read_all(a.store_id)), "1 ");
  EXPECT_FALSE(log_.close());
}

// [7]
TEST_F(MemoryLogTest, HeldCommitsGoOnWhereTheyStopped) {
  const auto a = store().open("a");
  log_.hold_commits(true);
  store().submit(a, {event(1, "1")});
  log_.run();
  EXPECT_TRUE(log_.stats().waiting_for_space);
  EXPECT_EQ(log_.durable(), 0u);
  log_.hold_commits(false);
  store().settle(1);
  EXPECT_FALSE(log_.stats().waiting_for_space);
  EXPECT_EQ(bodies(*store().read_all(a.store_id)), "1 ");
}

TEST_F(MemoryLogTest, CloseWhileHeldSaysWhatWasNotStored) {
  const auto a = store().open("a");
  log_.hold_commits(true);
  store().submit(a, {event(1, "1")});
  EXPECT_EQ(log_.close().error().code, ACTORD_E_DISK_FULL);
}

// [1]
TEST_F(MemoryLogTest, CrashKeepsExactlyWhatWasCommitted) {
  const auto a = store().open("a");
  store().settle(store().submit(a, {event(1, "1")}));
  store().submit(a, {event(2, "2")});
  bool answered = false;
  log_.open("b", "test.Kind", [&](auto) { answered = true; });
  log_.crash();
  session_.emplace(log_, &log_);
  const auto again = store().open("a");
  EXPECT_EQ(again.head_seq, 1u);
  EXPECT_GT(again.epoch, a.epoch);
  EXPECT_EQ(bodies(*store().read_all(again.store_id)), "1 ");
  EXPECT_FALSE(answered);
}

TEST_F(MemoryLogTest, ForgettingKeepsWhatTheSnapshotsNeed) {
  MemoryLog log(clock_, {.manual = true, .forget = true, .dead_letters = {}});
  Session session(log, &log);
  const auto a = session.open("a");
  for (uint64_t seq = 1; seq <= 10; ++seq) {
    session.submit(a, {event(seq, std::to_string(seq))},
                   seq % 4 == 0 ? std::optional(snapshot(seq, "s")) : std::nullopt);
  }
  session.flush();
  EXPECT_EQ(log.stored("a")->events.size(), 6u);
  EXPECT_EQ(session.open("a").floor_seq, 4u);
  const auto older = *session.load(a.store_id, 7);
  ASSERT_TRUE(older);
  EXPECT_EQ(bodies(*session.read_all(a.store_id, older->snapshot.seq, older->chain)),
            "5 6 7 8 9 10 ");
}

TEST_F(MemoryLogTest, FloodOfDeadLettersIsCountedAndDropped) {
  for (uint64_t i = 0; i < limits::kDeadLettersQueued + 5; ++i)
    log_.append_dead_letter(letter("/a"));
  log_.run();
  EXPECT_EQ(log_.stats().dead_letters, limits::kDeadLettersQueued);
  EXPECT_EQ(log_.stats().dead_letters_dropped, 5u);
}

}  // namespace
}  // namespace actord::host
