// What becomes of a message on its way, and the sums of law 4.
#include "support/runtime_fixture.hpp"

namespace actord::host {
namespace {

class Routing : public RuntimeFixture {
 protected:
  MessageSums sums() { return runtime->counters().sums(); }
  ActorOptions bounded(uint64_t capacity, Overflow overflow) {
    ActorOptions options = steady();
    options.mailbox = {capacity, 1 << 20, overflow};
    return options;
  }
};

TEST_F(Routing, Law4TheSumsCloseWhateverHappens) {
  declare("/a");
  declare("/b");
  settle();
  const MessageSums before = sums();
  fail("/a");
  send("/a", "unknown");
  send("/nobody", "any");
  in("/b", [](Act&) {});
  advance(1'000);
  EXPECT_EQ(sums().in_flight(), 0u);
  EXPECT_EQ(sums().accepted - before.accepted, 4u);
  EXPECT_EQ((sums().handled - before.handled) + (sums().dead - before.dead), 4u);
  EXPECT_EQ(dead(DeadReason::kHandlerFailed), 1u);
  EXPECT_EQ(dead(DeadReason::kNoSuchActor), 1u);
}

TEST_F(Routing, Trap4AFullMailboxMakesDeadLettersAndNothingElse) {
  declare("/small", "puppet", bounded(2, Overflow::kReject));
  settle();
  for (int i = 0; i < 5; ++i) post("/small", [](Act&) {});
  EXPECT_EQ(dead(DeadReason::kMailboxFull), 3u);
  settle();
  EXPECT_EQ(view("/small").handled, 2u);
}

TEST_F(Routing, DropOldestMakesDeadLettersOfTheOldest) {
  declare("/small", "puppet", bounded(2, Overflow::kDropOldest));
  settle();
  std::string order;
  for (const char* name : {"a", "b", "c"}) post("/small", [&order, name](Act&) { order += name; });
  EXPECT_EQ(dead(DeadReason::kDroppedOldest), 1u);
  settle();
  EXPECT_EQ(order, "bc");
}

TEST_F(Routing, AMessageSentInTheTurnThatSpawnsReachesTheChild) {
  declare("/p");
  settle();
  in("/p", [](Act& act) {
    ActorRef child;
    EXPECT_EQ(act.turn.spawn("c", "ledger", "{}", "", &child), ACTORD_OK);
    EXPECT_EQ(act.turn.send(to(child, "add", "x")), ACTORD_OK);
  });
  EXPECT_EQ(state("/p/c"), "x");
}

}  // namespace
}  // namespace actord::host
