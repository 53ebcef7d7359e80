#include "loop/loop.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <thread>

#include "loop/signals.hpp"
#include "loop/timer.hpp"
#include "support/guarded_loop.hpp"

namespace actord::host {
namespace {

TEST(Loop, RunsWhatIsPostedInOrderAndStopsAfterIt) {
  GuardedLoop loop;
  std::vector<int> seen;
  for (int i = 0; i < 5; ++i) loop->post([&seen, i] { seen.push_back(i); });
  loop.stop();
  loop->post([&seen] { seen.push_back(5); });
  loop.run();
  EXPECT_EQ(seen, (std::vector<int>{0, 1, 2, 3, 4, 5}));
}

TEST(Loop, TakesPostsFromManyThreadsAndLosesNone) {
  constexpr int kThreads = 4;
  constexpr int kPosts = 5'000;
  GuardedLoop loop;
  std::vector<int> last(kThreads, -1);
  int seen = 0;
  std::vector<std::jthread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kPosts; ++i) {
        loop->post([&, t, i] {
          EXPECT_EQ(last[static_cast<size_t>(t)], i - 1);  // the order of one thread is kept
          last[static_cast<size_t>(t)] = i;
          if (++seen == kThreads * kPosts) loop.stop();
        });
      }
    });
  }
  loop.run();
  EXPECT_EQ(seen, kThreads * kPosts);
}

TEST(Loop, PostingFromAPostedFunctionDoesNotStarveTimers) {
  GuardedLoop loop;
  std::function<void()> again = [&] { loop->post(again); };
  Timer timer(*loop, [&] { loop.stop(); });
  timer.arm(1);
  loop->post(again);
  loop.run();
}

TEST(Loop, RunsAgainAfterStop) {
  GuardedLoop loop;
  loop.stop();
  loop.run();
  bool ran = false;
  loop->post([&] { ran = true; });
  loop.stop();
  loop.run();
  EXPECT_TRUE(ran);
}

TEST(Loop, DropsWhatNeverRanWithWhatItOwns) {
  const auto owned = std::make_shared<int>(1);
  {
    Loop loop;
    auto timer = std::make_shared<Timer>(loop, [] {});
    loop.post([owned, timer] { FAIL(); });
  }
  EXPECT_EQ(owned.use_count(), 1);
}

TEST(LoopDeathTest, TearingDownUnderALiveHandleIsOurBug) {
  EXPECT_DEATH(
      {
        auto loop = std::make_unique<Loop>();
        Timer timer(*loop, [] {});
        loop.reset();
      },
      "uv_is_closing");
}

TEST(Timer, FiresOnceAndCanBeArmedAgainFromItsFunction) {
  GuardedLoop loop;
  int fired = 0;
  Timer* self = nullptr;
  Timer timer(*loop, [&] {
    if (++fired == 3) return loop.stop();
    EXPECT_FALSE(self->armed());
    self->arm(0);
  });
  self = &timer;
  timer.arm(0);
  EXPECT_TRUE(timer.armed());
  loop.run();
  EXPECT_EQ(fired, 3);
}

TEST(Timer, ACancelledOneNeverFiresAndALaterArmReplaces) {
  GuardedLoop loop;
  Timer cancelled(*loop, [] { ADD_FAILURE(); });
  cancelled.arm(0);
  cancelled.cancel();
  std::vector<char> order;
  Timer replaced(*loop, [&] {
    order.push_back('b');
    loop.stop();
  });
  replaced.arm(0);
  replaced.arm(20);
  Timer between(*loop, [&] { order.push_back('a'); });
  between.arm(5);
  loop.run();
  EXPECT_EQ(order, (std::vector<char>{'a', 'b'}));
}

TEST(Timer, MayDestroyItself) {
  GuardedLoop loop;
  std::unique_ptr<Timer> timer;
  const std::string captured(100, 'x');
  timer = std::make_unique<Timer>(*loop, [&loop, &timer, captured] {
    timer.reset();
    EXPECT_EQ(captured.size(), 100u);  // the running function outlives its owner
    loop.stop();
  });
  timer->arm(0);
  loop.run();
}

TEST(Signals, CallTheirFunctionOnTheLoop) {
  GuardedLoop loop;
  Signals signals(*loop);
  int first = 0;
  int second = 0;
  ASSERT_TRUE(signals.on(SIGUSR1, [&] { ++first; }));
  ASSERT_TRUE(signals.on(SIGUSR1, [&] {  // replaces
    ++second;
    loop.stop();
  }));
  std::raise(SIGUSR1);
  EXPECT_EQ(second, 0);
  loop.run();
  EXPECT_EQ(first, 0);
  EXPECT_EQ(second, 1);
}

TEST(Signals, RefuseOneThatCannotBeCaught) {
  Loop loop;
  Signals signals(loop);
  const auto refused = signals.on(SIGKILL, [] {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ACTORD_E_INVALID);
  EXPECT_NE(refused.error().text.find("signal 9"), std::string::npos);
}

}  // namespace
}  // namespace actord::host
