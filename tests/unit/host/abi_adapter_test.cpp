#include "host/abi_adapter.hpp"

#include <gmock/gmock.h>

#include <stdexcept>

#include "base/limits.hpp"
#include "unit/host/fake_kind.hpp"
#include "unit/host/turn_fixture.hpp"

namespace actord::host {
namespace {

using ::testing::HasSubstr;
using testing::script;
using testing::text;
using testing::view;

struct AbiActorTest : testing::TurnFixture {
  AbiActorTest() { script = {}; }
  ~AbiActorTest() override { script = {}; }

  Result<std::unique_ptr<Behavior>> try_create(bool persistent = true) {
    return AbiActor::create(api,
                            {&testing::kFakeKind, persistent ? &testing::kFakePersist : nullptr},
                            {path, kind, settings});
  }
  std::unique_ptr<Behavior> create(bool persistent = true) {
    return try_create(persistent).value();
  }
  // The outcome of a turn whose receive answers this.
  Outcome answer(actord_status status) {
    script.receive = [=](auto*, auto*) { return status; };
    return receive(*create(), "x");
  }

  HostApi api{"fake"};
  std::string kind = "fake.Fake";
  std::string settings = R"({"n":1})";
};

TEST_F(AbiActorTest, CreateGetsKindPathAndSettings) {
  std::string seen;
  script.create = [&](const actord_create_args* args) {
    seen = text(args->kind) + " " + text(args->path) + " " + text(args->settings);
    EXPECT_EQ(args->host, &api.table());
    return ACTORD_OK;
  };
  const auto actor = create();
  EXPECT_EQ(seen, R"(fake.Fake /demo {"n":1})");
  EXPECT_EQ(actor->state_version(), 4u);
  EXPECT_TRUE(actor->persistent());
  EXPECT_FALSE(create(false)->persistent());
}

TEST_F(AbiActorTest, AFailedCreateSaysWhyAndIsNotDestroyed) {
  bool destroyed = false;
  script.destroy = [&] { destroyed = true; };
  script.create = [](const actord_create_args* args) {
    *args->error = view("no such port");
    return ACTORD_FAIL_CONFIG;
  };
  const auto actor = try_create();
  ASSERT_FALSE(actor);
  EXPECT_EQ(actor.error().code, ACTORD_FAIL_CONFIG);
  EXPECT_EQ(actor.error().text, "no such port");
  EXPECT_FALSE(destroyed);
}

TEST_F(AbiActorTest, DestroyRunsOnceAtTheEnd) {
  int destroyed = 0;
  script.destroy = [&] { ++destroyed; };
  create();
  EXPECT_EQ(destroyed, 1);
}

TEST_F(AbiActorTest, AUserMessageArrivesWhole) {
  Envelope envelope = user("demo.Ping", "hello");
  envelope.ask = 12;
  envelope.token = 99;
  envelope.correlation = {21, 22};
  envelope.causation = 8;
  envelope.hops = 3;
  envelope.attempt = 2;
  envelope.deadline_ms = 6'000;
  envelope.content_type = Symbol::of("text/plain");
  envelope.with_extra().topic = "a.b";
  envelope.with_extra().key = "k";
  script.receive = [&](auto*, const actord_message* m) {
    EXPECT_EQ(m->struct_size, sizeof *m);
    EXPECT_EQ(m->kind, ACTORD_MSG_USER);
    EXPECT_EQ(text(m->type), "demo.Ping");
    EXPECT_EQ(text(m->payload), "hello");
    EXPECT_EQ(text(m->content_type), "text/plain");
    EXPECT_EQ(text(m->topic), "a.b");
    EXPECT_EQ(text(m->key), "k");
    EXPECT_EQ(m->from.incarnation, 55u);
    EXPECT_EQ(m->reply_to.incarnation, 55u);
    EXPECT_EQ(m->correlation.lo, 22u);
    EXPECT_EQ(m->message_id, 9u);
    EXPECT_EQ(m->causation_id, 8u);
    EXPECT_EQ(m->hops, 3u);
    EXPECT_EQ(m->attempt, 2u);
    EXPECT_EQ(m->deadline_ms, 6'000u);
    EXPECT_EQ(m->expects_reply, 1u);
    EXPECT_EQ(m->token, 0u);
    EXPECT_EQ(m->buf, reinterpret_cast<actord_buf*>(envelope.payload.buffer()));
    return ACTORD_OK;
  };
  EXPECT_EQ(receive(*create(), envelope).status, ACTORD_OK);
}

TEST_F(AbiActorTest, AnEmptyPayloadHasNoBuffer) {
  script.receive = [&](auto*, const actord_message* m) {
    EXPECT_EQ(m->buf, nullptr);
    EXPECT_EQ(m->payload.size, 0u);
    EXPECT_EQ(m->expects_reply, 0u);
    return ACTORD_OK;
  };
  receive(*create(), "x");
}

TEST_F(AbiActorTest, TokenAndTypeMeanWhatTheKindSays) {
  const auto deliver = [&](MessageKind of) {
    Envelope envelope = user("t");
    envelope.kind = of;
    envelope.ask = 12;
    envelope.token = 99;
    envelope.reason = 6;
    envelope.with_extra().key = "the key";
    actord_message seen{};
    std::string type;
    script.receive = [&](auto*, const actord_message* m) {
      seen = *m;
      type = text(m->type);
      return ACTORD_OK;
    };
    receive(*create(), envelope);
    return std::tuple(seen.token, type, seen.reason, seen.expects_reply);
  };
  // An answer that was put off has another ask by then: the plugin knows it by the first one, its token.
  EXPECT_EQ(deliver(MessageKind::kReply), std::tuple(99u, "t", 6, 0u));
  EXPECT_EQ(deliver(MessageKind::kAskFailed), std::tuple(99u, "t", 6, 0u));
  EXPECT_EQ(deliver(MessageKind::kUndelivered), std::tuple(99u, "t", 6, 0u));
  EXPECT_EQ(deliver(MessageKind::kTimer), std::tuple(0u, "the key", 6, 0u));
  EXPECT_EQ(deliver(MessageKind::kFileChanged), std::tuple(0u, "the key", 6, 0u));
  EXPECT_EQ(deliver(MessageKind::kListed), std::tuple(0u, "the key", 6, 0u));
}

TEST_F(AbiActorTest, KnownStatusesPass) {
  for (const actord_status status :
       {ACTORD_OK, ACTORD_UNHANDLED, ACTORD_DEFER, ACTORD_STOP, ACTORD_FAIL_TRANSIENT,
        ACTORD_FAIL_POISON, ACTORD_FAIL_TIMEOUT, ACTORD_E_LIMIT}) {
    EXPECT_EQ(answer(status).status, status);
  }
  EXPECT_EQ(answer(ACTORD_FAIL_POISON).text, "receive answered FAIL_POISON");
}

TEST_F(AbiActorTest, AnUnknownNegativeIsPermanentAndAnUnknownPositiveInternal) {
  EXPECT_EQ(answer(-777).status, ACTORD_FAIL_PERMANENT);
  EXPECT_THAT(answer(-777).text, HasSubstr("-777"));
  EXPECT_EQ(answer(777).status, ACTORD_FAIL_INTERNAL);
  EXPECT_THAT(answer(777).text, HasSubstr("777"));
}

TEST_F(AbiActorTest, AnswersOfReceiveMakeNoSenseElsewhere) {
  script.start = [](auto*) { return ACTORD_DEFER; };
  EXPECT_EQ(start(*create()).status, ACTORD_FAIL_INTERNAL);
  script.start = [](auto*) { return ACTORD_STOP; };
  EXPECT_EQ(start(*create()).status, ACTORD_STOP);
  script.apply = [](auto*) { return ACTORD_UNHANDLED; };
  EXPECT_EQ(create()->apply_event({}).status, ACTORD_FAIL_INTERNAL);
  script.create = [](auto*) { return ACTORD_STOP; };
  EXPECT_EQ(try_create().error().code, ACTORD_FAIL_INTERNAL);
}

TEST_F(AbiActorTest, TextOfAFailureComesFromSetError) {
  script.receive = [&](actord_turn* turn, auto*) {
    api.table().set_error(turn, view("first"));
    api.table().set_error(turn, view("the disk is gone"));
    return ACTORD_FAIL_TRANSIENT;
  };
  const auto outcome = receive(*create(), "x");
  EXPECT_EQ(outcome.status, ACTORD_FAIL_TRANSIENT);
  EXPECT_EQ(outcome.text, "the disk is gone");
}

// Law 7, pain 17: no C++ exception crosses, whichever callback lets it out.
TEST_F(AbiActorTest, AnExceptionOutOfAnyCallbackIsAnInternalFailure) {
  const auto boom = [](auto&&...) -> actord_status { throw std::runtime_error("boom"); };
  const auto expect_internal = [](const Outcome& outcome) {
    EXPECT_EQ(outcome.status, ACTORD_FAIL_INTERNAL);
    EXPECT_THAT(outcome.text, HasSubstr("boom"));
  };
  auto actor = create();
  script.start = script.recovered = boom;
  script.receive = boom;
  script.apply = boom;
  script.load = boom;
  script.save = boom;
  script.stop = [](auto*, int32_t) { throw 7; };
  script.destroy = [] { throw std::runtime_error("boom"); };
  expect_internal(start(*actor));
  expect_internal(receive(*actor, "x"));
  expect_internal(actor->apply_event({}));
  expect_internal(actor->load_snapshot({}));
  const auto saved = actor->save_snapshot();
  ASSERT_FALSE(saved);
  expect_internal({saved.error().code, saved.error().text});
  TurnContext turn(services, *actor, self, path, effects, TurnPhase::kStop, nullptr, 0, asks);
  expect_internal(actor->recovered(turn));
  actor->stop(turn, ACTORD_STOP_NORMAL);
  actor.reset();
  script.create = boom;
  const auto created = try_create();
  ASSERT_FALSE(created);
  expect_internal({created.error().code, created.error().text});
}

TEST_F(AbiActorTest, PersistAppliesThroughTheActorsOwnCode) {
  std::string state;
  script.apply = [&](const actord_event* event) {
    state += text(event->type) + std::to_string(event->version) + "#" + std::to_string(event->seq) +
             text(event->body);
    return ACTORD_OK;
  };
  script.receive = [&](actord_turn* turn, auto*) {
    const auto* persist =
        static_cast<const actord_persist_api*>(host_extension(ACTORD_EXT_PERSIST));
    EXPECT_EQ(persist->persist(turn, view("e"), 2, view("b")), ACTORD_OK);
    EXPECT_EQ(state, "e2#1b");
    EXPECT_EQ(persist->last_seq(turn), 1u);
    EXPECT_EQ(persist->snapshot(turn), ACTORD_OK);
    return ACTORD_OK;
  };
  receive(*create(), "x");
  ASSERT_EQ(effects.events.size(), 1u);
  EXPECT_TRUE(effects.snapshot);
}

// Law 10: applying an event has no effects, whatever the plugin tries.
TEST_F(AbiActorTest, WhileEventsAreAppliedTheTurnIsClosed) {
  actord_turn* kept = nullptr;
  actord_status inside = ACTORD_OK;
  script.apply = [&](auto*) {
    actord_send message{};
    message.struct_size = sizeof message;
    message.to_path = view("/known");
    message.type = view("t");
    inside = api.table().send(kept, &message);
    return ACTORD_OK;
  };
  script.receive = [&](actord_turn* turn, auto*) {
    kept = turn;
    const auto* persist =
        static_cast<const actord_persist_api*>(host_extension(ACTORD_EXT_PERSIST));
    EXPECT_EQ(persist->persist(turn, view("e"), 1, {}), ACTORD_OK);
    EXPECT_EQ(api.table().self(turn).incarnation, 33u);  // open again after persist
    return ACTORD_OK;
  };
  receive(*create(), "x");
  EXPECT_EQ(inside, ACTORD_E_WRONG_PHASE);
  EXPECT_TRUE(effects.list.empty());
}

TEST_F(AbiActorTest, SnapshotsGoOutAndComeBack) {
  script.save = [](actord_writer* writer, const actord_persist_api* persist) {
    EXPECT_EQ(persist->write(writer, "one ", 4), ACTORD_OK);
    EXPECT_EQ(persist->write(writer, nullptr, 0), ACTORD_OK);
    EXPECT_EQ(persist->write(writer, nullptr, 1), ACTORD_E_INVALID);
    return persist->write(writer, "two", 3);
  };
  std::string loaded;
  script.load = [&](uint32_t version, actord_view body) {
    loaded = std::to_string(version) + text(body);
    return ACTORD_OK;
  };
  auto actor = create();
  const auto saved = actor->save_snapshot();
  ASSERT_TRUE(saved && saved->has_value());
  EXPECT_EQ((*saved)->view(), "one two");
  actor->load_snapshot({3, 2, 0, **saved});
  EXPECT_EQ(loaded, "2one two");
}

TEST_F(AbiActorTest, ASnapshotOverTheLimitIsNoSnapshot) {
  script.save = [](actord_writer* writer, const actord_persist_api* persist) {
    const std::string half(limits::kSnapshotBytes / 2, 'x');
    EXPECT_EQ(persist->write(writer, half.data(), half.size()), ACTORD_OK);
    EXPECT_EQ(persist->write(writer, half.data(), half.size()), ACTORD_OK);
    EXPECT_EQ(persist->write(writer, half.data(), 1), ACTORD_E_LIMIT);
    return ACTORD_OK;
  };
  const auto saved = create()->save_snapshot();
  ASSERT_FALSE(saved);
  EXPECT_EQ(saved.error().code, ACTORD_E_LIMIT);
}

TEST_F(AbiActorTest, AKindWithoutPersistenceRefusesState) {
  const auto actor = create(false);
  EXPECT_TRUE(actor->apply_event({}).failed());
  EXPECT_TRUE(actor->load_snapshot({}).failed());
  const auto saved = actor->save_snapshot();
  EXPECT_TRUE(saved && !saved->has_value());
}

// ---- decide ----

struct DecideTest : AbiActorTest {
  std::unique_ptr<Behavior> judge() {
    return AbiActor::create(api, {&testing::kFakeKind, nullptr, nullptr, &testing::kFakeSupervise},
                            {path, kind, settings})
        .value();
  }
  Outcome decide(Behavior& behavior) {
    TurnContext turn(services, behavior, self, path, effects, TurnPhase::kDecide, nullptr, 0, asks);
    return behavior.decide(turn, failure, chosen);
  }
  ChildFailure failure{
      1,
      {4, 44},
      "/demo/x",
      "fake.Child",
      {FailureClass::kTransient, ACTORD_FAIL_TRANSIENT, "no line", "demo.Call", 77, 2},
      5,
      3,
      true};
  ChosenDirective chosen;
};

TEST_F(DecideTest, AKindWithoutTheTableIsNotAsked) {
  EXPECT_FALSE(create()->supervises());
  EXPECT_TRUE(judge()->supervises());
  EXPECT_EQ(decide(*create()).status, ACTORD_OK);
  EXPECT_FALSE(chosen);
}

TEST_F(DecideTest, AFailureArrivesWhole) {
  script.decide = [](actord_turn*, const actord_child_failure* seen, uint32_t* directive) {
    EXPECT_EQ(seen->struct_size, sizeof *seen);
    EXPECT_EQ(seen->failure_class, ACTORD_FAILURE_TRANSIENT);
    EXPECT_EQ(seen->child.slot, 4u);
    EXPECT_EQ(seen->child.incarnation, 44u);
    EXPECT_EQ(text(seen->path), "/demo/x");
    EXPECT_EQ(text(seen->kind), "fake.Child");
    EXPECT_EQ(seen->status, ACTORD_FAIL_TRANSIENT);
    EXPECT_EQ(seen->attempt, 2u);
    EXPECT_EQ(text(seen->text), "no line");
    EXPECT_EQ(text(seen->message_type), "demo.Call");
    EXPECT_EQ(seen->message_id, 77u);
    EXPECT_EQ(seen->restarts, 5u);
    EXPECT_EQ(seen->restarts_in_window, 3u);
    EXPECT_EQ(seen->resumable, 1u);
    EXPECT_EQ(*directive, ACTORD_DIRECTIVE_DEFAULT);
    return ACTORD_OK;
  };
  EXPECT_EQ(decide(*judge()).status, ACTORD_OK);
}

TEST_F(DecideTest, EveryDirectiveArrives) {
  const std::vector<std::pair<uint32_t, ChosenDirective>> known = {
      {ACTORD_DIRECTIVE_DEFAULT, std::nullopt},
      {ACTORD_DIRECTIVE_RESUME, Directive::kResume},
      {ACTORD_DIRECTIVE_RESTART, Directive::kRestart},
      {ACTORD_DIRECTIVE_STOP, Directive::kStop},
      {ACTORD_DIRECTIVE_ESCALATE, Directive::kEscalate},
      {ACTORD_DIRECTIVE_PARK, Directive::kPark},
      {99, std::nullopt}};  // of a younger SDK
  const auto actor = judge();
  for (const auto& [number, expected] : known) {
    script.decide = [number = number](auto*, auto*, uint32_t* directive) {
      *directive = number;
      return ACTORD_OK;
    };
    chosen = Directive::kStopHost;
    EXPECT_EQ(decide(*actor).status, ACTORD_OK);
    EXPECT_EQ(chosen, expected) << number;
  }
}

TEST_F(DecideTest, AFailureOfDecideDecidesNothing) {
  script.decide = [](auto*, auto*, uint32_t* directive) {
    *directive = ACTORD_DIRECTIVE_STOP;
    return ACTORD_FAIL_TRANSIENT;
  };
  EXPECT_EQ(decide(*judge()).status, ACTORD_FAIL_TRANSIENT);
  EXPECT_FALSE(chosen);
  script.decide = [](auto*, auto*, auto*) -> actord_status { throw std::runtime_error("no"); };
  EXPECT_EQ(decide(*judge()).status, ACTORD_FAIL_INTERNAL);
  EXPECT_FALSE(chosen);
}

}  // namespace
}  // namespace actord::host
