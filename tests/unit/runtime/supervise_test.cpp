// A parent that decides by code, and all that can come between a question and its answer. The plain
// cases are scenarios (tests/scenarios/supervise.yaml).
#include "support/runtime_fixture.hpp"

#include "base/limits.hpp"

namespace actord::host {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// "/s" is a judge with a journal: what it decides waits for its events, so a test that holds the commits
// holds the answer.
class Supervise : public RuntimeFixture {
 protected:
  Supervise() {
    Script judge;
    judge.persistent = true;
    judge.decide = [this](Act& act, const ChildFailure& failure, ChosenDirective& chosen) {
      asked.push_back(failure);
      (void)act.turn.persist("decided", 1, failure.path);
      (void)act.turn.send(to("/w", "Decided"));
      chosen = answer;
      return outcome;
    };
    factory.kinds["judge"] = judge;
  }
  void family(const ActorOptions& child = steady()) {
    declare("/w");
    declare("/s", "judge");
    declare("/s/x", "puppet", child);
    settle();
    factory.forget();
  }
  // /s/x has failed, and the answer is on its way.
  void question() {
    store.hold_commits(true);
    fail("/s/x", ACTORD_FAIL_TRANSIENT);
    ASSERT_EQ(asked.size(), 1u);
    ASSERT_EQ(status("/s/x"), "undecided");
  }
  void let_answer() {
    store.hold_commits(false);
    settle();
  }

  std::vector<ChildFailure> asked;
  ChosenDirective answer = Directive::kResume;
  Outcome outcome;
};

TEST_F(Supervise, TheQuestionSaysWhatIsKnown) {
  family();
  fail("/s/x", ACTORD_FAIL_TRANSIENT);
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0].child, ref("/s/x"));
  EXPECT_EQ(asked[0].path, "/s/x");
  EXPECT_EQ(asked[0].kind, "puppet");
  EXPECT_EQ(asked[0].failure.failure, FailureClass::kTransient);
  EXPECT_EQ(asked[0].failure.text, "boom");
  EXPECT_EQ(asked[0].failure.message_type, "do");
  EXPECT_NE(asked[0].failure.message_id, 0u);
  EXPECT_EQ(asked[0].failure.attempt, 1u);
  EXPECT_TRUE(asked[0].resumable);
  EXPECT_EQ(asked[0].restarts, 0u);
  answer = Directive::kRestart;
  fail("/s/x");
  advance(100);
  fail("/s/x");
  EXPECT_EQ(asked[2].restarts, 1u);
  EXPECT_EQ(asked[2].restarts_in_window, 1u);
}

TEST_F(Supervise, Law2TheAnswerAndWhatTheTurnRecordedLeaveTogetherWhenDurable) {
  family();
  question();
  EXPECT_THAT(seen("/w"), IsEmpty());
  let_answer();
  EXPECT_THAT(seen("/w"), ElementsAre("Decided"));
  EXPECT_EQ(status("/s/x"), "running");
  EXPECT_EQ(state("/s"), "/s/x");
}

TEST_F(Supervise, UntilTheAnswerNothingIsHandledAndNothingIsLost) {
  family();
  in("/s/x", [](Act& act) {
    act.self.state = "kept";
    EXPECT_EQ(act.turn.set_timer("t", 10, 0, {}), ACTORD_OK);
  });
  question();
  send("/s/x", "One");
  send("/s/x", "Two");
  advance(50);
  EXPECT_THAT(seen("/s/x"), IsEmpty());
  EXPECT_EQ(tree().counts().undecided, 1u);
  EXPECT_FALSE(tree().standing("/s/x").settled);
  let_answer();
  EXPECT_THAT(seen("/s/x"), ElementsAre("timer t", "One", "Two"));
  EXPECT_EQ(state("/s/x"), "kept");
  EXPECT_EQ(view("/s/x").restarts, 0u);
  EXPECT_EQ(dead(DeadReason::kHandlerFailed), 1u) << "the message it failed at";
}

TEST_F(Supervise, ARestartKeepsTheMailboxInOrder) {
  answer = Directive::kRestart;
  family();
  question();
  send("/s/x", "One");
  let_answer();
  EXPECT_EQ(status("/s/x"), "backoff");
  advance(100);
  EXPECT_THAT(seen("/s/x"), ElementsAre("start", "One"));
}

