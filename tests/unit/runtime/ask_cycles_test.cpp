// Actors that wait for each other's answers.
#include "runtime/ask_cycles.hpp"

#include "base/limits.hpp"
#include "support/runtime_fixture.hpp"

namespace actord::host {
namespace {

using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// None of them answers.
class AskCyclesTest : public RuntimeFixture {
 protected:
  AskCyclesTest() {
    for (const char* path : {"/a", "/b", "/c", "/d"}) declare(path);
    settle();
  }
  void ask(const std::string& from, const std::string& whom, uint64_t timeout_ms = 10'000) {
    in(from, [=](Act& act) {
      uint64_t number = 0;
      EXPECT_EQ(act.turn.ask(to(whom, "Question"), timeout_ms, &number), ACTORD_OK);
      act.self.asks.push_back(number);
    });
  }
  AskCycles& cycles() { return runtime->ask_cycles(); }
};

TEST_F(AskCyclesTest, TwoThatAskEachOtherAreSaidOnce) {
  ask("/a", "/b");
  ask("/b", "/a");
  advance(limits::kAskLookMs - 1);
  EXPECT_EQ(cycles().reported(), 0u);
  advance(1);
  EXPECT_EQ(cycles().reported(), 1u);
  EXPECT_THAT(cycles().now(), ElementsAre(AnyOf("/a -> /b -> /a", "/b -> /a -> /b")));
  ask("/a", "/b");
  advance(2'000);
  EXPECT_EQ(cycles().reported(), 1u) << "the same circle again";
  advance(20'000);
  EXPECT_THAT(cycles().now(), IsEmpty()) << "every deadline has passed";
  EXPECT_THAT(seen("/b"), ::testing::Contains("ask_failed -52"));
}

TEST_F(AskCyclesTest, ALongCircleIsSaidWithEveryName) {
  ask("/a", "/b");
  ask("/b", "/c");
  ask("/b", "/d");
  ask("/c", "/a");
  advance(1'000);
  ASSERT_EQ(cycles().now().size(), 1u);
  EXPECT_THAT(cycles().now()[0],
              AnyOf("/a -> /b -> /c -> /a", "/b -> /c -> /a -> /b", "/c -> /a -> /b -> /c"));
}

TEST_F(AskCyclesTest, OneThatAsksItselfIsACircle) {
  ask("/a", "/a");
  advance(1'000);
  EXPECT_THAT(cycles().now(), ElementsAre("/a -> /a"));
}

TEST_F(AskCyclesTest, ALineIsNone) {
  ask("/a", "/b");
  ask("/b", "/c");
  ask("/a", "/c");
  ask("/c", "/nobody");
  advance(5'000);
  EXPECT_EQ(cycles().reported(), 0u);
}

TEST_F(AskCyclesTest, WhatIsOverIsNoPartOfIt) {
  ask("/a", "/b");
  advance(1'000);
  in("/a", [](Act& act) { (void)act.turn.cancel_ask(act.self.asks[0]); });
  ask("/b", "/a");
  advance(1'000);
  EXPECT_EQ(cycles().reported(), 0u);
  ask("/a", "/c");
  fail("/b");  // its asks are forgotten with it
  ask("/c", "/b");
  advance(2'000);
  EXPECT_EQ(cycles().reported(), 0u);
}

TEST_F(AskCyclesTest, ShortRequestsAreNotLookedAt) {
  ask("/a", "/b", 2 * limits::kAskLookMsMin - 1);
  ask("/b", "/a", 2 * limits::kAskLookMsMin - 1);
  advance(1'000);
  EXPECT_EQ(cycles().reported(), 0u);
  ask("/a", "/b", 2 * limits::kAskLookMsMin);
  ask("/b", "/a", 2 * limits::kAskLookMsMin);
  advance(1'000);
  EXPECT_EQ(cycles().reported(), 1u);
}

TEST_F(AskCyclesTest, AHostThatSleptTooLongOnlyTellsTheDeadline) {
  ask("/a", "/b");
  jump(60'000);
  EXPECT_THAT(seen("/a"), ElementsAre("start", "ask_failed -52"));
  EXPECT_EQ(runtime->timers().size(), 0u);
}

}  // namespace
}  // namespace actord::host
