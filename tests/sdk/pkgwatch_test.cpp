// pkgwatch as built, fed by io.Tail as built, under the TestKit: from lines in a file to a summary.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "actord/json.hpp"
#include "actord/testkit.hpp"
#include "pkgwatch/record.hpp"
#include "temp_dir.hpp"

namespace {

using actord::Json;
using actord::testkit::DeadLetter, actord::testkit::Kit, actord::testkit::Mail,
    actord::testkit::Probe;
using testing::Contains, testing::ElementsAre, testing::Field, testing::HasSubstr, testing::IsEmpty,
    testing::Not, testing::SizeIs;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

// ---- a line taken apart ----

TEST(ParseRecord, KnowsEveryFormOfTheLog) {
  using pkgwatch::Action;
  const auto status =
      pkgwatch::parse_record("2025-06-24 14:36:25 status half-configured libc6:amd64 2.36-9")
          .value();
  EXPECT_EQ(status.action, Action::kStatus);
  EXPECT_EQ(status.state, "half-configured");
  EXPECT_EQ(status.package, "libc6:amd64");
  EXPECT_EQ(status.version, "2.36-9");
  EXPECT_EQ(status.time, "2025-06-24 14:36:25");
  for (const char* action :
       {"install", "upgrade", "configure", "trigproc", "disappear", "remove", "purge"}) {
    const auto record =
        pkgwatch::parse_record("2025-06-24 14:36:25 " + std::string(action) + " a:all <none> 1.0")
            .value();
    EXPECT_EQ(pkgwatch::name_of(record.action), action);
    EXPECT_EQ(record.package, "a:all");
    EXPECT_EQ(record.available, "1.0");
  }
  EXPECT_EQ(pkgwatch::parse_record("2025-06-24 14:36:25 startup archives unpack").value().subject,
            "archives unpack");
  EXPECT_EQ(pkgwatch::parse_record("2025-06-24 14:36:25 conffile /etc/a file keep").value().subject,
            "/etc/a file keep");
}

TEST(ParseRecord, SaysWhyALineIsNone) {
  const auto why = [](std::string_view line) {
    const auto record = pkgwatch::parse_record(line);
    return record ? "a record" : record.error().text;
  };
  EXPECT_THAT(why(""), HasSubstr("does not begin with a date"));
  EXPECT_THAT(why("hello"), HasSubstr("does not begin with a date"));
  EXPECT_THAT(why("2025-06-24 14:36 status installed a:all 1"),
              HasSubstr("does not begin with a date"));
  EXPECT_THAT(why("2025-06-24 14:36:25 explode a:all 1"), HasSubstr("\"explode\" is no action"));
  EXPECT_THAT(why("2025-06-24 14:36:25 unparsed a:all 1"), HasSubstr("\"unparsed\" is no action"));
  EXPECT_THAT(why("2025-06-24 14:36:25 status sleepy a:all 1"),
              HasSubstr("\"sleepy\" is no package state"));
  EXPECT_THAT(why("2025-06-24 14:36:25 install a:all 1"), HasSubstr("install wants"));
  EXPECT_THAT(why("2025-06-24 14:36:25 install  a:all 1"), HasSubstr("empty field"));
  EXPECT_THAT(why("2025-06-24 14:36:25 startup engines warp"), HasSubstr("startup wants"));
  EXPECT_THAT(why("2025-06-24 14:36:25 conffile /etc/a maybe"), HasSubstr("conffile wants"));
}

// ---- the pipeline ----

class PkgwatchTest : public testing::Test {
 protected:
  PkgwatchTest() : log_(folder_.file("dpkg.log")) {}

  void make(uint64_t seed, Json tail = Json::object(), int workers = 4) {
    kit_ = std::make_unique<Kit>(seed);
    kit_->load(ACTORD_PLUGIN_OUTPUT_DIR "/io.so");
    kit_->load(ACTORD_PLUGIN_OUTPUT_DIR "/pkgwatch.so");
    kit_->subscribe("dpkg.line", "/packages/parser");
    kit_->add("/packages/router", "pkgwatch.Router", Json{{"workers", workers}}.dump());
    kit_->add("/packages/parser", "pkgwatch.Parser", R"({"router":"/packages/router"})");
    kit_->add("/stats", "pkgwatch.Stats", R"({"router":"/packages/router"})");
    tail.update({{"path", log_}, {"topic", "dpkg.line"}, {"ack", true}});
    kit_->add("/log/tail", "io.Tail", tail.dump());
  }
  void append(const std::string& text) { std::ofstream(log_, std::ios::app) << text; }
  Json ask(const std::string& type, const std::string& payload = "{}") {
    const Mail answer = kit_->ask("/stats", type, payload);
    EXPECT_EQ(answer.kind, ACTORD_MSG_REPLY) << answer.text;
    return answer.kind == ACTORD_MSG_REPLY ? Json::parse(answer.payload) : Json();
  }
  std::string worker_id(int worker, int workers = 4) {
    return "/packages/router/" + std::to_string(workers) + "/w" + std::to_string(worker);
  }