TEST_F(Supervise, AMessageThatMayBeTriedAgainIsWhenTheAnswerIsARestart) {
  ActorOptions options = steady();
  options.supervision.max_attempts = 2;
  answer = Directive::kRestart;
  family(options);
  std::vector<uint32_t> attempts;
  post("/s/x", [&](Act& act) {
    attempts.push_back(act.message->attempt);
    return act.message->attempt == 1 ? failed() : Outcome{};
  });
  send("/s/x", "After");
  settle();
  advance(100);
  EXPECT_THAT(attempts, ElementsAre(1u, 2u));
  EXPECT_THAT(seen("/s/x"), ElementsAre("start", "After"));
  EXPECT_EQ(dead_total(), 0u);
}

TEST_F(Supervise, AMessageThatMightHaveBeenTriedAgainIsSkippedByAResume) {
  ActorOptions options = steady();
  options.supervision.max_attempts = 5;
  family(options);
  fail("/s/x");
  send("/s/x", "After");
  settle();
  EXPECT_THAT(seen("/s/x"), ElementsAre("After"));
  ASSERT_EQ(letters().size(), 1u);
  EXPECT_EQ(letters()[0].reason, DeadReason::kHandlerFailed);
  EXPECT_EQ(letters()[0].attempts, 1u);
}

TEST_F(Supervise, AParentThatDoesNotAnswerInTimeHasLostItsSay) {
  family();
  question();
  advance(limits::kDecisionMs - 1);
  EXPECT_EQ(status("/s/x"), "undecided");
  advance(1);
  EXPECT_EQ(status("/s/x"), "backoff") << "as the topology says";
  advance(100);
  EXPECT_EQ(status("/s/x"), "running");
  answer = Directive::kStop;
  fail("/s/x");  // the next question; the answer to the first one comes before its own
  EXPECT_EQ(status("/s/x"), "undecided");
  let_answer();
  EXPECT_EQ(status("/s/x"), "stopped");
}

TEST_F(Supervise, AStuckParentHoldsUpItsChildOnlySoLong) {
  family();
  in("/s", [this](Act&) {
    // Inside this turn of /s the others go on.
    post("/s/x", [](Act&) { return failed(); });
    steps->run_until_idle();
    EXPECT_EQ(status("/s/x"), "undecided");
    clock.advance_ms(limits::kDecisionMs);
    runtime->fire_due();
    steps->run_until_idle();
    EXPECT_EQ(status("/s/x"), "backoff");
  });
  EXPECT_EQ(asked.size(), 1u) << "it is asked all the same, and its answer means nothing";
  EXPECT_EQ(status("/s/x"), "backoff");
}

TEST_F(Supervise, AnOperatorComesFirst) {
  const std::vector<std::pair<std::function<Result<void>()>, std::string>> orders = {
      {[this] { return tree().stop("/s/x"); }, "stopped"},
      {[this] { return tree().park("/s/x"); }, "parked"},
      {[this] { return tree().restart("/s/x"); }, "running"}};
  family();
  for (const auto& [order, expected] : orders) {
    SCOPED_TRACE(expected);
    asked.clear();
    factory.forget();
    answer = Directive::kStop;
    question();
    ASSERT_TRUE(order());
    settle();
    EXPECT_EQ(status("/s/x"), expected);
    let_answer();
    EXPECT_EQ(status("/s/x"), expected) << "the answer was to a question that is settled";
    Lines stops = seen("/s/x");
    std::erase_if(stops, [](const std::string& line) { return !line.starts_with("stop"); });
    EXPECT_THAT(stops, IsEmpty()) << "an instance that failed has no stop hook";
    if (expected == "stopped") (void)tree().start("/s/x");
    if (expected == "parked") (void)tree().resume("/s/x");
    settle();
  }
  asked.clear();
  answer = Directive::kResume;
  question();
  EXPECT_FALSE(tree().resume("/s/x")) << "it is not parked; its parent decides";
  let_answer();
}

TEST_F(Supervise, ARestartOfTheParentMeanwhileTakesTheChildAlong) {
  family();
  question();
  ASSERT_TRUE(tree().restart("/s"));
  steps->run_until_idle();
  let_answer();
  EXPECT_EQ(status("/s"), "running");
  EXPECT_EQ(status("/s/x"), "running");
  EXPECT_THAT(seen("/s/x"), ElementsAre("start"));
}

