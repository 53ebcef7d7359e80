// Tags: who carries one, until when, and what its followers are told.
#include "runtime/tags.hpp"

#include "base/limits.hpp"
#include "support/runtime_fixture.hpp"

namespace actord::host {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Tagging : public RuntimeFixture {
 protected:
  Tagging() {
    declare("/watcher");
    settle();
    factory.forget();
  }
  static ActorOptions with(std::vector<std::string> tags) {
    ActorOptions options = steady();
    options.tags = std::move(tags);
    return options;
  }
  void follow(const std::string& tag, const std::string& path = "/watcher") {
    in(path, [&](Act& act) { EXPECT_EQ(act.turn.follow(tag), ACTORD_OK); });
  }
  void tag(const std::string& path, const std::string& word) {
    in(path, [&](Act& act) { EXPECT_EQ(act.turn.tag(word), ACTORD_OK); });
  }
  Lines told(const std::string& path = "/watcher") {
    Lines lines = seen(path);
    factory.forget();
    return lines;
  }
};

TEST_F(Tagging, AFollowerIsToldOfAllThatCarryItThenOfEachChange) {
  declare("/a", "puppet", with({"worker"}));
  declare("/b", "puppet", with({"other", "worker"}));
  settle();
  follow("worker");
  EXPECT_THAT(told(), ElementsAre("worker present /a", "worker present /b", "worker all"));
  declare("/c", "puppet", with({"worker"}));
  settle();
  ASSERT_TRUE(tree().stop("/a"));
  settle();
  EXPECT_THAT(told(), ElementsAre("worker added /c", "worker removed /a"));
}

TEST_F(Tagging, OfATagThatNobodyCarriesThereIsOnlyTheEnd) {
  follow("worker");
  EXPECT_THAT(told(), ElementsAre("worker all"));
}

TEST_F(Tagging, WhatTheTopologyGaveOutlivesRestartsAndParking) {
  declare("/a", "puppet", with({"worker"}));
  settle();
  follow("worker");
  factory.forget();
  fail("/a");
  EXPECT_EQ(status("/a"), "backoff");
  EXPECT_THAT(runtime->tags().find("worker"), ElementsAre(ref("/a")));
  advance(100);
  ASSERT_TRUE(tree().park("/a"));
  settle();
  ASSERT_TRUE(tree().resume("/a"));
  settle();
  EXPECT_THAT(told(), IsEmpty());
}

TEST_F(Tagging, WhatItsCodeAddedEndsWithTheInstance) {
  declare("/a");
  settle();
  follow("worker");
  tag("/a", "worker");
  factory.forget();
  fail("/a");
  EXPECT_THAT(told(), ElementsAre("worker removed /a"));
  EXPECT_THAT(runtime->tags().of(ref("/a")), IsEmpty());
}

TEST_F(Tagging, OneThatBothGaveStaysUntilBothHaveTakenItBack) {
  declare("/a", "puppet", with({"worker"}));
  settle();
  follow("worker");
  factory.forget();
  tag("/a", "worker");
  in("/a", [](Act& act) { (void)act.turn.untag("worker"); });
  EXPECT_THAT(told(), IsEmpty());
  tag("/a", "worker");
  ASSERT_TRUE(tree().set_options("/a", with({})));
  settle();
  EXPECT_THAT(told(), IsEmpty());
  in("/a", [](Act& act) { (void)act.turn.untag("worker"); });
  EXPECT_THAT(told(), ElementsAre("worker removed /a"));
}

TEST_F(Tagging, AReloadChangesTagsInPlace) {
  declare("/a", "puppet", with({"old", "same"}));
  settle();
  for (const char* word : {"new", "old", "same"}) follow(word);
  factory.forget();
  ASSERT_TRUE(tree().set_options("/a", with({"new", "same"})));
  settle();
  EXPECT_THAT(told(), ElementsAre("old removed /a", "new added /a"));
  EXPECT_THAT(runtime->tags().of(ref("/a")), ElementsAre("new", "same"));
}

TEST_F(Tagging, ChildrenDoNotCarryWhatTheirParentCarries) {
  declare("/a", "puppet", with({"worker"}));
  settle();
  in("/a", [](Act& act) {
    ActorRef child;
    (void)act.turn.spawn("child", "puppet", "", "", &child);
  });
  EXPECT_THAT(runtime->tags().find("worker"), ElementsAre(ref("/a")));
}

TEST_F(Tagging, Trap50OneThatBeginsToStopIsRemovedBeforeItHasStopped) {
  Lines lines;
  factory.kinds["leaver"].stop = [&](Act&, int32_t) {
    EXPECT_THAT(runtime->tags().find("worker"), IsEmpty());
    lines = seen("/watcher");
  };
  factory.kinds["slow"].stop = [&](Act&, int32_t) {  // its stop comes first
    EXPECT_THAT(runtime->tags().find("worker"), IsEmpty());
  };
  declare("/a", "leaver", with({"worker"}));
  declare("/a/child", "slow");
  settle();
  follow("worker");
  factory.forget();
  ASSERT_TRUE(tree().stop("/a"));
  settle();
  EXPECT_THAT(lines, ElementsAre("worker removed /a"));
  EXPECT_THAT(told(), ElementsAre("worker removed /a"));
}

TEST_F(Tagging, ARestartWithItsParentIsInvisible) {
  declare("/p");
  declare("/p/a", "puppet", with({"worker"}));
  settle();
  follow("worker");
  factory.forget();
  ASSERT_TRUE(tree().restart("/p"));
  settle();
  EXPECT_THAT(told(), IsEmpty());
}

TEST_F(Tagging, Law1AFailedTurnTagsAndFollowsNothing) {
  in("/watcher", [](Act& act) {
    (void)act.turn.tag("worker");
    (void)act.turn.follow("worker");
    return failed();
  });
  EXPECT_THAT(runtime->tags().list(), IsEmpty());
}

TEST_F(Tagging, FollowingEndsWithTheInstanceAndItsQueuedNoticesMeanNothing) {
  declare("/a", "puppet", with({"worker"}));
  settle();
  post("/watcher", [](Act& act) { (void)act.turn.follow("worker"); });
  post("/watcher", [](Act&) { return failed(); });
  settle();
  advance(100);
  ASSERT_TRUE(tree().stop("/a"));
  settle();
  EXPECT_THAT(told(), ElementsAre("start"));
}

TEST_F(Tagging, UnfollowTakesBackWhatIsQueued) {
  declare("/a", "puppet", with({"worker"}));
  settle();
  in("/watcher", [](Act& act) {
    (void)act.turn.follow("worker");
    (void)act.turn.unfollow("worker");
  });
  EXPECT_THAT(told(), IsEmpty());
  EXPECT_EQ(runtime->tags().list().front().followers, 0u);
}

TEST_F(Tagging, FollowingAgainBeginsAnew) {
  declare("/a", "puppet", with({"worker"}));
  settle();
  follow("worker");
  factory.forget();
  post("/watcher", [](Act& act) { (void)act.turn.follow("worker"); });
  settle();
  EXPECT_THAT(told(), ElementsAre("worker present /a", "worker all"));
}

TEST_F(Tagging, ANoticeThatIsPutOffComesAgain) {
  int puts = 0;
  factory.kinds["shy"].receive = [&](Act& act) {
    return act.message->kind == MessageKind::kListed && puts++ == 0 ? Outcome{ACTORD_DEFER, {}}
                                                                    : Outcome{};
  };
  declare("/shy", "shy");
  settle();
  follow("worker", "/shy");
  factory.forget();
  in("/shy", [](Act& act) { (void)act.turn.unstash_all(); });
  EXPECT_THAT(told("/shy"), ElementsAre("worker all"));
  in("/shy", [](Act& act) { (void)act.turn.unstash_all(); });
  EXPECT_THAT(told("/shy"), IsEmpty());
}

// A follower that handles nothing is told of what is different when it comes to it, not of every change.
TEST_F(Tagging, Law15ASlowFollowerIsNotBuriedInChanges) {
  follow("worker");
  factory.forget();
  Tags& tags = runtime->tags();
  const auto one = [](uint64_t n) { return ActorRef{1'000'000 + n, 1'000'000 + n}; };
  for (uint64_t n = 0; n < limits::kListedInFlight; ++n) tags.declare(one(n), "/x", {"worker"});
  for (int round = 0; round < 1'000; ++round) {
    tags.declare(one(900), "/came and went", {"worker"});
    tags.declare(one(900), "/came and went", {});
  }
  tags.declare(one(901), "/stays", {"worker"});
  tags.declare(one(0), "/x", {});
  EXPECT_EQ(view("/watcher").mailbox.messages, limits::kListedInFlight);
  settle();
  Lines lines = told();
  ASSERT_EQ(lines.size(), limits::kListedInFlight + 2);
  EXPECT_EQ(lines[limits::kListedInFlight], "worker added /stays");
  EXPECT_EQ(lines.back(), "worker removed /x");
  for (uint64_t n = 0; n < 1'000; ++n) tags.end(one(n));
}

TEST_F(Tagging, Law15AnActorCarriesAndFollowsOnlySoMany) {
  in("/watcher", [](Act& act) {
    for (uint64_t n = 0; n <= limits::kTagsPerActor; ++n)
      (void)act.turn.tag("t" + std::to_string(n));
    for (uint64_t n = 0; n <= limits::kFollowsPerActor; ++n)
      (void)act.turn.follow("t" + std::to_string(n));
    (void)act.turn.tag("t0");
    (void)act.turn.follow("t0");
  });
  EXPECT_EQ(runtime->tags().of(ref("/watcher")).size(), limits::kTagsPerActor);
  uint64_t followed = 0;
  for (const TagView& one : runtime->tags().list()) followed += one.followers;
  EXPECT_EQ(followed, limits::kFollowsPerActor);
}

TEST_F(Tagging, WhatIsNoTagIsRefused) {
  in("/watcher", [](Act& act) {
    for (const std::string& bad :
         {std::string(), std::string("a b"), std::string("ä"), std::string(129, 'a')}) {
      EXPECT_EQ(act.turn.tag(bad), ACTORD_E_INVALID) << bad;
      EXPECT_EQ(act.turn.untag(bad), ACTORD_E_INVALID) << bad;
      EXPECT_EQ(act.turn.follow(bad), ACTORD_E_INVALID) << bad;
      EXPECT_EQ(act.turn.unfollow(bad), ACTORD_E_INVALID) << bad;
    }
    EXPECT_EQ(act.turn.tag(std::string(128, 'a')), ACTORD_OK);
    EXPECT_EQ(act.turn.tag("eu-1:cart/checkout.v2_x"), ACTORD_OK);
  });
}

TEST_F(Tagging, FindNamesTheOldestFirst) {
  for (const char* path : {"/c", "/a", "/b"}) declare(path, "puppet", with({"worker"}));
  settle();
  EXPECT_THAT(runtime->tags().find("worker"), ElementsAre(ref("/c"), ref("/a"), ref("/b")));
  EXPECT_THAT(runtime->tags().find("nobody"), IsEmpty());
}

TEST_F(Tagging, AFollowerMayCarryTheTagItself) {
  tag("/watcher", "peer");
  follow("peer");
  EXPECT_THAT(told(), ElementsAre("peer present /watcher", "peer all"));
}

}  // namespace
}  // namespace actord::host
