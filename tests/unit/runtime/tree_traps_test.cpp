#include "support/law_fixture.hpp"

namespace actord::host {
namespace {

class LawTree : public LawFixture {
 protected:
  // A kind that writes its starts and stops into the trace.
  void traced(const std::string& name) {
    kind(name).start = [this](TurnContext& turn, std::string&) {
      trace_.push_back("start " + turn.path().text());
      return Outcome{};
    };
    kind(name).stop = [this](TurnContext& turn, int32_t) { trace_.push_back("stop " + turn.path().text()); };
    kind(name).receive = [](TurnContext&, const Envelope& message, std::string&) {
      return message.type.name() == "t.Boom" ? Outcome{ACTORD_FAIL_PERMANENT, "boom"} : Outcome{};
    };
  }
};

TEST_F(LawTree, Trap18StopsChildrenInReverseOrderBeforeTheirParent) {
  traced("t.T");
  declare("/p", "t.T");
  declare("/p/a", "t.T");
  declare("/p/b", "t.T");
  settle();
  EXPECT_EQ(trace_, (std::vector<std::string>{"start /p", "start /p/a", "start /p/b"}));
  trace_.clear();
  runtime_.tree().stop_all();
  settle();
  EXPECT_EQ(trace_, (std::vector<std::string>{"stop /p/b", "stop /p/a", "stop /p"}));
  EXPECT_TRUE(runtime_.tree().stopped());
}

TEST_F(LawTree, AfterWaitsUntilTheOtherIsReady) {
  traced("t.T");
  declare(actor("/late", "t.T"), {"/early"});
  settle();
  EXPECT_EQ(state("/late"), "waiting");
  declare("/early", "t.T");
  settle();
  EXPECT_EQ(trace_, (std::vector<std::string>{"start /early", "start /late"}));
}

TEST_F(LawTree, Trap14ARestartKeepsTheAddressAndTheMailbox) {
  traced("t.T");
  declare("/a", "t.T");
  settle();
  const ActorRef before = ref("/a");
  send("/a", "t.Boom");
  send("/a", "t.Fine");
  settle();
  EXPECT_EQ(state("/a"), "backoff");
  EXPECT_EQ(sums().handled, 0u);
  advance(200);
  EXPECT_EQ(state("/a"), "running");
  EXPECT_EQ(ref("/a"), before);
  EXPECT_EQ(sums().handled, 1u);
}

TEST_F(LawTree, AtTheLimitItIsParkedWithItsMailboxAndComesBack) {
  traced("t.T");
  auto start = actor("/a", "t.T");
  start.options.supervision.limit = {1, 60'000, AtLimit::kPark};
  declare(start);
  settle();
  send("/a", "t.Boom");
  settle();
  advance(500);
  send("/a", "t.Boom");
  settle();
  EXPECT_EQ(state("/a"), "parked");
  EXPECT_NE(reason("/a").find("boom"), std::string::npos);
  send("/a", "t.Fine");
  settle();
  EXPECT_EQ(sums().in_flight(), 1u);
  EXPECT_TRUE(runtime_.tree().resume("/a"));
  settle();
  EXPECT_EQ(state("/a"), "running");
  EXPECT_EQ(sums().in_flight(), 0u);
}

TEST_F(LawTree, Trap20ARestartEndsTheChildrenFirstAndStartsThemAnew) {
  traced("t.T");
  declare("/p", "t.T");
  declare("/p/c", "t.T");
  settle();
  const ActorRef child = ref("/p/c");
  trace_.clear();
  send("/p", "t.Boom");
  settle();
  EXPECT_EQ(trace_, (std::vector<std::string>{"stop /p/c"}));
  advance(200);
  EXPECT_EQ(trace_, (std::vector<std::string>{"stop /p/c", "start /p", "start /p/c"}));
  EXPECT_NE(ref("/p/c"), child);
}

TEST_F(LawTree, EscalationEndsAtTheRootAndStopsTheHost) {
  traced("t.T");
  auto start = actor("/a", "t.T");
  start.options.supervision.limit = {0, 1'000, AtLimit::kEscalate};
  declare(start);
  settle();
  send("/a", "t.Boom");
  settle();
  EXPECT_NE(stop_host_.find("boom"), std::string::npos);
}

TEST_F(LawTree, Trap19StopInEveryStateEndsOnce) {
  traced("t.T");
  for (const char* when : {"starting", "running", "backoff", "parked"}) {
    trace_.clear();
    declare("/a", "t.T");
    if (std::string(when) != "starting") settle();
    if (std::string(when) == "backoff") {
      send("/a", "t.Boom");
      settle();
    }
    if (std::string(when) == "parked") {
      EXPECT_TRUE(runtime_.tree().park("/a"));
      settle();
    }
    runtime_.tree().undeclare("/a");
    settle();
    EXPECT_TRUE(state("/a").empty()) << when;
    EXPECT_TRUE(ref("/a").is_nobody()) << when;
    EXPECT_LE(std::count(trace_.begin(), trace_.end(), "stop /a"), 1) << when;
  }
}

TEST_F(LawTree, Trap10AndTrap11WatchTellsExactlyOnce) {
  traced("t.T");
  int notices = 0;
  kind("t.Watcher").receive = [&](TurnContext& turn, const Envelope& message, std::string&) {
    if (message.kind == MessageKind::kTerminated) {
      ++notices;
      return Outcome{};
    }
    const ActorRef other = ref("/a");
    EXPECT_EQ(turn.watch(other.is_nobody() ? ActorRef{1, 999'999} : other), ACTORD_OK);
    EXPECT_EQ(turn.watch(other.is_nobody() ? ActorRef{1, 999'999} : other), ACTORD_OK);
    return Outcome{};
  };
  declare("/w", "t.Watcher");
  declare("/a", "t.T");
  settle();
  send("/w", "t.Watch");
  settle();
  runtime_.tree().undeclare("/a");
  settle();
  EXPECT_EQ(notices, 1);
  send("/w", "t.Watch");  // one that is long gone
  settle();
  EXPECT_EQ(notices, 2);
  EXPECT_EQ(sums().in_flight(), 0u);
}

TEST_F(LawTree, Trap13AnOldReferenceNeverReachesTheNextIncarnation) {
  traced("t.T");
  declare("/a", "t.T");
  settle();
  const ActorRef old = ref("/a");
  runtime_.tree().undeclare("/a");
  settle();
  declare("/a", "t.T");
  settle();
  auto message = runtime_.outside_message("t.M", "");
  message->to = old;
  runtime_.router().route(std::move(message));
  settle();
  EXPECT_EQ(dead(DeadReason::kStaleIncarnation) + dead(DeadReason::kStopped), 1u);
}

TEST_F(LawTree, ASpawnedChildGetsMessagesOfTheSameTurn) {
  traced("t.T");
  kind("t.Child").receive = [this](TurnContext&, const Envelope& message, std::string&) {
    trace_.push_back(std::string(message.type.name()));
    return Outcome{};
  };
  kind("t.Parent").receive = [](TurnContext& turn, const Envelope&, std::string&) {
    ActorRef child;
    EXPECT_EQ(turn.spawn("c", "t.Child", "{}", "", &child), ACTORD_OK);
    SendRequest hello;
    hello.to = child;
    hello.type = "t.Hello";
    EXPECT_EQ(turn.send(hello), ACTORD_OK);
    return Outcome{};
  };
  declare("/p", "t.Parent");
  settle();
  send("/p", "t.Go");
  settle();
  EXPECT_EQ(trace_, (std::vector<std::string>{"t.Hello"}));
  EXPECT_EQ(state("/p/c"), "running");
}

TEST_F(LawTree, Trap48TwoOwnersOfOneJournalAreRefused) {
  kind("t.P").persistent = true;
  auto one = actor("/one", "t.P");
  auto two = actor("/two", "t.P");
  one.options.persistence.id = two.options.persistence.id = "same";
  declare(one);
  settle();
  declare(two);
  settle();
  EXPECT_EQ(state("/one"), "running");
  EXPECT_EQ(state("/two"), "parked");
}

}  // namespace
}  // namespace actord::host
