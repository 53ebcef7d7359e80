// io.Tail as built, under the TestKit.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "actord/json.hpp"
#include "actord/testkit.hpp"
#include "temp_dir.hpp"

namespace {

using actord::Json;
using actord::testkit::Kit, actord::testkit::Mail, actord::testkit::Probe;
using testing::ElementsAre, testing::HasSubstr, testing::IsEmpty, testing::SizeIs;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

class TailTest : public testing::Test {
 protected:
  TailTest() : log_(folder_.file("app.log")) {
    kit_.load(ACTORD_PLUGIN_OUTPUT_DIR "/io.so");
    kit_.subscribe("app.line", "/sink");
    sink_ = &kit_.probe("/sink");
  }

  void start(Json settings = Json::object()) {
    settings.update({{"path", log_}, {"topic", "app.line"}});
    kit_.add("/tail", "io.Tail", settings.dump());
    kit_.run();
  }
  void append(const std::string& text) { std::ofstream(log_, std::ios::app) << text; }
  void append_lines(int first, int last) {
    for (int i = first; i <= last; ++i) append("line " + std::to_string(i) + "\n");
  }
  void rotate() {
    for (int i = 8; i >= 1; --i) {
      if (fs::exists(log_ + "." + std::to_string(i))) {
        fs::rename(log_ + "." + std::to_string(i), log_ + "." + std::to_string(i + 1));
      }
    }
    fs::rename(log_, log_ + ".1");
    std::ofstream create(log_);
  }
  void wait(std::chrono::milliseconds time = 1s) { kit_.advance(time); }
  void crash_and_restart() {
    kit_.crash();
    sink_ = &kit_.probe("/sink");
    kit_.restart();
    kit_.run();
  }
  void ack(uint64_t seq) {
    kit_.send("/tail", "io.Ack", Json{{"seq", seq}}.dump());
    kit_.run();
  }
  void ack_all() {
    for (bool any = true; any;) {
      any = false;
      for (const auto& [seq, text] : lines()) {
        if (!acked_.insert(seq).second) continue;
        any = true;
        ack(seq);
      }
    }
  }
  std::vector<std::pair<uint64_t, std::string>> lines() const {
    std::vector<std::pair<uint64_t, std::string>> got;
    for (const Mail& mail : sink_->mail) {
      const Json json = Json::parse(mail.payload);
      got.emplace_back(json.at("seq"), json.at("line"));
    }
    return got;
  }
  std::vector<uint64_t> seqs() const {
    std::vector<uint64_t> got;
    for (const auto& [seq, text] : lines()) got.push_back(seq);
    return got;
  }
  std::vector<std::string> texts() const {
    std::vector<std::string> got;
    for (const auto& [seq, text] : lines()) got.push_back(text);
    return got;
  }
  Json status() { return Json::parse(kit_.ask("/tail", "io.TailStatus").payload); }
  std::size_t events() { return kit_.stored("/tail").events.size(); }

