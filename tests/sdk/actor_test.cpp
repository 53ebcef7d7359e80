// The wrapper under the TestKit: what an actor class may have, and what happens when it fails.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "actord/actord.hpp"
#include "actord/json.hpp"
#include "actord/settings.hpp"
#include "actord/testkit.hpp"

namespace {

using actord::Answer, actord::Context, actord::Error, actord::Event, actord::Json, actord::Kind,
    actord::Message, actord::Outcome, actord::Ref, actord::Result, actord::Setup;
using actord::testkit::Kit, actord::testkit::Mail, actord::testkit::Probe;
using testing::ElementsAre, testing::HasSubstr, testing::SizeIs;
using namespace std::chrono_literals;

struct Add {
  static constexpr std::string_view kType = "t.Add";
  int64_t by = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Add, by)

// Records what it is told, in events, and does what the test asks for.
class Ledger {
 public:
  static constexpr uint32_t kStateVersion = 3;

  static constexpr auto handlers() {
    return actord::table(
        actord::on(Add::kType, &Ledger::add), actord::on("t.Sum", &Ledger::sum),
        actord::on("t.AddThenThrow", &Ledger::add_then_throw),
        actord::on("t.ThrowOther", &Ledger::throw_other), actord::on("t.Refuse", &Ledger::refuse),
        actord::on("t.Defer", &Ledger::defer), actord::on("t.Open", &Ledger::open),
        actord::on("t.Bad", &Ledger::bad_event), actord::on("t.Ask", &Ledger::ask),
        actord::on("t.AskThenThrow", &Ledger::ask_then_throw),
        actord::on("t.Snapshot", &Ledger::snapshot), actord::on("t.Raw", &Ledger::raw),
        actord::on_timer("tick", &Ledger::tick));
  }

