// Taking single messages out of the stash: in an order of the actor's choice, on to others, or to their
// end. Law 3 and 4 as ever.
#include "support/runtime_fixture.hpp"

namespace actord::host {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// "/l" puts off each "Job" the first time it sees it, and remembers which.
class Stash : public RuntimeFixture {
 protected:
  Stash() {
    factory.kinds["list"].receive = [this](Act& act) {
      if (act.message->type.name() != "Job") return Outcome{};
      const std::string name(act.message->payload.view());
      if (ids.contains(name)) return Outcome{};
      ids[name] = act.message->id;
      return Outcome{ACTORD_DEFER, {}};
    };
    declare("/l", "list");
    declare("/w");
    settle();
    for (const char* job : {"1", "2", "3", "4"}) send("/l", "Job", job);
    settle();
    factory.forget();
  }
  std::map<std::string, uint64_t> ids;
};

TEST_F(Stash, ThoseNamedComeNextInTheOrderNamed) {
  in("/l", [this](Act& act) {
    EXPECT_EQ(act.turn.unstash(ids["3"]), ACTORD_OK);
    EXPECT_EQ(act.turn.send(to("/w", "Between")), ACTORD_OK);
    EXPECT_EQ(act.turn.unstash(ids["1"]), ACTORD_OK);
    send("/l", "New");
  });
  EXPECT_THAT(seen("/l"), ElementsAre("Job 3", "Job 1", "New"));
  in("/l", [this](Act& act) {
    EXPECT_EQ(act.turn.unstash_all(), ACTORD_OK);
    EXPECT_EQ(act.turn.unstash(ids["4"]), ACTORD_OK);
  });
  EXPECT_THAT(seen("/l"), ElementsAre("Job 3", "Job 1", "New", "Job 4", "Job 2"));
}

TEST_F(Stash, OneThatIsNotThereIsNothing) {
  in("/l", [this](Act& act) {
    (void)act.turn.unstash(ids["2"]);
    (void)act.turn.unstash(ids["2"]);
    (void)act.turn.unstash(123);
    (void)act.turn.forward_stashed(124, ref("/w"), "");
    (void)act.turn.reject_stashed(125, "no");
    EXPECT_EQ(act.turn.unstash(0), ACTORD_E_INVALID);
  });
  EXPECT_THAT(seen("/l"), ElementsAre("Job 2"));
  EXPECT_EQ(dead_total(), 0u);
}

TEST_F(Stash, Law1AFailedTurnTakesNothingOut) {
  in("/l", [this](Act& act) {
    (void)act.turn.reject_stashed(ids["1"], "no");
    (void)act.turn.unstash(ids["2"]);
    return failed();
  });
  EXPECT_EQ(dead_total(), 1u) << "only the message it failed at";
  advance(100);
  EXPECT_THAT(seen("/l"), ElementsAre("start", "Job 1", "Job 2", "Job 3", "Job 4"));
}

TEST_F(Stash, OnePassedOnKeepsItsRequester) {
  factory.kinds["echo"].receive = [](Act& act) {
    (void)act.turn.reply(about("Echoed", act.message->payload.view()));
    return Outcome{};
  };
  declare("/e", "echo");
  settle();
  in("/w", [](Act& act) {
    uint64_t ask = 0;
    EXPECT_EQ(act.turn.ask(to("/l", "Job", "5"), 1'000, &ask), ACTORD_OK);
  });
  in("/l", [this](Act& act) {
    EXPECT_EQ(act.turn.forward_stashed(ids["5"], {}, "/e"), ACTORD_OK);
    EXPECT_EQ(act.turn.forward_stashed(ids["1"], ref("/w"), ""), ACTORD_OK);
    EXPECT_EQ(act.turn.forward_stashed(ids["2"], {}, "/nobody"), ACTORD_OK);
    EXPECT_EQ(act.turn.forward_stashed(ids["2"], {}, "no path"), ACTORD_E_INVALID);
  });
  EXPECT_THAT(seen("/w"), ElementsAre("Job 1", "reply Echoed 5"));
  EXPECT_EQ(dead(DeadReason::kNoSuchActor), 1u);
}

TEST_F(Stash, OneRejectedAnswersItsAskerAtOnce) {
  in("/w", [](Act& act) {
    uint64_t ask = 0;
    EXPECT_EQ(act.turn.ask(to("/l", "Job", "5"), 1'000, &ask), ACTORD_OK);
  });
  in("/l", [this](Act& act) { (void)act.turn.reject_stashed(ids["5"], "too much to do"); });
  EXPECT_THAT(seen("/w"), ElementsAre("ask_failed 14"));
  ASSERT_EQ(letters().size(), 1u);
  EXPECT_EQ(letters()[0].error, "too much to do");
  EXPECT_EQ(letters()[0].to, "/l");
}

TEST_F(Stash, ANoticeOfTheHostCannotBePassedOnAndStays) {
  factory.kinds["later"].receive = [](Act& act) {
    if (act.message->kind != MessageKind::kTimer || act.self.put_off != 0) return Outcome{};
    act.self.put_off = act.message->id;
    return Outcome{ACTORD_DEFER, {}};
  };
  declare("/t", "later");
  settle();
  in("/t", [](Act& act) { (void)act.turn.set_timer("t", 10, 0, {}); });
  advance(10);
  in("/t", [](Act& act) { (void)act.turn.forward_stashed(act.self.put_off, {}, "/w"); });
  EXPECT_THAT(seen("/w"), IsEmpty());
  in("/t", [](Act& act) { (void)act.turn.unstash(act.self.put_off); });
  EXPECT_THAT(seen("/t"), ElementsAre("start", "timer t", "timer t"));
}

TEST_F(Stash, ARestartBringsBackInOrderWhatWasNotTaken) {
  in("/l", [this](Act& act) { (void)act.turn.unstash(ids["3"]); });
  factory.forget();
  fail("/l");
  send("/l", "New");
  advance(100);
  EXPECT_THAT(seen("/l"), ElementsAre("start", "Job 1", "Job 2", "Job 4", "New"));
}

TEST_F(Stash, AStoppedActorsBecomeDeadLetters) {
  ASSERT_TRUE(tree().stop("/l"));
  settle();
  EXPECT_EQ(dead(DeadReason::kStopped), 4u);
}

}  // namespace
}  // namespace actord::host