  TempDir folder_;
  const std::string log_;
  std::unique_ptr<Kit> kit_;
};

// What awk would count, written another way than the plugin does it.
Json recount(const std::string& log) {
  Json sum{{"lines", 0}, {"unparsed", 0}};
  for (const char* action : {"startup", "status", "install", "upgrade", "configure", "trigproc",
                             "disappear", "remove", "purge", "conffile"}) {
    sum[action] = 0;
  }
  std::map<std::string, std::string> last_status;
  std::istringstream lines(log);
  for (std::string line; std::getline(lines, line);) {
    sum["lines"] = sum["lines"].get<int>() + 1;
    std::istringstream words(line);
    std::vector<std::string> word{std::istream_iterator<std::string>(words), {}};
    const bool dated =
        word.size() > 4 && word[0].size() == 10 && word[0][4] == '-' && word[1].size() == 8;
    const std::string action = dated && sum.contains(word[2]) ? word[2] : "unparsed";
    sum[action] = sum[action].get<int>() + 1;
    if (action == "unparsed" || action == "startup" || action == "conffile") continue;
    const bool status = action == "status";
    std::string& state = last_status[word[status ? 4 : 3]];
    if (status) state = word[3];
  }
  sum["packages"] = last_status.size();
  sum["installed_now"] =
      std::count_if(last_status.begin(), last_status.end(),
                    [](const auto& package) { return package.second == "installed"; });
  return sum;
}

std::string random_line(Kit& kit, int number) {
  const auto pick = [&](std::initializer_list<const char*> words) {
    return std::string(*(words.begin() + kit.random() % words.size()));
  };
  const std::string date = "2025-06-24 14:36:" + std::to_string(10 + number % 50) + " ";
  const std::string package =
      "pkg" + std::to_string(kit.random() % 60) + pick({":amd64", ":all", ":i386"});
  switch (kit.random() % 12) {
    case 0: return date + "startup " + pick({"archives unpack", "packages configure"});
    case 1: return pick({"garbage ", "2025-06-24 14:36:25 explode "}) + std::to_string(number);
    case 2: return date + "conffile /etc/a b " + pick({"keep", "install"});
    case 3:
    case 4:
    case 5:
      return date +
             pick({"install", "upgrade", "configure", "trigproc", "remove", "purge", "disappear"}) +
             " " + package + " 1.0 " + std::to_string(number);
    default:
      return date + "status " +
             pick({"installed", "installed", "unpacked", "config-files", "not-installed"}) + " " +
             package + " 1." + std::to_string(number);
  }
}

TEST_F(PkgwatchTest, EveryLineCountsOnce) {
  append(
      "2025-06-24 14:36:25 startup archives unpack\n"
      "2025-06-24 14:36:25 install a:amd64 <none> 1.0\n"
      "2025-06-24 14:36:25 status unpacked a:amd64 1.0\n"
      "2025-06-24 14:36:26 status installed a:amd64 1.0\n"
      "2025-06-24 14:36:27 status installed b:all 2.0\n"
      "2025-06-24 14:36:28 remove b:all 2.0 <none>\n"
      "2025-06-24 14:36:28 status config-files b:all 2.0\n"
      "no record\n");
  make(1);
  kit_->advance(1s);
  const Json summary = ask("pkgwatch.Summary");
  EXPECT_EQ(summary.at("lines"), 8);
  EXPECT_EQ(summary.at("install"), 1);
  EXPECT_EQ(summary.at("remove"), 1);
  EXPECT_EQ(summary.at("status"), 4);
  EXPECT_EQ(summary.at("startup"), 1);
  EXPECT_EQ(summary.at("unparsed"), 1);
  EXPECT_EQ(summary.at("packages"), 2);
  EXPECT_EQ(summary.at("installed_now"), 1);
  EXPECT_EQ(summary.at("workers"), 4);
}

TEST_F(PkgwatchTest, APackageCanBeAskedFor) {
  append(
      "2025-06-24 14:36:25 install a:amd64 <none> 1.0\n"
      "2025-06-24 14:36:26 status installed a:amd64 1.0\n"
      "2025-06-24 14:36:26 status installed a:i386 1.1\n"
      "2025-06-24 14:36:27 status installed ab:all 2.0\n");
  make(1);
  kit_->advance(1s);
  const Json a = ask("pkgwatch.Package", R"({"name":"a"})");
  EXPECT_EQ(a.at("found"), true);
  EXPECT_THAT(a.at("packages"), SizeIs(2));
  EXPECT_EQ(a.at("packages").at("a:amd64").at("version"), "1.0");
  EXPECT_EQ(a.at("packages").at("a:amd64").at("last_action"), "install");
  EXPECT_EQ(a.at("packages").at("a:amd64").at("last_time"), "2025-06-24 14:36:26");
  EXPECT_THAT(ask("pkgwatch.Package", R"({"name":"a:i386"})").at("packages"), SizeIs(1));
  EXPECT_EQ(ask("pkgwatch.Package", R"({"name":"zzz"})").at("found"), false);
  EXPECT_EQ(kit_->ask("/stats", "pkgwatch.Package", "{}").kind, ACTORD_MSG_ASK_FAILED);
}

TEST_F(PkgwatchTest, ALineThatIsNoRecordIsADeadLetterOnceWhateverCrashes) {
  append("garbage\n");
  make(1);
  kit_->advance(1s);
  ASSERT_THAT(kit_->letters(), SizeIs(1));
  EXPECT_EQ(kit_->letters()[0].reason, ACTORD_DEAD_REJECTED);
  EXPECT_THAT(kit_->letters()[0].text,
              HasSubstr("no record of dpkg's log: it does not begin with a date"));
  EXPECT_THAT(kit_->letters()[0].mail.payload, HasSubstr("garbage"));
  kit_->crash();
  kit_->restart();
  kit_->advance(10s);
  EXPECT_THAT(kit_->letters(), SizeIs(1));
}

TEST_F(PkgwatchTest, ALineThatComesTwiceChangesNothingAndIsAcknowledgedAgain) {
  make(1);
  Probe& tail = kit_->probe("/probe");
  const Json line{{"path", "/x"}, {"line", "2025-06-24 14:36:25 status installed a:all 1"},
                  {"seq", 1},     {"settled", 0},
                  {"ack", true},  {"source", "/probe"}};
  for (int i = 0; i < 3; ++i) kit_->send("/packages/parser", "io.Line", line.dump(), tail.ref);
  kit_->run();
  EXPECT_THAT(tail.mail, SizeIs(3));
  for (const Mail& mail : tail.mail) EXPECT_EQ(mail.payload, R"({"seq":1})");
  EXPECT_EQ(ask("pkgwatch.Summary").at("lines"), 1);
}

TEST_F(PkgwatchTest, ALineThatComesLateAfterALaterOneStillCounts) {
  make(1, Json::object(), 1);
  const auto send = [&](int seq, int settled) {
    const Json line{{"path", "/x"},
                    {"line", "2025-06-24 14:36:25 status installed a:all 1"},
                    {"seq", seq},
                    {"settled", settled},
                    {"source", "/probe"}};
    kit_->send("/packages/parser", "io.Line", line.dump());
    kit_->run();
  };
  send(2, 0);
  send(1, 0);
  send(2, 0);
  EXPECT_EQ(ask("pkgwatch.Summary").at("lines"), 2);
  send(5, 4);
  send(4, 3);  // settled: its source does not want it any more
  EXPECT_EQ(ask("pkgwatch.Summary").at("lines"), 3);
}

TEST_F(PkgwatchTest, AFloorThatIsNotBelowItsLineIsADeadLetterAndHidesNothing) {
  make(1, Json::object(), 1);
  const auto send = [&](const char* to, const char* type, uint64_t seq, uint64_t settled) {
    const Json line{{"path", "/x"},       {"line", "2025-06-24 14:36:25 status installed a:all 1"},
                    {"seq", seq},         {"settled", settled},
                    {"source", "/probe"}, {"ack", false},
                    {"action", "install"}};
    kit_->send(to, type, line.dump());
    kit_->run();
  };
  send("/packages/parser", "io.Line", 1, uint64_t{1} << 63);
  send("/packages/router", "pkgwatch.Record", 1, 1);
  ASSERT_THAT(kit_->letters(), SizeIs(2));
  EXPECT_THAT(kit_->letters()[0].text,
              HasSubstr("settled (9223372036854775808) has to be below seq (1)"));
  send("/packages/parser", "io.Line", 1, 0);
  send("/packages/parser", "io.Line", 2, 1);
  EXPECT_EQ(ask("pkgwatch.Summary").at("lines"), 2);
}

TEST_F(PkgwatchTest, ALineThatComesLateDoesNotUndoWhatALaterOneSaid) {
  make(1, Json::object(), 1);
  const auto send = [&](int seq, const std::string& what) {
    const Json line{{"path", "/x"},
                    {"line", "2025-06-24 14:36:2" + std::to_string(seq) + " " + what},
                    {"seq", seq},
                    {"settled", 0},
                    {"source", "/probe"}};
    kit_->send("/packages/parser", "io.Line", line.dump());
    kit_->run();
  };
  send(4, "status installed a:all 2");
  send(2, "status half-installed a:all 1");
  send(3, "configure a:all 2 <none>");
  send(1, "install a:all <none> 2");
  kit_->crash();
  kit_->restart();
  kit_->run();
  EXPECT_EQ(ask("pkgwatch.Summary").at("lines"), 4);
  EXPECT_EQ(ask("pkgwatch.Summary").at("installed_now"), 1);
  const Json state = ask("pkgwatch.Package", R"({"name":"a"})").at("packages").at("a:all");
  EXPECT_EQ(state.at("version"), "2");
  EXPECT_EQ(state.at("last_action"), "configure");
  EXPECT_EQ(state.at("last_time"), "2025-06-24 14:36:24");
  EXPECT_EQ(state.at("records"), 4);
}

TEST_F(PkgwatchTest, TwoTailsDoNotShadowEachOther) {
  make(1);
  for (const char* source : {"/a", "/b"}) {
    const Json line{{"path", "/x"},
                    {"line", "2025-06-24 14:36:25 status installed a:all 1"},
                    {"seq", 1},
                    {"source", source}};
    kit_->send("/packages/parser", "io.Line", line.dump());
  }
  kit_->run();
  EXPECT_EQ(ask("pkgwatch.Summary").at("lines"), 2);
}

TEST_F(PkgwatchTest, TheAckWaitsForTheEvent) {
  make(1);
  Probe& tail = kit_->probe("/probe");
  kit_->run();
  kit_->hold_commits(true);
  const Json line{{"path", "/x"},
                  {"line", "2025-06-24 14:36:25 status installed a:all 1"},
                  {"seq", 1},
                  {"ack", true}};
  kit_->send("/packages/parser", "io.Line", line.dump(), tail.ref);
  kit_->run();
  EXPECT_THAT(tail.mail, IsEmpty());
  while (kit_->commit()) {}
  EXPECT_THAT(tail.mail, SizeIs(1));
}

TEST_F(PkgwatchTest, SummaryFailsWithWordsWhenAWorkerDoesNotAnswer) {
  make(1);
  kit_->lose = [](const Mail& mail) {
    return mail.type == "pkgwatch.Counts" && mail.kind == ACTORD_MSG_USER &&
           mail.to_path == "/packages/router/w2";
  };
  const Mail answer = kit_->ask("/stats", "pkgwatch.Summary");
  EXPECT_EQ(answer.type, "pkgwatch.Unavailable");
  EXPECT_THAT(answer.payload, HasSubstr("worker w2 did not answer"));
  kit_->lose = nullptr;
  EXPECT_EQ(ask("pkgwatch.Summary").at("lines"), 0);
}

TEST_F(PkgwatchTest, AQuestionIsAnsweredByAGatheringThatBeganAfterIt) {
  make(1);
  kit_->run();
  const uint64_t first = kit_->begin_ask("/packages/router", "pkgwatch.Summary", "{}", 5s);
  ASSERT_TRUE(kit_->step());  // the first gathering is under way
  append("2025-06-24 14:36:25 status installed a:all 1\n");
  kit_->advance(250ms);
  const uint64_t second = kit_->begin_ask("/packages/router", "pkgwatch.Summary", "{}", 5s);
  kit_->run();
  ASSERT_TRUE(kit_->take_answer(first));
  EXPECT_EQ(Json::parse(kit_->take_answer(second).value().payload).at("lines"), 1);
}

TEST_F(PkgwatchTest, AWorkerThatEndsIsStartedAgainAndItsLinesWait) {
  append("2025-06-24 14:36:25 status installed a:all 1\n");
  make(1, Json::object(), 1);
  kit_->advance(500ms);
  kit_->stop("/packages/router/w0");
  append("2025-06-24 14:36:26 status installed b:all 1\n");
  kit_->advance(500ms);
  const auto told =
      Contains(Field(&actord::testkit::LogLine::text, "worker w0 has ended; it is started again"));
  EXPECT_THAT(kit_->logs(), Not(told)) << "the router may be ending, too";
  kit_->advance(2s);
  EXPECT_THAT(kit_->logs(), told);
  EXPECT_EQ(ask("pkgwatch.Summary").at("lines"), 2);
  EXPECT_THAT(kit_->letters(), IsEmpty());
}

TEST_F(PkgwatchTest, WorkersAreIdentifiedByTheSizeOfThePool) {
  append("2025-06-24 14:36:25 status installed a:all 1\n");
  make(1, Json::object(), 2);
  kit_->advance(1s);
  EXPECT_THAT(
      kit_->stored(worker_id(0, 2)).events.size() + kit_->stored(worker_id(1, 2)).events.size(),
      1u);
}

// The main claim: whatever crashes, and whenever, the summary is what a recount of the file says, and
// each line that is no record is one dead letter.
class PkgwatchCrash : public PkgwatchTest, public testing::WithParamInterface<uint64_t> {};

TEST_P(PkgwatchCrash, SummaryEqualsARecount) {
  const uint64_t seed = GetParam();
  RecordProperty("seed", std::to_string(seed));
  SCOPED_TRACE("seed " + std::to_string(seed));
  make(seed, {{"window", 8 + static_cast<int>(seed % 60)}, {"retry", 5'000}},
       1 + static_cast<int>(seed % 5));
  Kit& kit = *kit_;
  kit.shuffle(true);
  kit.hold_commits(true);
  kit.snapshot_every(seed % 2 == 0 ? 0 : 20);
  std::string all;
  int number = 0, rotations = 0;

  for (int round = 0; round < 250; ++round) {
    for (uint64_t i = kit.random() % 8; i > 0; --i) {
      const std::string line = random_line(kit, number++) + "\n";
      const std::size_t cut = kit.random() % 4 == 0 ? kit.random() % line.size() : 0;
      append(line.substr(0, cut));
      for (uint64_t steps = cut == 0 ? 0 : kit.random() % 20; steps > 0 && kit.step(); --steps) {}
      append(line.substr(cut));
      all += line;
    }
    for (uint64_t steps = kit.random() % 60; steps > 0 && kit.step(); --steps) {}
    for (uint64_t commits = kit.random() % 30; commits > 0 && kit.commit(); --commits) {}
    if (kit.random() % 3 == 0) kit.advance(std::chrono::milliseconds(kit.random() % 400));
    // A file that is rotated away before the tail ever committed its place was never seen by it.
    const auto& events = kit.stored("/log/tail").events;
    const bool begun = !events.empty() && Json::parse(events.back().body).at("ino") != 0;
    if (kit.random() % 40 == 0 && rotations < 6 && begun && fs::exists(log_)) {
      for (int i = rotations; i >= 1; --i)
        fs::rename(log_ + "." + std::to_string(i), log_ + "." + std::to_string(i + 1));
      fs::rename(log_, log_ + ".1");
      ++rotations;
    }
    if (kit.random() % 12 == 0) {
      kit.crash();
      kit.restart();
    }
  }
  kit.hold_commits(false);
  kit.advance(120s);

  Json summary = ask("pkgwatch.Summary");
  summary.erase("workers");
  const Json expected = recount(all);
  EXPECT_EQ(summary, expected);
  EXPECT_EQ(Json::parse(kit.ask("/log/tail", "io.TailStatus").payload).at("journaled"),
            expected.at("lines"));
  EXPECT_EQ(kit.letters().size(), expected.at("unparsed").get<std::size_t>());
  std::set<std::string> distinct;
  for (const DeadLetter& letter : kit.letters())
    distinct.insert(letter.mail.payload.substr(letter.mail.payload.find("\"line\"")));
  EXPECT_EQ(distinct.size(), kit.letters().size());
}

INSTANTIATE_TEST_SUITE_P(Seeds, PkgwatchCrash, testing::Range<uint64_t>(1, 17));

TEST_F(PkgwatchTest, TheMachinesOwnLogCountsLikeARecount) {
  const std::string real = "/var/log/dpkg.log";
  if (!fs::exists(real)) GTEST_SKIP() << "no " << real << " here";
  fs::copy_file(real, log_);
  std::ifstream in(real, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  text.resize(text.rfind('\n') + 1);
  make(1);
  kit_->advance(5s);
  Json summary = ask("pkgwatch.Summary");
  summary.erase("workers");
  EXPECT_EQ(summary, recount(text));
}

}  // namespace