  void start(Context& context) { context.set_periodic_timer("tick", 100ms); }
  void add(Context& context, const Add& add) { context.persist(add); }
  void sum(Context& context) { context.reply("t.Total", std::to_string(sum_)); }
  void add_then_throw(Context& context) {
    context.persist(Add{1'000});
    context.send("/probe", "t.Never");
    throw std::runtime_error("on purpose");
  }
  void throw_other(Context&) { throw 42; }
  Result<void> refuse(Context&) { return Error{ACTORD_FAIL_TRANSIENT, "not today"}; }
  Outcome defer(Context& context, const Message& message) {
    if (!open_) return actord::Defer{};
    context.reply("t.Late", message.payload());
    return actord::Done{};
  }
  void open(Context& context) {
    open_ = true;
    context.unstash_all();
  }
  void bad_event(Context& context) { context.persist("t.Unknown", 1, "{}"); }
  void ask(Context& context) {
    context.ask("/probe", "t.Question", "{}", 1s, [this](Context& later, const Answer& answer) {
      answers_ += answer.ok() ? "answered " : std::string(answer.text());
      later.send("/probe", "t.Answered", answers_);
    });
  }
  void ask_then_throw(Context& context) {
    ask(context);
    throw actord::Failure("after asking", ACTORD_FAIL_TRANSIENT);
  }
  void snapshot(Context& context) { context.snapshot(); }
  void raw(Context& context, const actord::Raw<uint32_t>& value) {
    context.reply("t.Raw", std::to_string(value.value));
  }
  void tick(Context& context) { context.send("/probe", "t.Tick"); }

  Result<void> apply(const Event& event) {
    if (event.type() != Add::kType)
      return Error{ACTORD_FAIL_STATE, "no idea what " + std::string(event.type()) + " is"};
    ACTORD_TRY_ASSIGN(const Add add, event.as<Add>());
    sum_ += add.by;
    return {};
  }
  std::string save() const { return std::to_string(sum_); }
  void load(uint32_t version, std::string_view body) {
    if (version != kStateVersion) throw actord::Failure("too old", ACTORD_FAIL_STATE);
    sum_ = std::stoll(std::string(body));
  }

 private:
  int64_t sum_ = 0;
  bool open_ = false;
  std::string answers_;
};

struct Needy {
  struct Wants {
    std::string name;
    static auto fields() {
      return actord::settings(actord::setting("name", &Wants::name).required());
    }
  };
  explicit Needy(const Setup& setup) : wants(actord::settings_of<Wants>(setup)) {}
  static constexpr auto handlers() { return actord::table(); }
  Wants wants;
};

// Has a child and says what happens to it, through the members found by name.
struct Parent {
  static constexpr auto handlers() {
    return actord::table(
        actord::on("t.Spawn", &Parent::spawn), actord::on("t.StopChild", &Parent::stop_child),
        actord::on("t.Notify", &Parent::notify), actord::on("t.Pass", &Parent::pass),
        actord::on("t.AskNobody", &Parent::ask_nobody), actord::on("t.Inlet", &Parent::inlet));
  }
  void start(Context& context) {
    context.subscribe("a.*");
    context.watch_file("/watched");
  }
  void spawn(Context& context) {
    child = context.spawn("child", "t.Ledger");
    context.watch(child);
    context.send(child, Add{5});
  }
  void stop_child(Context& context) { context.stop(child); }
  void notify(Context& context) {
    context.send("/nowhere", "t.Lost", "{}", {.token = 7, .notify = true});
  }
  void pass(Context& context) { context.forward("/parent/child"); }
  void ask_nobody(Context& context) { context.ask("/nowhere", "t.Question", "{}", 1s); }
  void inlet(Context& context) {
    door = context.open_inlet();
    EXPECT_EQ(door.post("t.Posted", "{}"), ACTORD_OK);
  }
  void answered(Context& context, const Answer& answer) {
    say(context, "answered " + std::to_string(answer.reason()));
  }
  void terminated(Context& context, Ref who, int32_t reason) {
    say(context, std::string(who == child ? "child " : "other ") + std::to_string(reason));
  }
  void undelivered(Context& context, const Message& notice) {
    say(context,
        "undelivered " + std::to_string(notice.token()) + " " + std::to_string(notice.reason()));
  }
  void shutdown_soon(Context& context) { say(context, "soon"); }
  void file_changed(Context& context, std::string_view path) {
    say(context, "changed " + std::string(path));
  }
  Outcome otherwise(Context& context, const Message& message) {
    if (message.type() == "t.Unknown") return actord::Unhandled{};
    say(context, std::string(message.type()));
    return actord::Done{};
  }
  void stop(Context& context, int32_t reason) { say(context, "stop " + std::to_string(reason)); }
  static void say(Context& context, const std::string& text) {
    context.send("/probe", "t.Said", text);
  }

  Ref child;
  actord::Inlet door;
};

class ActorTest : public testing::Test {
 protected:
  ActorTest() {
    kit_.offer("t", Kind<Ledger>("Ledger"));
    kit_.offer("t", Kind<Parent>("Parent"));
    kit_.offer("t", Kind<Needy>("Needy"));
    probe_ = &kit_.probe("/probe");
  }
  std::string total(const std::string& path = "/ledger") { return kit_.ask(path, "t.Sum").payload; }
  void tell(const std::string& path, const std::string& type, const std::string& payload = "{}") {
    kit_.send(path, type, payload);
    kit_.run();
  }
  std::vector<std::string> said() const {
    std::vector<std::string> texts;
    for (const Mail& mail : probe_->mail)
      texts.push_back(mail.type == "t.Said" ? mail.payload : mail.type);
    return texts;
  }

  Kit kit_;
  Probe* probe_ = nullptr;
};

TEST_F(ActorTest, StateIsTheFoldOfItsEvents) {
  kit_.add("/ledger", "t.Ledger");
  tell("/ledger", "t.Add", R"({"by":2})");
  tell("/ledger", "t.Add", R"({"by":3})");
  EXPECT_EQ(total(), "5");
  kit_.crash();
  kit_.restart();
  EXPECT_EQ(total(), "5");
}

TEST_F(ActorTest, ATurnThatThrowsLeavesNothingBehind) {
  kit_.add("/ledger", "t.Ledger");
  tell("/ledger", "t.Add", R"({"by":2})");
  tell("/ledger", "t.AddThenThrow");
  EXPECT_EQ(total(), "2");
  EXPECT_THAT(said(), ElementsAre());
  ASSERT_THAT(kit_.letters(), SizeIs(1));
  EXPECT_EQ(kit_.letters()[0].reason, ACTORD_DEAD_HANDLER_FAILED);
  EXPECT_EQ(kit_.letters()[0].text, "on purpose");
  EXPECT_EQ(kit_.restarts("/ledger"), 1u);
}

TEST_F(ActorTest, WhateverIsThrownStaysInsideThePlugin) {
  kit_.add("/ledger", "t.Ledger");
  tell("/ledger", "t.ThrowOther");
  ASSERT_THAT(kit_.letters(), SizeIs(1));
  EXPECT_THAT(kit_.letters()[0].text, HasSubstr("no std::exception"));
}

TEST_F(ActorTest, AnErrorReturnedIsAFailureWithItsText) {
  kit_.add("/ledger", "t.Ledger");
  tell("/ledger", "t.Refuse");
  ASSERT_THAT(kit_.letters(), SizeIs(1));
  EXPECT_EQ(kit_.letters()[0].text, "not today");
}

TEST_F(ActorTest, APayloadThatIsNotTheTypeIsRejectedWithoutARestart) {
  kit_.add("/ledger", "t.Ledger");
  tell("/ledger", "t.Add", "nonsense");
  tell("/ledger", "t.Add", R"({"by":"two"})");
  tell("/ledger", "t.Add", "{}");
  ASSERT_THAT(kit_.letters(), SizeIs(3));
  EXPECT_EQ(kit_.letters()[0].reason, ACTORD_DEAD_REJECTED);
  EXPECT_THAT(kit_.letters()[0].text, HasSubstr("t.Add: not JSON: parse error"));
  EXPECT_EQ(kit_.letters()[1].text,
            "t.Add: the payload has a value that is string where it wants number");
  EXPECT_EQ(kit_.letters()[2].text, "t.Add: the payload lacks the key \"by\"");
  EXPECT_EQ(kit_.restarts("/ledger"), 0u);
}

TEST_F(ActorTest, ADeferredMessageComesBackInOrder) {
  kit_.add("/ledger", "t.Ledger");
  kit_.send("/ledger", "t.Defer", "1", probe_->ref);
  kit_.send("/ledger", "t.Defer", "2", probe_->ref);
  kit_.run();
  EXPECT_THAT(probe_->mail, SizeIs(0));
  tell("/ledger", "t.Open");
  ASSERT_THAT(probe_->mail, SizeIs(2));
  EXPECT_EQ(probe_->mail[0].payload, "1");
  EXPECT_EQ(probe_->mail[1].payload, "2");
}

TEST_F(ActorTest, AnEventThatApplyRefusesFailsTheTurnWithItsWords) {
  kit_.add("/ledger", "t.Ledger");
  tell("/ledger", "t.Bad");
  ASSERT_THAT(kit_.letters(), SizeIs(1));
  EXPECT_EQ(kit_.letters()[0].text, "no idea what t.Unknown is");
  EXPECT_THAT(kit_.stored("/ledger").events, SizeIs(0));
}

TEST_F(ActorTest, AskFailsOnceWhenNobodyAnswersInTime) {
  kit_.add("/ledger", "t.Ledger");
  tell("/ledger", "t.Ask");
  kit_.advance(1'100ms);
  const auto answered = std::count_if(probe_->mail.begin(), probe_->mail.end(),
                                      [](const Mail& mail) { return mail.type == "t.Answered"; });
  EXPECT_EQ(answered, 1);
}

TEST_F(ActorTest, AnAskOfAFailedTurnNeverLeaves) {
  kit_.add("/ledger", "t.Ledger");
  tell("/ledger", "t.AskThenThrow");
  kit_.advance(2s);
  for (const Mail& mail : probe_->mail) EXPECT_EQ(mail.type, "t.Tick");
}

TEST_F(ActorTest, SnapshotAndFullReplayGiveTheSameState) {
  kit_.add("/ledger", "t.Ledger");
  tell("/ledger", "t.Add", R"({"by":2})");
  tell("/ledger", "t.Snapshot");
  tell("/ledger", "t.Add", R"({"by":5})");
  ASSERT_TRUE(kit_.stored("/ledger").snapshot);
  EXPECT_EQ(kit_.stored("/ledger").snapshot->version, 3u);
  kit_.crash();
  kit_.restart();
  EXPECT_EQ(total(), "7");
}

TEST_F(ActorTest, TheGateHoldsAnAnswerUntilTheEventIsDurable) {
  kit_.add("/ledger", "t.Ledger");
  kit_.hold_commits(true);
  kit_.send("/ledger", "t.Add", R"({"by":2})");
  const uint64_t ask = kit_.begin_ask("/ledger", "t.Sum", "{}", 5s);
  kit_.run();
  EXPECT_FALSE(kit_.take_answer(ask));
  ASSERT_TRUE(kit_.commit());
  kit_.commit();
  EXPECT_EQ(kit_.take_answer(ask).value().payload, "2");
}

TEST_F(ActorTest, AnEventThatWasNotDurableNeverWas) {
  kit_.add("/ledger", "t.Ledger");
  kit_.hold_commits(true);
  tell("/ledger", "t.Add", R"({"by":2})");
  kit_.crash();
  kit_.hold_commits(false);
  kit_.restart();
  EXPECT_EQ(total(), "0");
}

TEST_F(ActorTest, RawPayloadsAreCheckedForSize) {
  kit_.add("/ledger", "t.Ledger");
  const uint32_t value = 77;
  EXPECT_EQ(
      kit_.ask("/ledger", "t.Raw", std::string(reinterpret_cast<const char*>(&value), 4)).payload,
      "77");
  EXPECT_THAT(kit_.ask("/ledger", "t.Raw", "xx").text, HasSubstr("2 bytes, expected 4"));
}

TEST_F(ActorTest, SettingsThatCannotWorkParkTheActorWithTheKey) {
  kit_.add("/needy", "t.Needy", "{}");
  EXPECT_THAT(kit_.parked("/needy"),
              HasSubstr("create: FAIL_CONFIG: setting \"name\" is required"));
}

TEST_F(ActorTest, AChildGetsWhatIsSentInTheTurnThatSpawnsIt) {
  kit_.add("/parent", "t.Parent");
  tell("/parent", "t.Spawn");
  EXPECT_EQ(total("/parent/child"), "5");
  tell("/parent", "t.StopChild");
  EXPECT_THAT(said(), ElementsAre("child 0"));
}

TEST_F(ActorTest, ForwardKeepsTheRequester) {
  kit_.add("/parent", "t.Parent");
  tell("/parent", "t.Spawn");
  kit_.send("/parent", "t.Pass", "{}", probe_->ref);
  kit_.run();
  ASSERT_THAT(kit_.letters(), SizeIs(1));
  EXPECT_EQ(kit_.letters()[0].reason, ACTORD_DEAD_UNHANDLED);
  EXPECT_EQ(kit_.letters()[0].mail.from, probe_->ref);
}

TEST_F(ActorTest, NoticesReachTheMembersNamedForThem) {
  kit_.add("/parent", "t.Parent");
  tell("/parent", "t.Notify");
  tell("/parent", "t.AskNobody");
  kit_.touch("/watched");
  kit_.publish("a.b.c", "t.Published");
  kit_.run();
  tell("/parent", "t.Inlet");
  kit_.shutdown_soon();
  kit_.run();
  EXPECT_THAT(said(), ElementsAre("undelivered 7 1", "answered 1", "changed /watched",
                                  "t.Published", "t.Posted", "soon"));
}

TEST_F(ActorTest, AnUnknownTypeIsUnhandled) {
  kit_.add("/parent", "t.Parent");
  tell("/parent", "t.Unknown");
  ASSERT_THAT(kit_.letters(), SizeIs(1));
  EXPECT_EQ(kit_.letters()[0].reason, ACTORD_DEAD_UNHANDLED);
}

TEST_F(ActorTest, AnExtensionTheHostLacksFailsTheTurnByName) {
  kit_.withhold(ACTORD_EXT_ASK);
  kit_.add("/ledger", "t.Ledger");
  tell("/ledger", "t.Ask");
  ASSERT_THAT(kit_.letters(), SizeIs(1));
  EXPECT_THAT(kit_.letters()[0].text, HasSubstr("actord.ask/1"));
}

TEST_F(ActorTest, AnUnknownExtensionOfAKindIsNull) {
  const actord_kind ledger = Kind<Ledger>("Ledger");
  const actord_kind parent = Kind<Parent>("Parent");
  EXPECT_EQ(ledger.get_extension("actord.actor.persist/2"), nullptr);
  EXPECT_NE(ledger.get_extension(ACTORD_EXT_ACTOR_PERSIST), nullptr);
  EXPECT_EQ(parent.get_extension(ACTORD_EXT_ACTOR_PERSIST), nullptr);
}

TEST_F(ActorTest, ATimerFiresUntilTheInstanceEnds) {
  kit_.add("/ledger", "t.Ledger");
  kit_.advance(350ms);
  EXPECT_THAT(said(), ElementsAre("t.Tick", "t.Tick", "t.Tick"));
}

}  // namespace