  TempDir folder_;
  const std::string log_;
  Kit kit_;
  Probe* sink_ = nullptr;
  std::set<uint64_t> acked_;
};

TEST_F(TailTest, PublishesEveryLineNumberedFromOne) {
  append("first\nsecond\n");
  start();
  EXPECT_THAT(lines(), ElementsAre(std::pair(1u, "first"), std::pair(2u, "second")));
  const Json json = Json::parse(sink_->mail[1].payload);
  EXPECT_EQ(json.at("offset"), 6u);
  EXPECT_EQ(json.at("path"), log_);
  EXPECT_EQ(sink_->mail[1].type, "io.Line");
  EXPECT_EQ(sink_->mail[1].key, log_.substr(0, 255));
  EXPECT_NE(sink_->mail[1].flags & ACTORD_SEND_EDGE, 0u);
}

// Numbers begin at 1 again, so the name of their source must not be the old one.
TEST_F(TailTest, AnEmptyJournalBeginsANewSourceAndARestartKeepsIt) {
  const auto source = [&] {
    return Json::parse(sink_->mail.back().payload).at("source").get<std::string>();
  };
  append("one\n");
  start();
  const std::string first = source();
  EXPECT_THAT(first, testing::MatchesRegex("/tail#[0-9a-f]{16}"));
  append("two\n");
  crash_and_restart();
  EXPECT_EQ(source(), first);
  Kit other(2);
  other.load(ACTORD_PLUGIN_OUTPUT_DIR "/io.so");
  other.subscribe("app.line", "/sink");
  Probe& sink = other.probe("/sink");
  other.add("/tail", "io.Tail", Json{{"path", log_}, {"topic", "app.line"}}.dump());
  other.run();
  EXPECT_NE(Json::parse(sink.mail.back().payload).at("source"), first);
}

TEST_F(TailTest, FollowsByHintAndByPolling) {
  append("one\n");
  start();
  append("two\n");
  kit_.touch(log_);
  kit_.run();
  EXPECT_THAT(texts(), ElementsAre("one", "two"));
  append("three\n");
  wait(250ms);
  EXPECT_THAT(texts(), ElementsAre("one", "two", "three"));
}

TEST_F(TailTest, WorksOnAHostWithoutFileHints) {
  kit_.withhold(ACTORD_EXT_FILES);
  start();
  append("one\n");
  wait(250ms);
  EXPECT_THAT(texts(), ElementsAre("one"));
}

TEST_F(TailTest, APartialLineIsNeverPublished) {
  start();
  append("half");
  wait();
  EXPECT_THAT(texts(), IsEmpty());
  append(" and half\n");
  wait();
  EXPECT_THAT(texts(), ElementsAre("half and half"));
}

TEST_F(TailTest, AMissingFileIsAwaitedAndReadFromItsStart) {
  start({{"from", "end"}});
  wait();
  append("new\n");
  wait();
  EXPECT_THAT(texts(), ElementsAre("new"));
}

TEST_F(TailTest, AFileThatAppearsWhileTheHostIsDownIsReadFromItsStart) {
  start({{"from", "end"}});
  kit_.crash();
  append("new\n");
  crash_and_restart();
  EXPECT_THAT(texts(), ElementsAre("new"));
}

TEST_F(TailTest, FromEndBeginsAfterTheLastCompleteLineAndStaysThere) {
  append("old\nha");
  start({{"from", "end"}});
  crash_and_restart();
  append("lf\nnew\n");
  wait();
  EXPECT_THAT(lines(), ElementsAre(std::pair(1u, "half"), std::pair(2u, "new")));
}

TEST_F(TailTest, BytesThatAreNoTextAreReplacedAndSaidSo) {
  append(std::string("a\0b\xff\n", 5));
  start();
  const Json json = Json::parse(sink_->mail.at(0).payload);
  EXPECT_EQ(json.at("line"),
            "a\xef\xbf\xbd"
            "b\xef\xbf\xbd");
  EXPECT_EQ(json.at("replaced"), 2u);
}

TEST_F(TailTest, ALongLineIsADeadLetterOnceAndFollowingGoesOn) {
  append("short\n" + std::string(200'000, 'x') + "\nafter\n");
  start({{"ack", true}});
  wait();
  EXPECT_THAT(lines(), ElementsAre(std::pair(1u, "short"), std::pair(3u, "after")));
  EXPECT_THAT(kit_.letters(), IsEmpty()) << "not before the position can pass it";
  ack_all();
  wait();
  ASSERT_THAT(kit_.letters(), SizeIs(1));
  EXPECT_EQ(kit_.letters()[0].reason, ACTORD_DEAD_REJECTED);
  EXPECT_THAT(kit_.letters()[0].text, HasSubstr("200000 bytes, more than max_line (65536)"));
  crash_and_restart();
  wait();
  EXPECT_THAT(kit_.letters(), SizeIs(1));
  EXPECT_EQ(status().at("rejected"), 1u);
}

TEST_F(TailTest, RotationFinishesTheOldFileThroughItsOpenDescriptor) {
  append("one\n");
  start();
  append("two\n");
  rotate();
  std::ofstream(log_ + ".1", std::ios::app) << "three, by a writer that still has it open\n";
  append("four\n");
  wait(2s);
  EXPECT_THAT(texts(),
              ElementsAre("one", "two", "three, by a writer that still has it open", "four"));
  EXPECT_THAT(seqs(), ElementsAre(1, 2, 3, 4));
}

TEST_F(TailTest, RotationWithoutANewFileYetIsAwaited) {
  append("one\n");
  start();
  fs::rename(log_, log_ + ".1");
  wait();
  append("two\n");
  wait();
  EXPECT_THAT(texts(), ElementsAre("one", "two"));
}

TEST_F(TailTest, RotationsWhileTheHostIsDownAreReadInOrder) {
  append("one\n");
  start();
  append("two\n");
  kit_.crash();
  rotate();
  append("three\n");
  rotate();
  append("four\n");
  crash_and_restart();
  wait(5s);
  EXPECT_THAT(lines(),
              ElementsAre(std::pair(2u, "two"), std::pair(3u, "three"), std::pair(4u, "four")));
}

// logrotate with `rotate 1`: the file being read is deleted, the next one is still there as .1.
TEST_F(TailTest, WhenTheFileBeingReadIsDeletedTheOldestYoungerOneComesNext) {
  append("one\n");
  start();
  append("two\n");
  for (const char* text : {"three\n", "four\n"}) {
    if (fs::exists(log_ + ".1")) fs::remove(log_ + ".1");
    fs::rename(log_, log_ + ".1");
    append(text);
  }
  wait(5s);
  EXPECT_THAT(texts(), ElementsAre("one", "two", "three", "four"));
  EXPECT_TRUE(std::any_of(kit_.logs().begin(), kit_.logs().end(), [](const auto& line) {
    return line.text.find("is no longer beside") != std::string::npos;
  }));
}

TEST_F(TailTest, WhenItIsDeletedWhileTheHostIsDownTheOldestYoungerOneComesNext) {
  std::ofstream(log_ + ".2") << "before the tail's time\n";
  fs::last_write_time(log_ + ".2", fs::file_time_type::clock::now() - 24h);
  append("one\n");
  start();
  kit_.crash();
  rotate();
  append("two\n");
  rotate();
  append("three\n");
  fs::remove(log_ + ".2");
  crash_and_restart();
  wait(5s);
  EXPECT_THAT(texts(), ElementsAre("two", "three"));
}

TEST_F(TailTest, WhatWasNotReadBeforeACopytruncateIsReadFromTheCopy) {
  append("one\n");
  start();
  kit_.crash();
  append("two\n");
  fs::copy_file(log_, log_ + ".1");
  std::ofstream(log_, std::ios::trunc) << "3\n";
  crash_and_restart();
  wait(5s);
  EXPECT_THAT(lines(), ElementsAre(std::pair(2u, "two"), std::pair(3u, "3")));
}

TEST_F(TailTest, ARotatedFileWithoutALastNewlineGivesADeadLetter) {
  append("one\nno end");
  start();
  rotate();
  append("two\n");
  wait(2s);
  EXPECT_THAT(lines(), ElementsAre(std::pair(1u, "one"), std::pair(3u, "two")));
  ASSERT_THAT(kit_.letters(), SizeIs(1));
  EXPECT_THAT(kit_.letters()[0].text, HasSubstr("has no end"));
  EXPECT_THAT(kit_.letters()[0].mail.payload, HasSubstr("no end"));
}

TEST_F(TailTest, ATruncatedFileIsReadFromItsStart) {
  append("one\ntwo\n");
  start();
  std::ofstream(log_, std::ios::trunc) << "3\n";
  wait();
  EXPECT_THAT(lines(), ElementsAre(std::pair(1u, "one"), std::pair(2u, "two"), std::pair(3u, "3")));
}

TEST_F(TailTest, ATruncatedFileThatGrewPastTheOldSizeIsNoticed) {
  append("one\ntwo\n");
  start();
  std::ofstream(log_, std::ios::trunc) << "something else\nand more\n";
  wait();
  EXPECT_THAT(texts(), ElementsAre("one", "two", "something else", "and more"));
}

TEST_F(TailTest, NothingIsReadFromANewPlaceUntilTheOldOneIsSettled) {
  append_lines(1, 3);
  start({{"ack", true}});
  std::ofstream(log_, std::ios::trunc) << "new\n";
  wait();
  EXPECT_THAT(texts(), ElementsAre("line 1", "line 2", "line 3"));
  ack_all();
  wait();
  EXPECT_THAT(lines().back(), testing::Pair(4u, "new"));
}

TEST_F(TailTest, ACrashInAPlaceChangeGivesNoLineOfTheNewPlaceTwoNumbers) {
  append_lines(1, 3);
  start({{"ack", true}});
  std::ofstream(log_, std::ios::trunc) << "new\n";
  wait();
  auto published = lines();
  crash_and_restart();
  wait();
  for (const auto& line : lines()) published.push_back(line);
  const auto copies = std::count_if(published.begin(), published.end(),
                                    [](const auto& line) { return line.second == "new"; });
  EXPECT_EQ(copies, 1);
}

TEST_F(TailTest, AFileRewrittenWhileTheHostIsDownGetsNumbersNobodyUsed) {
  append_lines(1, 20);
  start({{"ack", true}, {"window", 8}});
  for (int i = 1; i <= 4; ++i) ack(static_cast<uint64_t>(i));
  wait();
  const uint64_t highest = seqs().back();
  kit_.crash();
  std::ofstream(log_, std::ios::trunc)
      << "something else entirely, and longer than all that was there before: "
      << std::string(300, 'x') << "\n";
  crash_and_restart();
  wait();
  ASSERT_THAT(lines(), SizeIs(1));
  EXPECT_GT(seqs().front(), highest);
}

TEST_F(TailTest, WithoutAckThePositionCommitsWithTheLines) {
  append_lines(1, 3);
  kit_.hold_commits(true);
  start();
  while (kit_.commit()) kit_.run();
  kit_.run();
  EXPECT_THAT(seqs(), ElementsAre(1, 2, 3));
  append_lines(4, 5);
  wait();
  EXPECT_THAT(seqs(), ElementsAre(1, 2, 3)) << "the lines wait for their position";
  kit_.crash();
  kit_.hold_commits(false);
  crash_and_restart();
  EXPECT_THAT(seqs(), ElementsAre(4, 5));
}

TEST_F(TailTest, WithAckNoMoreThanTheWindowIsInFlight) {
  append_lines(1, 50);
  start({{"ack", true}, {"window", 10}});
  EXPECT_THAT(seqs(), SizeIs(10));
  for (uint64_t seq = 1; seq <= 4; ++seq) ack(seq);
  wait(250ms);
  EXPECT_EQ(seqs().back(), 14u);
  ack_all();
  wait();
  ack_all();
  EXPECT_EQ(seqs().size(), 50u);
  wait();
  EXPECT_EQ(status().at("journaled"), 50u);
}

TEST_F(TailTest, AcknowledgementsAreJournaledInSteps) {
  append_lines(1, 400);
  start({{"ack", true}, {"window", 100}});
  for (int i = 0; i < 10; ++i) ack_all();
  wait();
  EXPECT_EQ(status().at("journaled"), 400u);
  EXPECT_LT(events(), 30u);
}

TEST_F(TailTest, AfterACrashTheSameBytesGetTheSameNumbers) {
  append_lines(1, 30);
  start({{"ack", true}, {"window", 16}});
  for (const uint64_t seq : {1u, 2u, 3u, 4u, 7u, 9u}) ack(seq);
  wait(250ms);
  crash_and_restart();
  const auto after = lines();
  ASSERT_FALSE(after.empty());
  EXPECT_EQ(after.front().first, 5u) << "from the first line that may not have been handled";
  for (const auto& [seq, text] : after) EXPECT_EQ(text, "line " + std::to_string(seq));
}

TEST_F(TailTest, AnUnacknowledgedLineIsPublishedAgainInOrder) {
  append_lines(1, 4);
  start({{"ack", true}, {"retry", 1000}});
  ack(2);
  sink_->mail.clear();
  wait(1'500ms);
  EXPECT_THAT(seqs(), ElementsAre(1, 3, 4));
}

TEST_F(TailTest, AConsumerThatIsSlowButAliveIsNotHurried) {
  append_lines(1, 100);
  start({{"ack", true}, {"retry", 1000}});
  for (uint64_t seq = 1; seq <= 6; ++seq) {
    wait(500ms);
    ack(seq);
  }
  EXPECT_THAT(seqs(), SizeIs(100));
}

TEST_F(TailTest, ALineNobodyAcknowledgesIsGivenUpAndPassed) {
  append_lines(1, 2);
  start({{"ack", true}, {"retry", 1000}, {"max_attempts", 2}});
  ack(2);
  wait(10s);
  ASSERT_THAT(kit_.letters(), SizeIs(1));
  EXPECT_THAT(kit_.letters()[0].text, HasSubstr("line 1 of"));
  EXPECT_THAT(kit_.letters()[0].text, HasSubstr("published 2 times and never acknowledged"));
  EXPECT_EQ(status().at("journaled"), 2u);
  EXPECT_EQ(status().at("given_up"), 1u);
  crash_and_restart();
  wait(10s);
  EXPECT_THAT(kit_.letters(), SizeIs(1));
  EXPECT_THAT(seqs(), IsEmpty());
}

TEST_F(TailTest, ALineThatBecameADeadLetterCountsAsSettled) {
  append_lines(1, 3);
  start({{"ack", true}});
  // Nobody subscribes any more: what is published from here on is a dead letter at once.
  kit_.crash();
  kit_.restart();
  kit_.run();
  wait();
  EXPECT_THAT(kit_.letters(), SizeIs(3));
  EXPECT_EQ(kit_.letters()[0].reason, ACTORD_DEAD_NO_SUBSCRIBER);
  EXPECT_EQ(status().at("journaled"), 3u);
}

TEST_F(TailTest, BeforeShutdownNothingNewIsReadAndAcksStillCount) {
  append_lines(1, 2);
  start({{"ack", true}});
  kit_.shutdown_soon();
  append_lines(3, 4);
  wait();
  EXPECT_THAT(seqs(), ElementsAre(1, 2));
  ack(1);
  EXPECT_EQ(status().at("journaled"), 1u);
}

TEST_F(TailTest, AFoolishAckIsADeadLetterAndNoFailure) {
  append_lines(1, 1);
  start({{"ack", true}});
  for (const char* payload : {"", "nonsense", "[]", "{}", R"({"seq":-1})", R"({"seqs":"x"})"}) {
    kit_.send("/tail", "io.Ack", payload);
  }
  ack(999);
  EXPECT_THAT(kit_.letters(), SizeIs(6));
  EXPECT_EQ(kit_.restarts("/tail"), 0u);
}

TEST_F(TailTest, ASnapshotHoldsThePosition) {
  kit_.snapshot_every(2);
  append_lines(1, 5);
  start();
  append_lines(6, 7);
  wait();
  append_lines(8, 9);
  wait();
  ASSERT_TRUE(kit_.stored("/tail").snapshot);
  crash_and_restart();
  append_lines(10, 10);
  wait();
  EXPECT_THAT(seqs(), ElementsAre(10));
}

TEST_F(TailTest, AGarbledSnapshotParksTheTailInsteadOfStartingOver) {
  append_lines(1, 1);
  start();
  for (const char* body : {"", "nonsense", "{}", "[1]", R"({"dev":"x"})"}) {
    kit_.store()["/tail"].snapshot = {1, 1, body};
    crash_and_restart();
    EXPECT_THAT(kit_.parked("/tail"), HasSubstr("snapshot_load: ")) << body;
  }
  kit_.store()["/tail"].snapshot = {1, 99, "{}"};
  crash_and_restart();
  EXPECT_THAT(kit_.parked("/tail"), HasSubstr("FAIL_STATE"));
}

TEST_F(TailTest, AnEventOfAnotherVersionParksTheTail) {
  append_lines(1, 1);
  start();
  kit_.store()["/tail"].events.back().version = 2;
  crash_and_restart();
  EXPECT_THAT(kit_.parked("/tail"), HasSubstr("apply_event: FAIL_STATE"));
}

}  // namespace
