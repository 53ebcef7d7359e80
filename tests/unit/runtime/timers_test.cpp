// The heap of everything that happens later.
#include "runtime/timers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "base/random.hpp"

namespace actord::host {
namespace {

using ::testing::ElementsAre;

class TimersTest : public ::testing::Test {
 protected:
  TimerId arm(uint64_t due_ms, uint64_t token = 0) {
    return timers.arm(due_ms, TimerPurpose::kActorTimer, {1, 1}, token);
  }
  std::vector<uint64_t> pop(uint64_t now_ms) {
    std::vector<uint64_t> tokens;
    for (const DueTimer& due : timers.pop_due(now_ms)) tokens.push_back(due.token);
    return tokens;
  }
  std::vector<uint64_t> wakes;
  Timers timers{[this](uint64_t due_ms) { wakes.push_back(due_ms); }};
};

TEST_F(TimersTest, FireInOrderOfTimeThenOfArming) {
  arm(20, 1);
  arm(10, 2);
  arm(20, 3);
  arm(10, 4);
  EXPECT_EQ(timers.next_due(), 10u);
  EXPECT_THAT(pop(9), ElementsAre());
  EXPECT_THAT(pop(20), ElementsAre(2u, 4u, 1u, 3u));
  EXPECT_EQ(timers.next_due(), std::nullopt);
}

TEST_F(TimersTest, TheLoopIsWokenOnlyForAnEarlierTime) {
  arm(50);
  arm(60);
  arm(40);
  EXPECT_THAT(wakes, ElementsAre(50u, 40u));
}

TEST_F(TimersTest, ACancelledTimerIsGoneAtOnceAndTwiceIsFine) {
  const TimerId id = arm(10, 1);
  arm(10, 2);
  timers.cancel(id);
  timers.cancel(id);
  timers.cancel(0);
  timers.cancel(12345);
  EXPECT_EQ(timers.size(), 1u);
  EXPECT_THAT(pop(10), ElementsAre(2u));
}

TEST_F(TimersTest, IdsAreNeverUsedTwice) {
  const TimerId first = arm(10);
  timers.cancel(first);
  EXPECT_NE(arm(10), first);
  EXPECT_NE(first, 0u);
}

TEST_F(TimersTest, Trap32AnIdOfAnEarlierUseMeansNothing) {
  const TimerId first = arm(10, 1);
  EXPECT_THAT(pop(10), ElementsAre(1u));
  arm(20, 2);  // in the same place
  timers.cancel(first);
  EXPECT_THAT(pop(20), ElementsAre(2u));
}

TEST_F(TimersTest, TheHeapEqualsASortedListOnRandomWork) {
  Random random(5);
  std::map<std::pair<uint64_t, uint64_t>, TimerId> model;  // by time, then by age
  uint64_t now = 0;
  for (uint64_t i = 0; i < 5'000; ++i) {
    switch (random.next() % 4) {
      case 0:
      case 1: {
        const uint64_t due = now + random.next() % 100;
        model[{due, i}] = arm(due, i);
        break;
      }
      case 2:
        if (!model.empty()) {
          auto it = model.begin();
          std::advance(it, static_cast<long>(random.next() % model.size()));
          timers.cancel(it->second);
          model.erase(it);
        }
        break;
      default: {
        now += random.next() % 10;
        std::vector<uint64_t> expected;
        while (!model.empty() && model.begin()->first.first <= now) {
          expected.push_back(model.begin()->first.second);
          model.erase(model.begin());
        }
        ASSERT_EQ(pop(now), expected);
      }
    }
    ASSERT_EQ(timers.size(), model.size());
    ASSERT_EQ(timers.next_due().has_value(), !model.empty());
    if (model.empty()) continue;
    ASSERT_EQ(timers.next_due(), model.begin()->first.first);
  }
}

}  // namespace
}  // namespace actord::host
