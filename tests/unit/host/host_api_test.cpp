#include "host/host_api.hpp"

#include <gmock/gmock.h>

#include <thread>

#include "base/limits.hpp"
#include "unit/host/fake_kind.hpp"
#include "unit/host/turn_fixture.hpp"

namespace actord::host {
namespace {

using ::testing::HasSubstr;
using testing::script;
using testing::text;
using testing::view;

template <class T>
const T* extension(const char* id) {
  return static_cast<const T*>(host_extension(id));
}

struct HostApiTest : testing::TurnFixture {
  HostApiTest() {
    script = {};
    actor = AbiActor::create(plugin, {&testing::kFakeKind, &testing::kFakePersist},
                             {path, kind, settings})
                .value();
  }
  ~HostApiTest() override {
    actor.reset();
    script = {};
  }

  // Runs code as a plugin's handler would run it.
  void in_turn(std::function<void(actord_turn*)> code) {
    in_turn(user("demo.Ping", "payload"), std::move(code));
  }
  void in_turn(const Envelope& message, std::function<void(actord_turn*)> code) {
    script.receive = [&](actord_turn* turn, auto*) {
      code(turn);
      return ACTORD_OK;
    };
    receive(*actor, message);
  }
  static actord_send message(std::string_view type = "demo.Out", std::string_view payload = "p") {
    actord_send send{};
    send.struct_size = sizeof send;
    send.to_path = view("/known");
    send.type = view(type);
    send.payload = view(payload);
    return send;
  }

