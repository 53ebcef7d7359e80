// Recording: arguments, limits and phases. Nothing happens here; the effects are looked at as values.
#include "core/turn_context.hpp"

#include <gtest/gtest.h>

#include "base/limits.hpp"
#include "core/envelope.hpp"

namespace actord::host {
namespace {

class FakeServices final : public TurnServices {
 public:
  uint64_t now_ms() override { return 1'000; }
  int64_t unix_ms() override { return 2'000; }
  uint64_t random() override { return 4; }
  Uuid new_correlation() override { return {1, ++correlations}; }
  uint64_t new_message_id() override { return ++ids; }
  Result<ActorRef> resolve(const ActorPath&) override { return Error{ACTORD_E_NOT_FOUND, ""}; }
  std::string path_of(ActorRef ref) override { return ref.is_nobody() ? "" : "/from"; }
  std::optional<uint64_t> load(ActorRef) override { return 0; }
  std::vector<ActorRef> tagged(std::string_view) override { return {}; }
  Result<ActorRef> reserve_child() override {
    if (full) return Error{ACTORD_E_LIMIT, "full"};
    ++reserved;
    return ActorRef{100 + reserved, 1};
  }
  void release_child(ActorRef) override { --reserved; }
  actord_status post_from_outside(ActorRef, EnvelopePtr) override { return ACTORD_E_CLOSED; }

  uint64_t correlations = 0, ids = 0, reserved = 0;
  bool full = false;
};

class Probe final : public Behavior {
 public:
  Outcome start(TurnContext&) override { return {}; }
  Outcome receive(TurnContext&, const Envelope&) override { return {}; }
  void stop(TurnContext&, int32_t) override {}
  bool persistent() const override { return is_persistent; }
  Outcome apply_event(const EventRecord& event) override {
    applied.push_back(event.seq);
    return fail_apply ? Outcome{ACTORD_FAIL_STATE, "no"} : Outcome{};
  }
  bool is_persistent = false, fail_apply = false;
  std::vector<uint64_t> applied;
};

constexpr ActorRef kSelf{7, 7}, kOther{8, 8};

class TurnContextTest : public ::testing::Test {
 protected:
  TurnContext turn(TurnPhase phase = TurnPhase::kReceive, const Envelope* message = nullptr) {
    return TurnContext(services, behavior, kSelf, path, effects, phase, message, 10, asks);
  }
  static SendRequest request(ActorRef to = kOther) {
    SendRequest made;
    made.to = to;
    made.type = "order.Create";
    made.payload = Bytes("{}");
    return made;
  }
  template <class E>
  const E& last() {
    return std::get<E>(effects.list.back());
  }

  FakeServices services;
  Probe behavior;
  ActorPath path = *ActorPath::parse("/me");
  Effects effects;
  uint64_t asks = 0;
};

TEST_F(TurnContextTest, SendChecksItsArguments) {
  auto t = turn();
  EXPECT_EQ(t.send(request()), ACTORD_OK);
  SendRequest bad = request();
  bad.type = "";
  EXPECT_EQ(t.send(bad), ACTORD_E_INVALID);
  const std::string long_name(limits::kTypeNameBytes + 1, 'x');
  bad = request();
  bad.type = long_name;
  EXPECT_EQ(t.send(bad), ACTORD_E_LIMIT);
  bad = request();
  const std::string long_key(limits::kKeyBytes + 1, 'k');
  bad.key = long_key;
  EXPECT_EQ(t.send(bad), ACTORD_E_LIMIT);
  bad = request();
  bad.payload = Bytes(std::string(limits::kPayloadBytes + 1, 'p'));
  EXPECT_EQ(t.send(bad), ACTORD_E_LIMIT);
  bad = request({});
  EXPECT_EQ(t.send(bad), ACTORD_E_INVALID) << "nobody, and no path";
  bad.to_path = "not a path";
  EXPECT_EQ(t.send(bad), ACTORD_E_INVALID);
  bad.to_path = "/a/b";
  EXPECT_EQ(t.send(bad), ACTORD_OK);
  EXPECT_EQ(last<SendEffect>().envelope->extra->to_path, "/a/b");
  EXPECT_EQ(effects.list.size(), 2u) << "what was refused left nothing";
}

TEST_F(TurnContextTest, AnEnvelopeCarriesItsHistory) {
  Envelope current;
  current.id = 55;
  current.hops = 3;
  current.correlation = {9, 9};
  auto t = turn(TurnPhase::kReceive, &current);
  SendRequest r = request();
  r.flags = ACTORD_SEND_URGENT | ACTORD_SEND_NOTIFY;
  r.token = 6;
  r.expires_in_ms = 500;
  r.key = "k";
  ASSERT_EQ(t.send(r), ACTORD_OK);
  const Envelope& e = *last<SendEffect>().envelope;
  EXPECT_EQ(e.from, kSelf);
  EXPECT_EQ(e.reply_to, kSelf);
  EXPECT_EQ(e.causation, 55u);
  EXPECT_EQ(e.hops, 3u) << "a send is no hop";
  ASSERT_EQ(t.publish("a.b", request({})), ACTORD_OK);
  EXPECT_EQ(last<PublishEffect>().envelope->hops, 4u);
  EXPECT_EQ(e.correlation, current.correlation);
  EXPECT_EQ(e.lane, Lane::kUrgent);
  EXPECT_TRUE(e.notify);
  EXPECT_EQ(e.token, 6u);
  EXPECT_EQ(e.deadline_ms, 1'500u);
  EXPECT_EQ(e.extra->key, "k");
}

TEST_F(TurnContextTest, Law15ATurnCarriesOnlySoManyBytes) {
  auto t = turn();
  const std::string large(limits::kPayloadBytes, 'x');
  SendRequest same = request();
  same.payload = Bytes(large);
  for (int i = 0; i < 100; ++i) ASSERT_EQ(t.send(same), ACTORD_OK) << "one buffer, held once";
  for (uint64_t held = limits::kPayloadBytes; held < limits::kEffectBytesPerTurn;
       held += limits::kPayloadBytes) {
    SendRequest another = request();
    another.payload = Bytes(large);
    ASSERT_EQ(t.send(another), ACTORD_OK);
  }
  SendRequest last = request();
  last.payload = Bytes("x");
  EXPECT_EQ(t.send(last), ACTORD_E_LIMIT);
}

TEST_F(TurnContextTest, ADeadlineOfTheFarFutureDoesNotWrap) {
  auto t = turn();
  SendRequest r = request();
  r.expires_in_ms = UINT64_MAX;
  ASSERT_EQ(t.send(r), ACTORD_OK);
  EXPECT_EQ(last<SendEffect>().envelope->deadline_ms, UINT64_MAX);
}

TEST_F(TurnContextTest, ATurnWithoutAMessageGivesBirthToOneCorrelation) {
  auto t = turn(TurnPhase::kStart);
  ASSERT_EQ(t.send(request()), ACTORD_OK);
  const Uuid first = last<SendEffect>().envelope->correlation;
  ASSERT_EQ(t.send(request()), ACTORD_OK);
  EXPECT_EQ(last<SendEffect>().envelope->correlation, first);
  SendRequest edge = request();
  edge.flags = ACTORD_SEND_EDGE;
  ASSERT_EQ(t.send(edge), ACTORD_OK);
  EXPECT_NE(last<SendEffect>().envelope->correlation, first);
}

TEST_F(TurnContextTest, ATimersFireStartsANewChainOfHops) {
  Envelope fire;
  fire.kind = MessageKind::kTimer;
  fire.hops = 99;
  auto t = turn(TurnPhase::kReceive, &fire);
  ASSERT_EQ(t.send(request()), ACTORD_OK);
  EXPECT_EQ(last<SendEffect>().envelope->hops, 0u);
}

TEST_F(TurnContextTest, ReplyGoesToWhoWantsItAndNamesTheRequest) {
  auto without = turn(TurnPhase::kStart);
  EXPECT_EQ(without.reply(request()), ACTORD_E_NOT_FOUND);
  Envelope current;
  auto nobody = turn(TurnPhase::kReceive, &current);
  EXPECT_EQ(nobody.reply(request()), ACTORD_E_NOT_FOUND);
  current.reply_to = kOther;
  current.ask = 12;
  auto t = turn(TurnPhase::kReceive, &current);
  ASSERT_EQ(t.reply(request({})), ACTORD_OK);
  const Envelope& e = *last<SendEffect>().envelope;
  EXPECT_EQ(e.to, kOther);
  EXPECT_EQ(e.kind, MessageKind::kReply);
  EXPECT_EQ(e.ask, 12u);
  EXPECT_EQ(e.token, 12u);
}

TEST_F(TurnContextTest, ForwardKeepsWhoAskedAndWhatWasSaid) {
  auto without = turn(TurnPhase::kStart);
  EXPECT_EQ(without.forward(kOther, ""), ACTORD_E_WRONG_PHASE);
  Envelope current;
  current.from = {1, 1};
  current.reply_to = {2, 2};
  current.ask = 3;
  current.deadline_ms = 77;
  current.id = 5;
  current.hops = 1;
  current.type = Symbol::of("T");
  current.payload = Bytes("body");
  current.with_extra().key = "k";
  auto t = turn(TurnPhase::kReceive, &current);
  EXPECT_EQ(t.forward({}, "bad"), ACTORD_E_INVALID);
  ASSERT_EQ(t.forward({}, "/there"), ACTORD_OK);
  const Envelope& e = *last<SendEffect>().envelope;
  EXPECT_EQ(e.from, current.from);
  EXPECT_EQ(e.reply_to, current.reply_to);
  EXPECT_EQ(e.ask, 3u);
  EXPECT_EQ(e.deadline_ms, 77u);
  EXPECT_EQ(e.hops, 2u);
  EXPECT_EQ(e.payload.buffer(), current.payload.buffer());
  EXPECT_EQ(e.extra->key, "k");
  EXPECT_EQ(e.extra->to_path, "/there");
  current.kind = MessageKind::kReply;
  EXPECT_EQ(t.forward(kOther, ""), ACTORD_E_INVALID) << "only messages are passed on";
}

TEST_F(TurnContextTest, AskNumbersGrowAndOnlyForWhatWasRecorded) {
  auto t = turn();
  uint64_t number = 0;
  ASSERT_EQ(t.ask(request(), 100, &number), ACTORD_OK);
  EXPECT_EQ(number, 1u);
  EXPECT_EQ(last<AskEffect>().envelope->deadline_ms, 1'100u);
  SendRequest bad = request({});
  number = 99;
  EXPECT_EQ(t.ask(bad, 100, &number), ACTORD_E_INVALID);
  EXPECT_EQ(number, 99u) << "on error outputs are untouched";
  ASSERT_EQ(t.ask(request(), 0, &number), ACTORD_OK);
  EXPECT_EQ(number, 2u);
  EXPECT_EQ(last<AskEffect>().timeout_ms, 1u) << "clamped";
  ASSERT_EQ(t.ask(request(), UINT64_MAX, &number), ACTORD_OK);
  EXPECT_EQ(last<AskEffect>().timeout_ms, limits::kAskTimeoutMsMax);
}

TEST_F(TurnContextTest, TheStopHookMaySayGoodbyeAndBeginNothing) {
  auto t = turn(TurnPhase::kStop);
  uint64_t number = 0;
  ActorRef child;
  EXPECT_EQ(t.send(request()), ACTORD_OK);
  EXPECT_EQ(t.ask(request(), 100, &number), ACTORD_E_WRONG_PHASE);
  EXPECT_EQ(t.set_timer("t", 1, 0, {}), ACTORD_E_WRONG_PHASE);
  EXPECT_EQ(t.spawn("c", "k", "", "", &child), ACTORD_E_WRONG_PHASE);
  EXPECT_EQ(t.watch(kOther), ACTORD_E_WRONG_PHASE);
  EXPECT_EQ(t.subscribe("a"), ACTORD_E_WRONG_PHASE);
  EXPECT_EQ(t.watch_file("/x"), ACTORD_E_WRONG_PHASE);
  EXPECT_EQ(effects.list.size(), 1u);
}

TEST_F(TurnContextTest, Law15OneTurnRecordsAtMostSoManyEffects) {
  auto t = turn();
  for (uint64_t i = 0; i < limits::kEffectsPerTurn; ++i)
    ASSERT_EQ(t.unwatch(ActorRef{1, 1}), ACTORD_OK);
  EXPECT_EQ(t.unstash_all(), ACTORD_E_LIMIT);
  EXPECT_EQ(t.send(request()), ACTORD_E_LIMIT);
  ActorRef child;
  EXPECT_EQ(t.spawn("c", "k", "", "", &child), ACTORD_E_LIMIT);
  EXPECT_EQ(services.reserved, 0u) << "the reference went back";
  uint64_t number = 5;
  EXPECT_EQ(t.ask(request(), 1, &number), ACTORD_E_LIMIT);
  EXPECT_EQ(asks, 0u);
}

TEST_F(TurnContextTest, SpawnChecksNameKindDepthLengthAndNumber) {
  auto t = turn();
  ActorRef child;
  for (const char* name : {"", "a/b", ".", "..", "a b"}) {
    EXPECT_EQ(t.spawn(name, "k", "", "", &child), ACTORD_E_INVALID) << name;
  }
  EXPECT_EQ(t.spawn("c", "", "", "", &child), ACTORD_E_INVALID);
  ASSERT_EQ(t.spawn("c", "k", "", "", &child), ACTORD_OK);
  EXPECT_EQ(last<SpawnEffect>().settings, "{}");
  EXPECT_EQ(last<SpawnEffect>().ref, child);
  for (uint64_t i = 1; i < limits::kSpawnsPerTurn; ++i) {
    ASSERT_EQ(t.spawn("c" + std::to_string(i), "k", "", "", &child), ACTORD_OK);
  }
  EXPECT_EQ(t.spawn("more", "k", "", "", &child), ACTORD_E_LIMIT);
  services.full = true;
  effects.clear();
  EXPECT_EQ(t.spawn("c", "k", "", "", &child), ACTORD_E_LIMIT);
}

TEST_F(TurnContextTest, AChildsPathStaysWithinTheLimitsOfPaths) {
  std::string deepest;
  for (uint64_t i = 0; i < limits::kPathDepth; ++i) deepest += "/d";
  path = *ActorPath::parse(deepest);
  ActorRef child;
  EXPECT_EQ(turn().spawn("c", "k", "", "", &child), ACTORD_E_LIMIT) << "nobody could name it";
  std::string longest;
  for (int i = 0; i < 4; ++i) longest += "/" + std::string(62, 'x');
  path = *ActorPath::parse(longest);
  EXPECT_EQ(turn().spawn("abc", "k", "", "", &child), ACTORD_E_LIMIT);
  EXPECT_EQ(turn().spawn("ab", "k", "", "", &child), ACTORD_OK);
}

TEST_F(TurnContextTest, StoppingOneselfIsNoEffectAndNobodyIsInvalid) {
  auto t = turn();
  EXPECT_EQ(t.stop({}), ACTORD_E_INVALID);
  EXPECT_FALSE(t.stop_wanted());
  EXPECT_EQ(t.stop(kSelf), ACTORD_OK);
  EXPECT_TRUE(t.stop_wanted());
  EXPECT_TRUE(effects.list.empty());
}

TEST_F(TurnContextTest, TimersSubscriptionsAndTopicsAreChecked) {
  auto t = turn();
  EXPECT_EQ(t.set_timer("", 1, 0, {}), ACTORD_E_INVALID);
  EXPECT_EQ(t.set_timer(std::string(limits::kTypeNameBytes + 1, 'k'), 1, 0, {}), ACTORD_E_INVALID);
  EXPECT_EQ(t.set_timer("t", 1, 0, {}), ACTORD_OK);
  EXPECT_EQ(t.subscribe("a..b"), ACTORD_E_INVALID);
  EXPECT_EQ(t.subscribe("a.*"), ACTORD_OK);
  EXPECT_EQ(t.publish("a.*", request()), ACTORD_E_INVALID);
  EXPECT_EQ(t.publish("a.b", request()), ACTORD_OK);
  EXPECT_EQ(t.watch_file(""), ACTORD_E_INVALID);
}

TEST_F(TurnContextTest, OnlyAPersistentActorPersists) {
  auto t = turn();
  EXPECT_EQ(t.persist("e", 1, "x"), ACTORD_E_UNSUPPORTED);
  EXPECT_EQ(t.snapshot(), ACTORD_E_UNSUPPORTED);
}

TEST_F(TurnContextTest, PersistNumbersAndAppliesAtOnce) {
  behavior.is_persistent = true;
  Envelope current;
  current.id = 5;
  current.correlation = {3, 3};
  auto t = turn(TurnPhase::kReceive, &current);
  ASSERT_EQ(t.persist("added", 2, "x"), ACTORD_OK);
  ASSERT_EQ(t.persist("added", 2, "y"), ACTORD_OK);
  EXPECT_EQ(behavior.applied, (std::vector<uint64_t>{11, 12}));
  EXPECT_EQ(t.last_seq(), 12u);
  const EventRecord& event = effects.events[0];
  EXPECT_EQ(event.seq, 11u);
  EXPECT_EQ(event.version, 2u);
  EXPECT_EQ(event.causation, 5u);
  EXPECT_EQ(event.correlation, current.correlation);
  EXPECT_EQ(event.unix_ms, 2'000);
  EXPECT_EQ(t.persist("", 1, "x"), ACTORD_E_INVALID);
}

TEST_F(TurnContextTest, Law15EventsOfATurnAreBounded) {
  behavior.is_persistent = true;
  auto t = turn();
  EXPECT_EQ(t.persist("e", 1, std::string(limits::kEventBytes + 1, 'x')), ACTORD_E_LIMIT);
  for (uint64_t i = 0; i < limits::kTurnEventBytes / limits::kEventBytes; ++i) {
    ASSERT_EQ(t.persist("e", 1, std::string(limits::kEventBytes, 'x')), ACTORD_OK);
  }
  EXPECT_EQ(t.persist("e", 1, "x"), ACTORD_E_LIMIT);
  effects.clear();
  auto many = turn();
  for (uint64_t i = 0; i < limits::kEventsPerTurn; ++i)
    ASSERT_EQ(many.persist("e", 1, ""), ACTORD_OK);
  EXPECT_EQ(many.persist("e", 1, ""), ACTORD_E_LIMIT);
}

TEST_F(TurnContextTest, AfterAnEventThatCannotBeAppliedTheTurnCanOnlyFail) {
  behavior.is_persistent = true;
  auto t = turn();
  behavior.fail_apply = true;
  EXPECT_EQ(t.persist("e", 1, "x"), ACTORD_FAIL_STATE);
  behavior.fail_apply = false;
  EXPECT_EQ(t.persist("e", 1, "x"), ACTORD_FAIL_STATE);
  EXPECT_TRUE(t.event_failure().failed());
  EXPECT_TRUE(effects.events.empty());
}

TEST_F(TurnContextTest, RejectMakesALetterAndAnswersTheAsker) {
  auto without = turn(TurnPhase::kStart);
  EXPECT_EQ(without.reject(nullptr, "no"), ACTORD_E_WRONG_PHASE);
  Envelope current;
  current.ask = 4;
  current.from = current.reply_to = kOther;
  current.type = Symbol::of("T");
  current.payload = Bytes("body");
  auto t = turn(TurnPhase::kReceive, &current);
  ASSERT_EQ(t.reject(nullptr, "not a record"), ACTORD_OK);
  EXPECT_TRUE(t.current_rejected());
  ASSERT_EQ(effects.list.size(), 2u);
  EXPECT_EQ(std::get<SendEffect>(effects.list[0]).envelope->kind, MessageKind::kAskFailed);
  const DeadLetter& letter = last<DeadLetterEffect>().letter;
  EXPECT_EQ(letter.reason, DeadReason::kRejected);
  EXPECT_EQ(letter.error, "not a record");
  EXPECT_EQ(letter.to, "/me");
  EXPECT_EQ(letter.from, "/from");
  EXPECT_TRUE(effects.letters.empty()) << "no journal: stored on its own";
  EXPECT_EQ(t.reject(nullptr, "again"), ACTORD_E_WRONG_PHASE);
}

TEST_F(TurnContextTest, OnlyReasonsThatAnActorCanKnowAreTaken) {
  const SendRequest other = request();
  auto t = turn();
  for (int reason = 0; reason < kDeadReasonCount; ++reason) {
    const bool known = reason == ACTORD_DEAD_EXPIRED || reason == ACTORD_DEAD_BREAKER_OPEN ||
                       reason == ACTORD_DEAD_REJECTED;
    EXPECT_EQ(t.reject(&other, "no", static_cast<DeadReason>(reason)),
              known ? ACTORD_OK : ACTORD_E_INVALID)
        << reason;
    if (!known) continue;
    EXPECT_EQ(static_cast<int>(last<DeadLetterEffect>().letter.reason), reason);
  }
  Envelope current;
  current.ask = 4;
  current.from = current.reply_to = kOther;
  auto mine = turn(TurnPhase::kReceive, &current);
  ASSERT_EQ(mine.reject(nullptr, "open", DeadReason::kBreakerOpen), ACTORD_OK);
  const auto& notice = std::get<SendEffect>(effects.list[effects.list.size() - 2]);
  EXPECT_EQ(notice.envelope->reason, ACTORD_DEAD_BREAKER_OPEN);
}

TEST_F(TurnContextTest, ARejectionOfAPersistentActorIsCommittedWithItsTurn) {
  behavior.is_persistent = true;
  auto t = turn();
  const SendRequest other = request();
  ASSERT_EQ(t.reject(&other, "no"), ACTORD_OK);
  EXPECT_EQ(effects.letters.size(), 1u);
  EXPECT_TRUE(last<DeadLetterEffect>().stored);
  EXPECT_FALSE(last<DeadLetterEffect>().current);
}

}  // namespace
}  // namespace actord::host