TEST_F(Supervise, AFailureOfTheParentMeanwhileTakesTheChildAlong) {
  family();
  question();
  fail("/s");
  EXPECT_EQ(status("/s/x"), "waiting");
  let_answer();
  advance(100);
  EXPECT_THAT(seen("/s/x"), ElementsAre("start"));
}

TEST_F(Supervise, AnEndOfTheHostMeanwhileEndsBoth) {
  family();
  question();
  send("/s/x", "Never");
  tree().stop_all();
  let_answer();
  EXPECT_TRUE(tree().stopped());
  EXPECT_EQ(dead(DeadReason::kShutdown), 2u) << "Never, and what /s had sent to /w";
}

TEST_F(Supervise, AParentThatIsItselfUndecidedIsNotAsked) {
  declare("/w");
  declare("/p", "judge");
  declare("/p/s", "judge");
  declare("/p/s/x");
  settle();
  store.hold_commits(true);
  fail("/p/s", ACTORD_FAIL_TRANSIENT);
  ASSERT_EQ(status("/p/s"), "undecided");
  fail("/p/s/x");
  EXPECT_EQ(status("/p/s/x"), "backoff") << "the topology decides about it";
  advance(100);
  EXPECT_EQ(status("/p/s/x"), "running") << "its parent still has its instance";
  let_answer();
  EXPECT_EQ(status("/p/s"), "running");
  EXPECT_EQ(asked.size(), 1u);
}

TEST_F(Supervise, WhoWaitsForOneThatGoesOnStartsThen) {
  family();
  question();
  declare("/after", "puppet", steady(), {"/s/x"});
  settle();
  EXPECT_EQ(status("/after"), "waiting");
  let_answer();
  EXPECT_EQ(status("/after"), "running");
}

TEST_F(Supervise, ALateAnswerMeansNothingToOneThatWaitsForItsSiblings) {
  ActorOptions together = steady();
  together.supervision.strategy = Strategy::kOneForAll;
  factory.kinds["slow"].stop = [this](Act&, int32_t) {
    if (!asked.empty()) let_answer();  // while this sibling goes down
  };
  declare("/w");
  declare("/s", "judge", together);
  declare("/s/x");
  declare("/s/y", "slow");
  settle();
  question();
  advance(limits::kDecisionMs);
  EXPECT_EQ(status("/s/x"), "backoff");
  EXPECT_EQ(view("/s/x").restarts, 1u);
  advance(100);
  EXPECT_EQ(status("/s/x"), "running");
  EXPECT_EQ(status("/s/y"), "running");
}

TEST_F(Supervise, ASpawnedChildIsAskedAboutToo) {
  answer = Directive::kStop;
  declare("/w");
  declare("/s", "judge");
  settle();
  in("/s", [](Act& act) {
    EXPECT_EQ(act.turn.spawn("c", "puppet", "", "", &act.self.refs["c"]), ACTORD_OK);
    EXPECT_EQ(act.turn.watch(act.self.refs["c"]), ACTORD_OK);
  });
  fail("/s/c");
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(status("/s/c"), "gone");
  EXPECT_THAT(seen("/s"), ::testing::Contains("terminated 1"));
}

TEST_F(Supervise, AParentThatStopsItselfAtTheQuestionHasStillAnswered) {
  family();
  outcome = {ACTORD_STOP, {}};
  fail("/s/x");
  EXPECT_EQ(status("/s"), "stopped");
  EXPECT_EQ(status("/s/x"), "waiting");
  EXPECT_EQ(asked.size(), 1u);
}

TEST_F(Supervise, AFailedDecisionLeavesNoEffect) {
  family();
  outcome = failed("no idea");
  fail("/s/x");
  EXPECT_THAT(seen("/w"), IsEmpty());
  EXPECT_EQ(status("/s"), "backoff");
  EXPECT_THAT(view("/s").reason, HasSubstr("no idea"));
  EXPECT_EQ(state("/s"), "gone");
  advance(200);
  EXPECT_EQ(state("/s"), "") << "the event of the failed turn never was";
  EXPECT_EQ(status("/s/x"), "running");
}

}  // namespace
}  // namespace actord::host
