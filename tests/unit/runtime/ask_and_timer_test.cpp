#include "support/law_fixture.hpp"

namespace actord::host {
namespace {

class LawAsks : public LawFixture {
 protected:
  void SetUp() override {
    kind("t.Asker").receive = [this](TurnContext& turn, const Envelope& message, std::string&) {
      if (message.kind == MessageKind::kReply) {
        trace_.push_back("reply");
      } else if (message.kind == MessageKind::kAskFailed) {
        trace_.push_back("failed " + std::to_string(message.reason));
      } else {
        uint64_t ask = 0;
        EXPECT_EQ(turn.ask(law_send(message.payload.view(), "t.Question"), 1'000, &ask), ACTORD_OK);
      }
      return Outcome{};
    };
    kind("t.Silent").receive = [](TurnContext&, const Envelope&, std::string&) { return Outcome{}; };
    kind("t.Twice").receive = [](TurnContext& turn, const Envelope&, std::string&) {
      SendRequest answer;
      answer.type = "t.Answer";
      EXPECT_EQ(turn.reply(answer), ACTORD_OK);
      EXPECT_EQ(turn.reply(answer), ACTORD_OK);
      return Outcome{};
    };
    declare("/asker", "t.Asker");
    declare("/silent", "t.Silent");
    declare("/twice", "t.Twice");
    settle();
  }
};

TEST_F(LawAsks, Trap34TheSecondReplyIsNoCrashAndNoMessage) {
  send("/asker", "t.Go", "/twice");
  settle();
  EXPECT_EQ(trace_, (std::vector<std::string>{"reply"}));
  EXPECT_EQ(sums().voided, 1u);
  EXPECT_EQ(runtime_.timers().size(), 0u);
}

TEST_F(LawAsks, ATimeoutComesOnceAtTheDeadline) {
  send("/asker", "t.Go", "/silent");
  settle();
  advance(999);
  EXPECT_TRUE(trace_.empty());
  advance(1);
  EXPECT_EQ(trace_, (std::vector<std::string>{"failed " + std::to_string(ACTORD_E_TIMEOUT)}));
}

TEST_F(LawAsks, ADeadLetteredRequestIsAnsweredAtOnce) {
  send("/asker", "t.Go", "/nobody");
  settle();
  EXPECT_EQ(trace_, (std::vector<std::string>{"failed " + std::to_string(ACTORD_DEAD_NO_SUCH_ACTOR)}));
}

TEST_F(LawAsks, Trap37ARestartForgetsWhatWasAsked) {
  send("/asker", "t.Go", "/silent");
  settle();
  EXPECT_TRUE(runtime_.tree().restart("/asker"));
  settle();
  advance(2'000);
  EXPECT_TRUE(trace_.empty());
}

TEST_F(LawAsks, Trap36AnExpiredRequestIsNotHandedOver) {
  EXPECT_TRUE(runtime_.tree().park("/silent"));
  settle();
  send("/asker", "t.Go", "/silent");
  settle();
  advance(1'000);
  EXPECT_TRUE(runtime_.tree().resume("/silent"));
  settle();
  EXPECT_EQ(dead(DeadReason::kExpired), 1u);
}

class LawTicks : public LawFixture {
 protected:
  void SetUp() override {
    kind("t.Ticker").receive = [this](TurnContext& turn, const Envelope& message, std::string&) {
      if (message.kind == MessageKind::kTimer) {
        trace_.push_back(message.extra->key);
      } else if (message.type.name() == "t.Once") {
        EXPECT_EQ(turn.set_timer("k", 100, 0, {}), ACTORD_OK);
      } else if (message.type.name() == "t.Every") {
        EXPECT_EQ(turn.set_timer("k", 100, 100, {}), ACTORD_OK);
      } else {
        EXPECT_EQ(turn.cancel_timer("k"), ACTORD_OK);
      }
      return Outcome{};
    };
    declare("/t", "t.Ticker");
    settle();
  }
};

TEST_F(LawTicks, Trap32AFireThatIsQueuedWhenItIsCancelledIsNotDelivered) {
  send("/t", "t.Once");
  settle();
  send("/t", "t.Cancel");  // ahead of it on another lane, handled in one batch
  clock_.advance_ms(100);
  runtime_.fire_due();
  settle();
  EXPECT_LE(trace_.size(), 1u);
  send("/t", "t.Once");
  settle();
  send("/t", "t.Once");  // replaces it
  settle();
  trace_.clear();
  advance(1'000);
  EXPECT_EQ(trace_.size(), 1u);
}

TEST_F(LawTicks, Trap33MissedTicksComeAsOne) {
  send("/t", "t.Every");
  settle();
  advance(1'050);
  EXPECT_EQ(trace_.size(), 1u);
  advance(50);
  EXPECT_EQ(trace_.size(), 2u);
}

TEST_F(LawTicks, Trap29ARestartCancelsThem) {
  send("/t", "t.Every");
  settle();
  EXPECT_TRUE(runtime_.tree().restart("/t"));
  settle();
  advance(1'000);
  EXPECT_TRUE(trace_.empty());
}

TEST(Timers, EqualTimesFireInTheOrderArmed) {
  Timers timers([](uint64_t) {});
  for (uint64_t token = 0; token < 100; ++token) timers.arm(token % 3, TimerPurpose::kActorTimer, {1, 1}, token);
  uint64_t due = 0, last = 0;
  for (const DueTimer& timer : timers.pop_due(5)) {
    const uint64_t group = timer.token % 3;
    EXPECT_GE(group, due);
    if (group == due) {
      EXPECT_GE(timer.token, last);
    }
    due = group;
    last = timer.token;
  }
  EXPECT_EQ(timers.size(), 0u);
}

}  // namespace
}  // namespace actord::host
