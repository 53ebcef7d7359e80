// The end of a message that will not be handled: a line, a row, an answer, a message on the topic.
#include "runtime/dead_letters.hpp"

#include <nlohmann/json.hpp>

#include "support/runtime_fixture.hpp"

namespace actord::host {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class DeadLettersTest : public RuntimeFixture {
 protected:
  DeadLettersTest() {
    declare("/a");
    settle();
    factory.forget();
  }
  // The lines that are written meanwhile, as JSON.
  std::vector<nlohmann::json> lines(const std::function<void()>& work) {
    ::testing::internal::CaptureStderr();
    log::configure(log::Level::kWarn, log::Format::kJson);
    work();
    log::set_level(log::Level::kOff);
    std::istringstream text(::testing::internal::GetCapturedStderr());
    std::vector<nlohmann::json> found;
    for (std::string line; std::getline(text, line);) found.push_back(nlohmann::json::parse(line));
    return found;
  }
};

TEST_F(DeadLettersTest, EachIsOneLineWithAllThatIsKnown) {
  const auto written = lines([&] { send("/nobody", "Order", "{\"n\":1}"); });
  ASSERT_THAT(written, SizeIs(1));
  const auto& line = written[0];
  EXPECT_EQ(line["event"], "dead_letter");
  EXPECT_EQ(line["level"], "warn");
  EXPECT_EQ(line["reason"], "no_such_actor");
  EXPECT_EQ(line["to"], "/nobody");
  EXPECT_EQ(line["type"], "Order");
  EXPECT_EQ(line["attempts"], 1);
  EXPECT_EQ(line["size"], 7);
  EXPECT_EQ(line["payload"], "{\"n\":1}");
  EXPECT_NE(line["message_id"], 0);
  EXPECT_EQ(line["correlation"].get<std::string>().size(), 36u);
}

TEST_F(DeadLettersTest, AFloodWritesTheFirstFewThenACountedSummary) {
  const auto written = lines([&] {
    for (int i = 0; i < 1'000; ++i) send("/nobody", "Flood");
    send("/nobody", "Other");
    clock.advance_ms(limits::kDeadLetterLogIntervalMs);
    runtime->dead_letters().summarise(clock.now_ms(), false);  // the engine's clock calls it
    send("/nobody", "Flood");
  });
  ASSERT_THAT(written, SizeIs(limits::kDeadLetterLogBurst + 3));
  const auto& summary = written[limits::kDeadLetterLogBurst + 1];
  EXPECT_EQ(summary["event"], "dead_letter.summary");
  EXPECT_EQ(summary["hidden"], 1'000 - limits::kDeadLetterLogBurst);
  EXPECT_EQ(summary["type"], "Flood");
  EXPECT_EQ(dead(DeadReason::kNoSuchActor), 1'002u);
  EXPECT_THAT(letters(), SizeIs(100)) << "all are stored; a query shows the newest";
}

TEST_F(DeadLettersTest, AtTheEndWhatWasHiddenIsSaidTrap53) {
  const auto written = lines([&] {
    for (int i = 0; i < 20; ++i) send("/nobody", "Flood");
    runtime->dead_letters().summarise(clock.now_ms(), true);
  });
  ASSERT_THAT(written, SizeIs(limits::kDeadLetterLogBurst + 1));
  EXPECT_EQ(written.back()["hidden"], 10);
}

TEST_F(DeadLettersTest, ALongPayloadIsCutInTheLineAndBinaryStaysALine) {
  const auto written = lines([&] {
    send("/nobody", "Long", std::string(10'000, 'x'));
    send("/nobody", "Binary", std::string("\x00\xff\n\x1b[0m", 7));
  });
  ASSERT_THAT(written, SizeIs(2));
  EXPECT_EQ(written[0]["payload"].get<std::string>().size(),
            limits::kDeadLetterLogPayloadBytes + 3);
  EXPECT_EQ(written[0]["size"], 10'000);
}

TEST_F(DeadLettersTest, TheRowHoldsWhatReplayNeeds) {
  in("/a", [](Act& act) {
    SendRequest request = to("/nobody", "Order", "body");
    request.content_type = "application/json";
    (void)act.turn.send(request);
  });
  const auto stored = letters();
  ASSERT_THAT(stored, SizeIs(1));
  EXPECT_EQ(stored[0].from, "/a");
  EXPECT_EQ(stored[0].to, "/nobody");
  EXPECT_EQ(stored[0].content_type, "application/json");
  EXPECT_EQ(stored[0].payload.view(), "body");
  EXPECT_NE(stored[0].causation_id, 0u);
  EXPECT_GT(stored[0].unix_ms, 0);
}

TEST_F(DeadLettersTest, TheTopicTellsWhoeverListens) {
  Lines reports;
  factory.kinds["monitor"].receive = [&](Act& act) {
    const auto body = nlohmann::json::parse(act.message->payload.view());
    reports.push_back(body["reason"].get<std::string>() + " " + body["to"].get<std::string>());
    return Outcome{};
  };
  declare("/m", "monitor");
  settle();
  in("/m", [](Act& act) { (void)act.turn.subscribe("actord.dead_letter"); });
  send("/nobody", "M");
  settle();
  EXPECT_THAT(reports, ElementsAre("no_such_actor /nobody"));
}

TEST_F(DeadLettersTest, DeadLettersOfTheTopicBreedNoMore) {
  ActorOptions tight = steady();
  tight.mailbox.capacity = 1;
  factory.kinds["monitor"].receive = [](Act&) { return Outcome{ACTORD_UNHANDLED, {}}; };
  declare("/m", "monitor", tight);
  settle();
  in("/m", [](Act& act) { (void)act.turn.subscribe("actord.*"); });
  for (int i = 0; i < 5; ++i) send("/nobody", "M");
  settle();
  EXPECT_EQ(dead(DeadReason::kNoSuchActor), 5u);
  EXPECT_EQ(dead(DeadReason::kMailboxFull), 4u);
  EXPECT_EQ(dead(DeadReason::kUnhandled), 1u);
}

TEST_F(DeadLettersTest, EveryReasonHasItsName) {
  for (int i = 1; i < kDeadReasonCount; ++i) {
    const auto reason = static_cast<DeadReason>(i);
    EXPECT_EQ(parse_dead_reason(dead_reason_name(reason)), reason);
  }
  EXPECT_FALSE(parse_dead_reason(""));
  EXPECT_FALSE(parse_dead_reason("nonsense"));
}

}  // namespace
}  // namespace actord::host