  HostApi plugin{"fake"};
  const actord_host_api& api = plugin.table();
  std::string kind = "fake.Fake", settings = "{}";
  std::unique_ptr<Behavior> actor;
};

TEST_F(HostApiTest, NoFunctionIsMissing) {
  EXPECT_EQ(api.struct_size, sizeof api);
  EXPECT_EQ(api.abi_major, ACTORD_ABI_MAJOR);
  // Behind the header the table is function pointers only.
  const auto* at = reinterpret_cast<void* const*>(&api.get_extension);
  const auto* end = reinterpret_cast<void* const*>(&api + 1);
  for (; at != end; ++at) EXPECT_NE(*at, nullptr);
}

TEST_F(HostApiTest, EveryExtensionIsFoundByIdAndNoOther) {
  for (const char* id :
       {ACTORD_EXT_ASK, ACTORD_EXT_FILES, ACTORD_EXT_INLET, ACTORD_EXT_PERSIST, ACTORD_EXT_SPAWN,
        ACTORD_EXT_STASH, ACTORD_EXT_TIMERS, ACTORD_EXT_TOPICS}) {
    const auto* table = static_cast<const uint32_t*>(api.get_extension(api.host, id));
    ASSERT_NE(table, nullptr) << id;
    EXPECT_GE(*table, 16u);
  }
  for (const char* id : {"", "actord.ask", "actord.ask/2", "actord.ask/1 ", "ask/1"}) {
    EXPECT_EQ(api.get_extension(api.host, id), nullptr) << id;
  }
  EXPECT_EQ(api.get_extension(api.host, nullptr), nullptr);
}

TEST_F(HostApiTest, ATurnKnowsItselfItsPathAndSender) {
  in_turn([&](actord_turn* turn) {
    EXPECT_EQ(api.self(turn).incarnation, 33u);
    EXPECT_EQ(text(api.self_path(turn)), "/demo");
    EXPECT_EQ(api.sender(turn).incarnation, 55u);
    EXPECT_EQ(api.now_ms(turn), 5'000u);
    EXPECT_EQ(api.now_unix_ms(turn), 1'700'000'000'000);
    EXPECT_EQ(api.random_u64(turn), 42u);
  });
}

// Pain 14: a turn that was kept is refused, not followed.
TEST_F(HostApiTest, AKeptTurnIsRefused) {
  actord_turn* kept = nullptr;
  in_turn([&](actord_turn* turn) { kept = turn; });
  const auto send = message();
  EXPECT_EQ(api.send(kept, &send), ACTORD_E_WRONG_PHASE);
  EXPECT_EQ(api.self(kept).incarnation, 0u);
  EXPECT_EQ(api.self_path(kept).size, 0u);
  EXPECT_EQ(api.now_ms(kept), 0u);
  in_turn([&](actord_turn* turn) {
    EXPECT_EQ(api.send(nullptr, &send), ACTORD_E_WRONG_PHASE);
    std::thread([&] { EXPECT_EQ(api.send(turn, &send), ACTORD_E_WRONG_PHASE); }).join();
  });
  EXPECT_TRUE(effects.list.empty());
}

TEST_F(HostApiTest, InCreateThereIsNoTurn) {
  script.create = [&](auto*) {
    const auto send = message();
    EXPECT_EQ(api.send(nullptr, &send), ACTORD_E_WRONG_PHASE);
    api.log(api.host, nullptr, ACTORD_LOG_DEBUG, view("in create"));
    return ACTORD_OK;
  };
  EXPECT_TRUE(AbiActor::create(plugin, {&testing::kFakeKind, nullptr}, {path, kind, settings}));
}

TEST_F(HostApiTest, ResolveAnswersOrSaysWhyNot) {
  in_turn([&](actord_turn* turn) {
    actord_ref out{1, 1};
    EXPECT_EQ(api.resolve(turn, view("/gone"), &out), ACTORD_E_NOT_FOUND);
    EXPECT_EQ(api.resolve(turn, view("gone"), &out), ACTORD_E_INVALID);
    EXPECT_EQ(api.resolve(turn, {nullptr, 4}, &out), ACTORD_E_INVALID);
    EXPECT_EQ(api.resolve(turn, view("/known"), nullptr), ACTORD_E_INVALID);
    EXPECT_EQ(out.incarnation, 1u);  // untouched on error
    EXPECT_EQ(api.resolve(turn, view("/known"), &out), ACTORD_OK);
    EXPECT_EQ(out.incarnation, 77u);
  });
}

TEST_F(HostApiTest, SendRecordsTheMessage) {
  in_turn([&](actord_turn* turn) {
    auto send = message();
    send.token = 5;
    send.flags = ACTORD_SEND_NOTIFY;
    send.key = view("k");
    send.expires_in_ms = 100;
    EXPECT_EQ(api.send(turn, &send), ACTORD_OK);
  });
  EXPECT_EQ(sent().type.name(), "demo.Out");
  EXPECT_EQ(sent().payload.view(), "p");
  EXPECT_EQ(sent().extra->to_path, "/known");
  EXPECT_EQ(sent().extra->key, "k");
  EXPECT_EQ(sent().token, 5u);
  EXPECT_TRUE(sent().notify);
  EXPECT_EQ(sent().deadline_ms, 5'100u);
}

TEST_F(HostApiTest, SendRefusesWhatItCannotRead) {
  in_turn([&](actord_turn* turn) {
    EXPECT_EQ(api.send(turn, nullptr), ACTORD_E_INVALID);
    auto small = message();
    small.struct_size = 40;
    EXPECT_EQ(api.send(turn, &small), ACTORD_E_INVALID);
    auto untyped = message("");
    EXPECT_EQ(api.send(turn, &untyped), ACTORD_E_INVALID);
    auto nowhere = message();
    nowhere.payload = {nullptr, 8};
    EXPECT_EQ(api.send(turn, &nowhere), ACTORD_E_INVALID);
    auto badly_addressed = message();
    badly_addressed.to_path = view("known");
    EXPECT_EQ(api.send(turn, &badly_addressed), ACTORD_E_INVALID);
    auto huge = message();
    huge.payload = {"x", limits::kPayloadBytes + 1};
    EXPECT_EQ(api.send(turn, &huge), ACTORD_E_LIMIT);
  });
  EXPECT_TRUE(effects.list.empty());
}

TEST_F(HostApiTest, AStructThatHasGrownIsRead) {
  struct Grown {
    actord_send send;
    uint64_t younger;
  } grown{message(), 1};
  grown.send.struct_size = sizeof grown;
  in_turn([&](actord_turn* turn) { EXPECT_EQ(api.send(turn, &grown.send), ACTORD_OK); });
}

TEST_F(HostApiTest, BuffersAreSealedOnceAndShared) {
  in_turn([&](actord_turn* turn) {
    actord_buf* buffer = api.buf_new(api.host, 8);
    std::memcpy(api.buf_data(buffer), "shared!!", 8);
    auto send = message("t", "");
    send.buf = buffer;
    EXPECT_EQ(api.send(turn, &send), ACTORD_E_INVALID);  // not sealed
    EXPECT_EQ(api.buf_view(buffer).size, 0u);
    api.buf_seal(buffer, 6);
    EXPECT_EQ(api.buf_data(buffer), nullptr);
    api.buf_seal(buffer, 8);
    EXPECT_EQ(text(api.buf_view(buffer)), "shared");
    EXPECT_EQ(api.send(turn, &send), ACTORD_OK);
    send.payload = view("both");
    EXPECT_EQ(api.send(turn, &send), ACTORD_E_INVALID);
    api.buf_unref(buffer);
  });
  EXPECT_EQ(sent().payload.view(), "shared");
}

TEST_F(HostApiTest, BuffersHaveALimit) {
  EXPECT_EQ(api.buf_new(api.host, limits::kPayloadBytes + 1), nullptr);
  actord_buf* buffer = api.buf_new(api.host, limits::kPayloadBytes);
  ASSERT_NE(buffer, nullptr);
  api.buf_ref(buffer);
  api.buf_unref(buffer);
  api.buf_unref(buffer);
  api.buf_unref(nullptr);
}

TEST_F(HostApiTest, AMessagesPayloadCanBeKept) {
  actord_buf* kept = nullptr;
  script.receive = [&](auto*, const actord_message* m) {
    kept = m->buf;
    api.buf_ref(kept);
    return ACTORD_OK;
  };
  receive(*actor, user("t", "keep me"));
  EXPECT_EQ(text(api.buf_view(kept)), "keep me");
  api.buf_unref(kept);
}

TEST_F(HostApiTest, RepliesCarryOnlyTheAnswer) {
  Envelope request = user("t");
  request.ask = 12;
  in_turn(request, [&](actord_turn* turn) {
    auto answer = message("demo.Answer");
    answer.to = {1, 1};
    answer.key = view("ignored");
    EXPECT_EQ(api.reply(turn, &answer), ACTORD_OK);
  });
  EXPECT_EQ(sent().kind, MessageKind::kReply);
  EXPECT_EQ(sent().to.incarnation, 55u);
  EXPECT_EQ(sent().ask, 12u);
  Envelope nobody = user("t");
  nobody.reply_to = {};
  in_turn(nobody, [&](actord_turn* turn) {
    const auto answer = message();
    EXPECT_EQ(api.reply(turn, &answer), ACTORD_E_NOT_FOUND);
  });
}

TEST_F(HostApiTest, ForwardPublishRejectStopAndUnstashAreRecorded) {
  in_turn([&](actord_turn* turn) {
    EXPECT_EQ(api.forward(turn, {7, 77}, {}), ACTORD_OK);
    EXPECT_EQ(api.forward(turn, {}, {nullptr, 3}), ACTORD_E_INVALID);
    const auto event = message("demo.Fact");
    EXPECT_EQ(api.publish(turn, view("a.b"), &event), ACTORD_OK);
    EXPECT_EQ(api.publish(turn, view("a.*"), &event), ACTORD_E_INVALID);
    EXPECT_EQ(api.publish(turn, view("a..b"), &event), ACTORD_E_INVALID);
    EXPECT_EQ(api.reject(turn, &event, view("no record")), ACTORD_OK);
    EXPECT_EQ(api.reject(turn, nullptr, {nullptr, 1}), ACTORD_E_INVALID);
    for (const int32_t reason : {-1, 0, ACTORD_DEAD_STOPPED, 1'000})
      EXPECT_EQ(api.reject_as(turn, &event, reason, view("no")), ACTORD_E_INVALID) << reason;
    api.unstash_all(turn);
  });
  ASSERT_EQ(effects.list.size(), 4u);
  EXPECT_EQ(sent(0).to.incarnation, 77u);
  EXPECT_EQ(std::get<PublishEffect>(effects.list[1]).envelope->extra->topic, "a.b");
  EXPECT_EQ(std::get<DeadLetterEffect>(effects.list[2]).letter.error, "no record");
  EXPECT_TRUE(std::holds_alternative<UnstashEffect>(effects.list[3]));
}

TEST_F(HostApiTest, TagsAreRecordedAndLookedUp) {
  services.carriers = {{3, 30}, {4, 40}};
  in_turn([&](actord_turn* turn) {
    const auto* registry = extension<actord_registry_api>(ACTORD_EXT_REGISTRY);
    EXPECT_EQ(registry->tag(turn, view("worker")), ACTORD_OK);
    EXPECT_EQ(registry->tag(turn, view("no tag")), ACTORD_E_INVALID);
    EXPECT_EQ(registry->tag(turn, {nullptr, 3}), ACTORD_E_INVALID);
    registry->untag(turn, view("worker"));
    EXPECT_EQ(registry->follow(turn, view("worker")), ACTORD_OK);
    EXPECT_EQ(registry->follow(turn, view("")), ACTORD_E_INVALID);
    registry->unfollow(turn, view("worker"));
    actord_ref found[1] = {};
    uint64_t count = 0;
    EXPECT_EQ(registry->find(turn, view("worker"), found, 1, &count), ACTORD_OK);
    EXPECT_EQ(count, 2u);
    EXPECT_EQ(found[0].incarnation, 30u);
    EXPECT_EQ(registry->find(turn, view("worker"), nullptr, 0, &count), ACTORD_OK);
    EXPECT_EQ(registry->find(turn, view("worker"), nullptr, 1, &count), ACTORD_E_INVALID);
    EXPECT_EQ(registry->find(turn, view("worker"), found, 1, nullptr), ACTORD_E_INVALID);
    EXPECT_EQ(registry->find(turn, view("a b"), found, 1, &count), ACTORD_E_INVALID);
    uint64_t messages = 0;
    EXPECT_EQ(registry->load(turn, {5, 50}, &messages), ACTORD_OK);
    EXPECT_EQ(messages, 5u);
    EXPECT_EQ(registry->load(turn, {9, 90}, &messages), ACTORD_E_NOT_FOUND);
    EXPECT_EQ(registry->load(turn, {5, 50}, nullptr), ACTORD_E_INVALID);
  });
  ASSERT_EQ(effects.list.size(), 4u);
  EXPECT_EQ(std::get<TagEffect>(effects.list[0]).tag, "worker");
  EXPECT_TRUE(std::holds_alternative<UntagEffect>(effects.list[1]));
  EXPECT_TRUE(std::holds_alternative<FollowEffect>(effects.list[2]));
  EXPECT_TRUE(std::holds_alternative<UnfollowEffect>(effects.list[3]));
}

TEST_F(HostApiTest, StopSelfIsATurnsWish) {
  const Envelope envelope = user("t");
  script.receive = [&](actord_turn* turn, auto*) {
    api.stop_self(turn);
    return ACTORD_OK;
  };
  TurnContext turn(services, *actor, self, path, effects, TurnPhase::kReceive, &envelope, 0, asks);
  actor->receive(turn, envelope);
  EXPECT_TRUE(turn.stop_wanted());
}

TEST_F(HostApiTest, AsksTimersSpawnsAndSubscriptionsAreRecorded) {
  in_turn([&](actord_turn* turn) {
    uint64_t ask = 0;
    const auto request = message("demo.Question");
    EXPECT_EQ(extension<actord_ask_api>(ACTORD_EXT_ASK)->ask(turn, &request, 50, &ask), ACTORD_OK);
    EXPECT_EQ(ask, 1u);
    EXPECT_EQ(extension<actord_ask_api>(ACTORD_EXT_ASK)->ask(turn, &request, 50, nullptr),
              ACTORD_E_INVALID);
    extension<actord_ask_api>(ACTORD_EXT_ASK)->cancel(turn, ask);

    const auto* timers = extension<actord_timers_api>(ACTORD_EXT_TIMERS);
    EXPECT_EQ(timers->set(turn, view("tick"), 10, 20, view("p")), ACTORD_OK);
    EXPECT_EQ(timers->set(turn, {nullptr, 4}, 10, 20, {}), ACTORD_E_INVALID);
    timers->cancel(turn, view("tick"));

    const auto* spawn = extension<actord_spawn_api>(ACTORD_EXT_SPAWN);
    actord_ref child{0, 0};
    EXPECT_EQ(spawn->spawn(turn, view("a/b"), view("fake.Fake"), {}, {}, &child), ACTORD_E_INVALID);
    EXPECT_EQ(child.incarnation, 0u);
    EXPECT_EQ(spawn->spawn(turn, view("worker"), view("fake.Fake"), {}, {}, &child), ACTORD_OK);
    EXPECT_EQ(child.incarnation, 88u);
    EXPECT_EQ(spawn->watch(turn, child), ACTORD_OK);
    spawn->unwatch(turn, child);
    const auto notice = message("demo.Gone");
    EXPECT_EQ(spawn->watch_with(turn, child, &notice), ACTORD_OK);
    EXPECT_EQ(spawn->watch_with(turn, child, nullptr), ACTORD_E_INVALID);
    EXPECT_EQ(spawn->link(turn, child), ACTORD_OK);
    EXPECT_EQ(spawn->link(turn, {0, 0}), ACTORD_E_INVALID);
    spawn->unlink(turn, child);
    EXPECT_EQ(spawn->stop(turn, child), ACTORD_OK);

    const auto* stash = extension<actord_stash_api>(ACTORD_EXT_STASH);
    EXPECT_EQ(stash->unstash(turn, 0), ACTORD_E_INVALID);
    EXPECT_EQ(stash->unstash(turn, 5), ACTORD_OK);
    EXPECT_EQ(stash->forward(turn, 6, {0, 0}, view("no path")), ACTORD_E_INVALID);
    EXPECT_EQ(stash->forward(turn, 6, {0, 0}, view("/known")), ACTORD_OK);
    EXPECT_EQ(stash->unstash(turn, 7), ACTORD_OK);  // with the first, which keeps the order
    EXPECT_EQ(stash->reject(turn, 8, view("no")), ACTORD_OK);

    const auto* topics = extension<actord_topics_api>(ACTORD_EXT_TOPICS);
    EXPECT_EQ(topics->subscribe(turn, view("a.*")), ACTORD_OK);
    EXPECT_EQ(topics->subscribe(turn, view("a..b")), ACTORD_E_INVALID);
    topics->unsubscribe(turn, view("a.*"));

    EXPECT_EQ(extension<actord_files_api>(ACTORD_EXT_FILES)->watch(turn, view("/etc/hosts")),
              ACTORD_OK);
  });
  ASSERT_EQ(effects.list.size(), 17u);
  EXPECT_EQ(std::get<AskEffect>(effects.list[0]).timeout_ms, 50u);
  EXPECT_EQ(std::get<SetTimerEffect>(effects.list[2]).period_ms, 20u);
  EXPECT_EQ(std::get<SpawnEffect>(effects.list[4]).settings, "{}");
  EXPECT_EQ(std::get<WatchEffect>(effects.list[5]).notice, nullptr);
  EXPECT_EQ(std::get<WatchEffect>(effects.list[7]).notice->type.name(), "demo.Gone");
  EXPECT_EQ(std::get<LinkEffect>(effects.list[8]).ref, (ActorRef{8, 88}));
  EXPECT_EQ(std::get<UnstashEffect>(effects.list[11]).ids, (std::vector<uint64_t>{5, 7}));
  EXPECT_EQ(std::get<ForwardStashedEffect>(effects.list[12]).to_path, "/known");
  EXPECT_EQ(std::get<RejectStashedEffect>(effects.list[13]).id, 8u);
  EXPECT_EQ(std::get<WatchFileEffect>(effects.list[16]).path, "/etc/hosts");
}

TEST_F(HostApiTest, TextIsCutWhereACharacterEnds) {
  std::string long_text(limits::kLogTextBytes - 1, 'x');
  long_text += "\xc3\xa4 and more";
  const Envelope envelope = user("t");
  script.receive = [&](actord_turn* turn, auto*) {
    api.set_error(turn, view(long_text));
    return ACTORD_FAIL_PERMANENT;
  };
  EXPECT_EQ(receive(*actor, envelope).text, std::string(limits::kLogTextBytes - 1, 'x'));
}

// What one log call writes.
template <class Code>
std::string logged(Code&& code) {
  ::testing::internal::CaptureStderr();
  code();
  return ::testing::internal::GetCapturedStderr();
}

TEST_F(HostApiTest, LogLinesNameActorAndPluginAndAreCut) {
  std::string line;
  in_turn([&](actord_turn* turn) {
    line = logged([&] { api.log(api.host, turn, ACTORD_LOG_WARN, view("careful")); });
  });
  EXPECT_THAT(line, HasSubstr("careful  actor=/demo  plugin=fake  [plugin.log]"));
  const std::string long_text(2 * limits::kLogTextBytes, 'x');
  line = logged([&] { api.log(api.host, nullptr, 99, view(long_text)); });  // clamped to error
  EXPECT_THAT(line, HasSubstr("x  plugin=fake  [plugin.log]"));
  EXPECT_LT(line.size(), limits::kLogTextBytes + 200);
  EXPECT_EQ(logged([&] { api.log(api.host, nullptr, ACTORD_LOG_ERROR, {nullptr, 5}); }), "");
}

TEST_F(HostApiTest, AnInletPostsUntilItsInstanceEnds) {
  const auto* inlets = extension<actord_inlet_api>(ACTORD_EXT_INLET);
  actord_inlet* inlet = nullptr;
  EXPECT_EQ(inlets->open(nullptr, &inlet), ACTORD_E_WRONG_PHASE);
  in_turn([&](actord_turn* turn) { EXPECT_EQ(inlets->open(turn, &inlet), ACTORD_OK); });
  std::thread([&] {
    EXPECT_EQ(inlets->post(inlet, view("demo.Line"), view("hello")), ACTORD_OK);
    EXPECT_EQ(inlets->post(inlet, {}, view("hello")), ACTORD_E_INVALID);
    EXPECT_EQ(inlets->post(inlet, view(std::string(limits::kTypeNameBytes + 1, 't')), {}),
              ACTORD_E_INVALID);
    EXPECT_EQ(inlets->post(inlet, view("t"), {"x", limits::kPayloadBytes + 1}), ACTORD_E_LIMIT);
  }).join();
  ASSERT_EQ(services.posted.size(), 1u);
  EXPECT_EQ(services.posted[0]->to.incarnation, 33u);
  EXPECT_TRUE(services.posted[0]->from_outside);
  services.post_answer = ACTORD_E_FULL;
  EXPECT_EQ(inlets->post(inlet, view("t"), {}), ACTORD_E_FULL);
  actor.reset();
  EXPECT_EQ(inlets->post(inlet, view("t"), {}), ACTORD_E_CLOSED);
  inlets->close(inlet);
  inlets->close(nullptr);
}

TEST_F(HostApiTest, AnActorHasSixtyFourInlets) {
  const auto* inlets = extension<actord_inlet_api>(ACTORD_EXT_INLET);
  std::vector<actord_inlet*> open(limits::kInletsPerActor);
  in_turn([&](actord_turn* turn) {
    for (auto& inlet : open) ASSERT_EQ(inlets->open(turn, &inlet), ACTORD_OK);
    actord_inlet* more = nullptr;
    EXPECT_EQ(inlets->open(turn, &more), ACTORD_E_LIMIT);
    inlets->close(open.back());
    EXPECT_EQ(inlets->open(turn, &open.back()), ACTORD_OK);
  });
  for (auto* inlet : open) inlets->close(inlet);
}

}  // namespace
}  // namespace actord::host
