// Laws 1 to 4 from the side of one actor.
#include "support/law_fixture.hpp"

namespace actord::host {
namespace {

class LawTurns : public LawFixture {
 protected:
  void SetUp() override {
    kind("t.Sink").receive = [this](TurnContext&, const Envelope& message, std::string&) {
      trace_.push_back(std::string(message.type.name()));
      return Outcome{};
    };
    declare("/sink", "t.Sink");
  }
};

TEST_F(LawTurns, Law1AFailedTurnLeavesNoEffect) {
  kind("t.Half").receive = [](TurnContext& turn, const Envelope&, std::string&) {
    EXPECT_EQ(turn.send(law_send("/sink", "t.Sent")), ACTORD_OK);
    return Outcome{ACTORD_FAIL_PERMANENT, "half way"};
  };
  declare("/half", "t.Half");
  settle();
  send("/half", "t.Go");
  settle();
  EXPECT_TRUE(trace_.empty());
  EXPECT_EQ(dead(DeadReason::kHandlerFailed), 1u);
  EXPECT_EQ(state("/half"), "backoff");
}

TEST_F(LawTurns, Law1EffectsHappenInTheOrderRecorded) {
  kind("t.Two").receive = [](TurnContext& turn, const Envelope&, std::string&) {
    EXPECT_EQ(turn.send(law_send("/sink", "t.One")), ACTORD_OK);
    EXPECT_EQ(turn.send(law_send("/sink", "t.Two")), ACTORD_OK);
    return Outcome{};
  };
  declare("/two", "t.Two");
  settle();
  send("/two", "t.Go");
  settle();
  EXPECT_EQ(trace_, (std::vector<std::string>{"t.One", "t.Two"}));
}

class LawGate : public LawTurns {
 protected:
  void SetUp() override {
    LawTurns::SetUp();
    LawScript& script = kind("t.Writer");
    script.persistent = true;
    script.receive = [](TurnContext& turn, const Envelope& message, std::string& state) {
      if (message.type.name() == "t.Boom") return Outcome{ACTORD_FAIL_PERMANENT, "boom"};
      if (message.type.name() == "t.Write") {
        EXPECT_EQ(turn.persist("t.Wrote", 1, message.payload.view()), ACTORD_OK);
      }
      EXPECT_EQ(turn.send(law_send("/sink", "t.State", state)), ACTORD_OK);
      return Outcome{};
    };
    declare("/writer", "t.Writer");
    settle();
  }
};

TEST_F(LawGate, Law2NothingLeavesBeforeItsEventsAreDurable) {
  log_.hold_commits(true);
  send("/writer", "t.Write", "a");
  settle();
  EXPECT_TRUE(trace_.empty());
  log_.hold_commits(false);
  settle();
  EXPECT_EQ(trace_.size(), 1u);
}

TEST_F(LawGate, Law2ATurnWithoutEventsWaitsBehindThoseBeforeIt) {
  log_.hold_commits(true);
  send("/writer", "t.Write", "a");
  send("/writer", "t.Look");
  settle();
  EXPECT_TRUE(trace_.empty());
  log_.hold_commits(false);
  settle();
  EXPECT_EQ(trace_.size(), 2u);
}

TEST_F(LawGate, Contract17EffectsOfATurnAreReleasedAlthoughTheNextOneCrashes) {
  log_.hold_commits(true);
  send("/writer", "t.Write", "a");
  send("/writer", "t.Boom");
  settle();
  EXPECT_TRUE(trace_.empty());
  log_.hold_commits(false);
  settle();
  EXPECT_EQ(trace_.size(), 1u);
}

TEST_F(LawGate, Law9AFailedCommitReleasesNothingAndEndsTheHost) {
  log_.fail_commit(2);  // the first one opened the actor
  send("/writer", "t.Write", "a");
  settle();
  EXPECT_TRUE(trace_.empty());
  EXPECT_FALSE(log_failed_.empty());
}

TEST_F(LawGate, Law10RecoveredStateIsTheFoldOfTheJournal) {
  std::string seen;
  kind("t.Sink").receive = [&](TurnContext&, const Envelope& message, std::string&) {
    seen = message.payload.view();
    return Outcome{};
  };
  for (const char* text : {"a", "b", "c"}) send("/writer", "t.Write", text);
  settle();
  EXPECT_TRUE(runtime_.tree().restart("/writer"));
  settle();
  send("/writer", "t.Look");
  settle();
  EXPECT_EQ(seen, "abc");
}

TEST_F(LawGate, Contract12ABrokenJournalParksTheActorAndNobodyElse) {
  for (const char* text : {"a", "b", "c"}) send("/writer", "t.Write", text);
  settle();
  EXPECT_TRUE(runtime_.tree().park("/writer"));
  settle();
  auto* stored = log_.stored("/writer");
  stored->snapshots.clear();
  stored->events[1].record.body = Bytes("x");
  EXPECT_TRUE(runtime_.tree().resume("/writer"));
  settle();
  EXPECT_EQ(state("/writer"), "parked");
  EXPECT_EQ(state("/sink"), "running");
}

TEST_F(LawTurns, Law4TheSumsCloseWhateverHappens) {
  kind("t.Fails").receive = [](TurnContext&, const Envelope& message, std::string&) {
    return Outcome{message.type.name() == "t.Bad" ? ACTORD_FAIL_PERMANENT : ACTORD_UNHANDLED, "no"};
  };
  declare("/fails", "t.Fails");
  settle();
  send("/fails", "t.Bad");
  send("/fails", "t.Odd");
  send("/nobody", "t.Any");
  send("/sink", "t.Fine");
  settle();
  advance(1'000);
  EXPECT_EQ(sums().in_flight(), 0u);
  EXPECT_EQ(sums().accepted, 4u);
  EXPECT_EQ(sums().handled, 1u);
  EXPECT_EQ(sums().dead, 3u);
}

TEST_F(LawTurns, Trap4AFullMailboxMakesDeadLettersAndNothingElse) {
  auto start = actor("/small", "t.Sink");
  start.options.mailbox.capacity = 2;
  declare(start);
  settle();
  for (int i = 0; i < 5; ++i) send("/small", "t.M");
  EXPECT_EQ(dead(DeadReason::kMailboxFull), 3u);
  settle();
  EXPECT_EQ(trace_.size(), 2u);
}

TEST_F(LawTurns, DropOldestKeepsTheNewest) {
  auto start = actor("/small", "t.Sink");
  start.options.mailbox = {2, 1 << 20, Overflow::kDropOldest};
  declare(start);
  settle();
  for (const char* type : {"t.1", "t.2", "t.3"}) send("/small", type);
  EXPECT_EQ(dead(DeadReason::kDroppedOldest), 1u);
  settle();
  EXPECT_EQ(trace_, (std::vector<std::string>{"t.2", "t.3"}));
}

TEST_F(LawTurns, Trap30TheStashSurvivesARestartInOrder) {
  kind("t.Later").receive = [this](TurnContext& turn, const Envelope& message, std::string& state) {
    const auto type = message.type.name();
    if (type == "t.Open") {
      state = "open";
      EXPECT_EQ(turn.unstash_all(), ACTORD_OK);
      return Outcome{};
    }
    if (state.empty()) return Outcome{ACTORD_DEFER, {}};
    trace_.push_back(std::string(type));
    return Outcome{};
  };
  declare("/later", "t.Later");
  settle();
  for (const char* type : {"t.a", "t.b", "t.Open", "t.c"}) send("/later", type);
  settle();
  EXPECT_EQ(trace_, (std::vector<std::string>{"t.a", "t.b", "t.c"}));
  EXPECT_EQ(sums().in_flight(), 0u);
}

}  // namespace
}  // namespace actord::host
