// Links: who ends with whom, and who does not.
#include "base/limits.hpp"
#include "support/runtime_fixture.hpp"

namespace actord::host {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Links : public RuntimeFixture {
 protected:
  Links() {
    declare("/a");
    declare("/b");
    declare("/c");
    settle();
    factory.forget();
  }
  void link(const std::string& one, const std::string& other) {
    in(one, [this, other](Act& act) { EXPECT_EQ(act.turn.link(ref(other)), ACTORD_OK); });
  }
  // Its supervisor gives it up.
  void give_up(const std::string& path) {
    ActorOptions options = steady();
    options.supervision.restart = RestartType::kNever;
    ASSERT_TRUE(tree().set_options(path, options));
    settle();
    fail(path);
    EXPECT_EQ(status(path), "stopped");
  }
};

TEST_F(Links, AnEndByFailureTakesTheOtherAlong) {
  link("/a", "/b");
  in("/c", [this](Act& act) { (void)act.turn.watch(ref("/b")); });
  give_up("/a");
  EXPECT_EQ(status("/b"), "stopped");
  EXPECT_THAT(seen("/b"), ElementsAre("stop 1"));
  EXPECT_THAT(seen("/c"), ElementsAre("terminated 1"));
}

TEST_F(Links, ALinkHasNoDirectionAndGoesOnFromPeerToPeer) {
  link("/a", "/b");
  link("/b", "/c");
  give_up("/c");
  EXPECT_EQ(status("/b"), "stopped");
  EXPECT_EQ(status("/a"), "stopped");
}

TEST_F(Links, ANormalEndOnlyEndsTheLink) {
  link("/a", "/b");
  link("/a", "/c");
  in("/b", [](Act&) { return Outcome{ACTORD_STOP, {}}; });
  EXPECT_EQ(status("/b"), "stopped");
  ASSERT_TRUE(tree().stop("/c"));
  settle();
  EXPECT_EQ(status("/a"), "running");
  ASSERT_TRUE(tree().start("/b"));
  settle();
  give_up("/b");
  EXPECT_EQ(status("/a"), "running") << "the link was to the life before";
}

TEST_F(Links, ALinkSurvivesRestartsParkingAndResumes) {
  link("/a", "/b");
  fail("/a");
  EXPECT_EQ(status("/b"), "running");
  advance(100);
  ASSERT_TRUE(tree().park("/b"));
  settle();
  EXPECT_EQ(status("/a"), "running");
  give_up("/a");
  EXPECT_EQ(status("/b"), "stopped") << "a parked one ends as well";
}

TEST_F(Links, RestartAlwaysDoesNotBringBackWhoFellWithAnother) {
  ActorOptions always = steady();
  always.supervision.restart = RestartType::kAlways;
  ASSERT_TRUE(tree().set_options("/b", always));
  link("/a", "/b");
  give_up("/a");
  advance(1'000);
  EXPECT_EQ(status("/b"), "stopped");
  ASSERT_TRUE(tree().start("/b"));
  settle();
  EXPECT_EQ(status("/b"), "running");
}

TEST_F(Links, LinkingToOneThatHasEndedOrNeverWasIsTheEnd) {
  const ActorRef b = ref("/b");
  ASSERT_TRUE(tree().stop("/b"));
  settle();
  in("/a", [b](Act& act) { (void)act.turn.link(b); });
  EXPECT_EQ(status("/a"), "stopped");
  in("/c", [](Act& act) {
    ActorRef child;
    (void)act.turn.spawn("x", "no such kind", "", "", &child);
    (void)act.turn.link(child);
  });
  EXPECT_EQ(status("/c"), "stopped");
}

TEST_F(Links, UnlinkEndsItWhoeverHadMadeIt) {
  link("/a", "/b");
  link("/a", "/b");
  in("/b", [this](Act& act) { (void)act.turn.unlink(ref("/a")); });
  give_up("/a");
  EXPECT_EQ(status("/b"), "running");
}

TEST_F(Links, LinkingToOneselfOrInAFailedTurnIsNothing) {
  link("/a", "/a");
  in("/a", [this](Act& act) {
    (void)act.turn.link(ref("/b"));
    return failed();
  });
  advance(100);
  give_up("/b");
  EXPECT_EQ(status("/a"), "running");
}

TEST_F(Links, AParentFallsWithItsChildAndAChildIsStoppedByItsParentAsEver) {
  ActorRef child;
  in("/a", [&](Act& act) {
    (void)act.turn.spawn("x", "puppet", "", "", &child);
    (void)act.turn.link(child);
  });
  in("/a", [&](Act& act) { (void)act.turn.stop(child); });
  EXPECT_EQ(status("/a"), "running") << "its parent has ended it: that is normal";
  ActorOptions never = steady();
  never.supervision.restart = RestartType::kNever;
  ASSERT_TRUE(tree().set_options("/a", never));
  settle();
  in("/a", [&](Act& act) {
    (void)act.turn.spawn("y", "puppet", "", "", &child);  // inherits: never restarted
    (void)act.turn.link(child);
  });
  fail("/a/y");
  EXPECT_EQ(status("/a"), "stopped");
  EXPECT_EQ(status("/a/y"), "gone");
}

TEST_F(Links, ASignificantOneThatFellTakesItsParentAlong) {
  ActorOptions significant = steady();
  significant.supervision.significant = true;
  declare("/a/s", "puppet", significant);
  settle();
  link("/a/s", "/b");
  give_up("/b");
  EXPECT_EQ(status("/a"), "stopped");
}

TEST_F(Links, TheEndOfTheHostIsNoFailure) {
  link("/a", "/b");
  tree().stop_all();
  settle();
  EXPECT_THAT(seen("/a"), ElementsAre("stop 3"));
  EXPECT_THAT(seen("/b"), ElementsAre("stop 3"));
}

TEST_F(Links, Law15AnActorHasAThousandLinks) {
  in("/a", [this](Act& act) {
    for (uint64_t i = 0; i <= limits::kLinksPerActor; ++i) {
      ActorRef child;
      if (act.turn.spawn("x" + std::to_string(i), "puppet", "", "", &child) != ACTORD_OK) return;
      (void)act.turn.link(child);
      act.self.refs["last"] = child;
    }
  });
  ActorOptions never = steady();
  never.supervision.restart = RestartType::kNever;
  EXPECT_EQ(view("/a").children.size(), limits::kLinksPerActor + 1);
  in("/a", [](Act& act) { (void)act.turn.stop(act.self.refs["last"]); });
  EXPECT_EQ(status("/a"), "running");
  link("/a", "/b");  // one too many
  give_up("/b");
  EXPECT_EQ(status("/a"), "running");
}

}  // namespace
}  // namespace actord::host
