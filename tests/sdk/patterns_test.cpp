// The plugin std under the TestKit: routers, pools and breakers in front of small actors.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "actord/actord.hpp"
#include "actord/json.hpp"
#include "actord/routing.hpp"
#include "actord/testkit.hpp"

namespace {

using namespace std::chrono_literals;
using actord::Context, actord::Json, actord::Kind, actord::Message, actord::Outcome,
    actord::Routees, actord::Ref, actord::Setup, actord::Strategy;
using actord::testkit::Kit, actord::testkit::Mail, actord::testkit::Probe;
using testing::ElementsAre, testing::HasSubstr, testing::IsEmpty, testing::SizeIs,
    testing::UnorderedElementsAre;

// Answers a job with what it was given and where; holds those of type "p.Slow" until "p.Go".
class Jobber {
 public:
  static constexpr auto handlers() {
    return actord::table(actord::on("p.Job", &Jobber::job), actord::on("p.Slow", &Jobber::slow),
                         actord::on("p.Silent", &Jobber::silent), actord::on("p.Bad", &Jobber::bad),
                         actord::on_timer("done", &Jobber::done));
  }
  explicit Jobber(const Setup& setup) : path_(setup.path) {}
  void job(Context& context, const Message& message) {
    context.send("/log", "p.Did", path_ + " " + std::string(message.payload()));
    context.reply("p.Done", std::string(message.payload()) + " by " + path_);
  }
  Outcome slow(Context& context, const Message& message) {
    if (!ready_) {
      context.set_timer("done", 100ms);
      return actord::Defer{};
    }
    ready_ = false;
    job(context, message);
    return actord::Done{};
  }
  void silent(Context&, const Message&) {}
  void bad(Context&, const Message&) { throw actord::Failure("a bad job"); }
  void done(Context& context) {
    ready_ = true;
    context.unstash_all();
  }

 private:
  std::string path_;
  bool ready_ = false;
};

class Patterns : public testing::Test {
 protected:
  Patterns() {
    kit.load(std::string(ACTORD_PLUGIN_OUTPUT_DIR) + "/std.so");
    kit.offer("p", Kind<Jobber>("Worker"));
  }
  void send(const std::string& path, const std::string& type, const std::string& payload,
            const std::string& key = "") {
    Mail mail;
    mail.to_path = path;
    mail.type = type;
    mail.payload = payload;
    mail.key = key;
    kit.send(std::move(mail));
  }
  std::vector<std::string> did() {
    std::vector<std::string> lines;
    for (const Mail& mail : log.mail) lines.push_back(mail.payload);
    log.mail.clear();
    return lines;
  }
  Json status(const std::string& path, const std::string& type) {
    return Json::parse(kit.ask(path, type).payload);
  }
  void workers(std::initializer_list<const char*> paths) {
    for (const char* path : paths) {
      kit.add(path, "p.Worker");
      kit.tag(path, "worker");
    }
  }

  Kit kit;
  Probe& log = kit.probe("/log");
};

// ---- routers -------------------------------------------------------------------------------------

TEST_F(Patterns, Trap50RoundRobinGivesEachItsShareAndAStoppedOneNothing) {
  workers({"/a", "/b", "/c"});
  kit.add("/router", "std.Router", R"({"tag":"worker"})");
  kit.run();
  for (int i = 0; i < 10; ++i) send("/router", "p.Job", "x");
  kit.run();
  std::map<std::string, int> shares;
  for (const std::string& line : did()) ++shares[line];
  EXPECT_THAT(shares, ElementsAre(testing::Pair("/a x", 4), testing::Pair("/b x", 3),
                                  testing::Pair("/c x", 3)));
  kit.stop("/b");
  for (int i = 0; i < 4; ++i) send("/router", "p.Job", "y");
  kit.run();
  EXPECT_THAT(did(), UnorderedElementsAre("/a y", "/a y", "/c y", "/c y"));
  EXPECT_THAT(kit.letters(), IsEmpty());
}

TEST_F(Patterns, Trap50WithNobodyThereAMessageIsRejectedOrHeldAsDeclared) {
  kit.add("/strict", "std.Router", R"({"tag":"worker"})");
  kit.add("/patient", "std.Router", R"({"tag":"worker","when_empty":"hold"})");
  kit.add("/by_path", "std.Router", R"({"targets":["/a","/b"],"when_empty":"hold"})");
  kit.run();
  send("/strict", "p.Job", "lost");
  send("/patient", "p.Job", "kept");
  send("/by_path", "p.Job", "kept too");
  kit.run();
  ASSERT_THAT(kit.letters(), SizeIs(1));
  EXPECT_EQ(kit.letters()[0].text, "nobody carries the tag worker");
  EXPECT_EQ(kit.letters()[0].reason, ACTORD_DEAD_REJECTED);
  workers({"/a"});
  kit.advance(1s);
  EXPECT_THAT(did(), UnorderedElementsAre("/a kept", "/a kept too"));
  EXPECT_THAT(kit.letters(), SizeIs(1));
}

TEST_F(Patterns, WhoeverGetsAForwardedRequestAnswersTheRequester) {
  workers({"/a"});
  kit.add("/router", "std.Router", R"({"targets":["/nobody","/a"]})");
  EXPECT_EQ(kit.ask("/router", "p.Job", "x").payload, "x by /a");
}

TEST_F(Patterns, BroadcastReachesAll) {
  workers({"/a", "/b"});
  kit.add("/router", "std.Router", R"({"tag":"worker","strategy":"broadcast"})");
  kit.run();
  send("/router", "p.Job", "x");
  kit.run();
  EXPECT_THAT(did(), UnorderedElementsAre("/a x", "/b x"));
}

TEST_F(Patterns, LeastLoadedAvoidsTheOneThatHasMore) {
  workers({"/a", "/b"});
  kit.add("/router", "std.Router", R"({"tag":"worker","strategy":"least_loaded"})");
  kit.run();
  for (int i = 0; i < 2; ++i) send("/router", "p.Job", std::to_string(i));
  for (int i = 0; i < 5; ++i) send("/a", "p.Job", "own");
  kit.run();
  const auto lines = did();
  EXPECT_EQ(std::count(lines.begin(), lines.end(), "/b 0"), 1);
  EXPECT_EQ(std::count(lines.begin(), lines.end(), "/b 1"), 1);
}

TEST_F(Patterns, ARouterWantsATagOrTargetsAndNotBoth) {
  kit.add("/none", "std.Router");
  kit.add("/both", "std.Router", R"({"tag":"a","targets":["/b"]})");
  EXPECT_THAT(kit.parked("/none"), HasSubstr("give either tag"));
  EXPECT_THAT(kit.parked("/both"), HasSubstr("give either tag"));
}

// ---- keys ----------------------------------------------------------------------------------------

std::map<std::string, std::string> owners(const Routees& routees, int keys) {
  std::map<std::string, std::string> owner;
  for (int i = 0; i < keys; ++i) {
    const std::string key = "customer-" + std::to_string(i);
    owner[key] = routees.owner_of(key)->name;
  }
  return owner;
}

TEST(RouteesTest, Trap51WhenOneLeavesOnlyItsKeysMove) {
  Routees routees(Strategy::kConsistentHash);
  constexpr int kActors = 10, kKeys = 10'000;
  for (uint64_t i = 0; i < kActors; ++i)
    routees.add(Ref(i + 1, 1), "/workers/" + std::to_string(i));
  const auto before = owners(routees, kKeys);
  std::map<std::string, int> shares;
  for (const auto& [key, name] : before) ++shares[name];
  for (const auto& [name, share] : shares) {
    EXPECT_GT(share, kKeys / kActors * 8 / 10) << name;
    EXPECT_LT(share, kKeys / kActors * 12 / 10) << name;
  }
  routees.remove(Ref(4, 1));
  int moved = 0;
  for (const auto& [key, name] : owners(routees, kKeys)) {
    if (name == before.at(key)) continue;
    EXPECT_EQ(before.at(key), "/workers/3") << key;
    ++moved;
  }
  EXPECT_EQ(moved, shares["/workers/3"]);
  routees.add(Ref(44, 1), "/workers/3");
  EXPECT_EQ(owners(routees, kKeys), before) << "who comes back under a name has its keys again";
}

TEST(RouteesTest, KeysGoWhereTheyAlwaysWent) {
  Routees one(Strategy::kConsistentHash), other(Strategy::kConsistentHash);
  for (uint64_t i = 1; i <= 4; ++i) one.add(Ref(i, 1), "w" + std::to_string(i));
  for (uint64_t i = 4; i >= 1; --i) other.add(Ref(i, 1), "w" + std::to_string(i));
  std::string where;
  for (const char* key : {"a", "b", "c", "d", "e", "f"}) {
    EXPECT_EQ(one.owner_of(key)->name, other.owner_of(key)->name);
    where += one.owner_of(key)->name;
  }
  EXPECT_EQ(where, std::string("w2w4w3w4w4w4"))
      << "the hash is a promise: stored keys depend on it";
}

// ---- pools ---------------------------------------------------------------------------------------

TEST_F(Patterns, APoolAnswersItsJobsWithWhatItsWorkersAnswer) {
  kit.add("/pool", "std.Pool", R"({"worker":"p.Worker","size":2})");
  EXPECT_THAT(kit.ask("/pool", "p.Job", "x").payload, HasSubstr("x by /pool/w"));
  EXPECT_EQ(status("/pool", "std.pool.Status"),
            (Json{{"size", 2}, {"busy", 0}, {"waiting", 0}, {"done", 1}, {"failed", 0}}));
}

TEST_F(Patterns, AFreeWorkerTakesTheNextJobWhateverAnotherDoes) {
  kit.add("/pool", "std.Pool", R"({"worker":"p.Worker","size":2})");
  kit.run();
  send("/pool", "p.Slow", "slow");
  for (int i = 0; i < 5; ++i) send("/pool", "p.Job", std::to_string(i));
  kit.run();
  EXPECT_THAT(did(),
              ElementsAre("/pool/w2 0", "/pool/w2 1", "/pool/w2 2", "/pool/w2 3", "/pool/w2 4"));
  kit.advance(100ms);
  EXPECT_THAT(did(), ElementsAre("/pool/w1 slow"));
}

TEST_F(Patterns, Trap51JobsOfOneKeyKeepTheirOrderAlsoWhenWorkersComeAndGo) {
  for (const char* assign : {"any", "by_key"}) {
    const std::string pool = std::string("/") + assign;
    kit.add(pool, "std.Pool", Json{{"worker", "p.Worker"}, {"size", 3}, {"assign", assign}}.dump());
    kit.run();
    for (int i = 0; i < 30; ++i) {
      send(pool, i % 3 == 0 ? "p.Slow" : "p.Job", std::to_string(i), "k" + std::to_string(i % 4));
      if (i == 10) send(pool, "std.pool.Resize", R"({"size":6})");
      if (i == 20) send(pool, "std.pool.Resize", R"({"size":2})");
    }
    kit.advance(10s);
    std::map<std::string, int> last;
    const auto lines = did();
    EXPECT_THAT(lines, SizeIs(30)) << assign;
    for (const std::string& line : lines) {
      const int number = std::stoi(line.substr(line.find(' ') + 1));
      const std::string key = std::to_string(number % 4);
      EXPECT_GT(number, last.contains(key) ? last[key] : -1) << assign;
      last[key] = number;
    }
    EXPECT_EQ(status(pool, "std.pool.Status")["size"], 2) << assign;
  }
}

TEST_F(Patterns, AKeyStaysWithItsWorker) {
  kit.add("/pool", "std.Pool", R"({"worker":"p.Worker","size":4,"assign":"by_key"})");
  kit.run();
  std::map<std::string, std::set<std::string>> seen;
  for (int i = 0; i < 40; ++i) {
    const std::string key = "k" + std::to_string(i % 8);
    send("/pool", "p.Job", key, key);
  }
  kit.run();
  for (const std::string& line : did())
    seen[line.substr(line.find(' ') + 1)].insert(line.substr(0, line.find(' ')));
  ASSERT_THAT(seen, SizeIs(8));
  for (const auto& [key, by] : seen) EXPECT_THAT(by, SizeIs(1)) << key;
}

TEST_F(Patterns, AJobThatFailsIsTriedAgainAndThenADeadLetterThatTellsTheRequester) {
  kit.add("/pool", "std.Pool", R"({"worker":"p.Worker","size":1,"attempts":3})");
  const Mail failed = kit.ask("/pool", "p.Bad", "x");
  EXPECT_EQ(failed.kind, ACTORD_MSG_ASK_FAILED);
  EXPECT_EQ(failed.text, "a bad job");
  EXPECT_EQ(kit.restarts("/pool/w1"), 3u);
  EXPECT_EQ(status("/pool", "std.pool.Status")["failed"], 1);
  EXPECT_THAT(kit.ask("/pool", "p.Job", "y").payload, HasSubstr("y by"));
}

TEST_F(Patterns, AWorkerThatDoesNotAnswerIsReplaced) {
  kit.add("/pool", "std.Pool", R"({"worker":"p.Worker","size":1,"job_timeout":1000})");
  kit.run();
  send("/pool", "p.Silent", "x");
  send("/pool", "p.Job", "y");
  kit.run();
  EXPECT_THAT(did(), IsEmpty());
  kit.advance(1s);
  EXPECT_THAT(did(), ElementsAre("/pool/w1-2 y"));
  EXPECT_FALSE(kit.lives("/pool/w1"));
}

TEST_F(Patterns, Trap50AWorkerThatEndsIsReplacedAndItsJobIsNotLost) {
  kit.add("/pool", "std.Pool", R"({"worker":"p.Worker","size":1,"attempts":2})");
  kit.run();
  send("/pool", "p.Slow", "x");
  kit.run();
  kit.stop("/pool/w1");
  kit.run();
  EXPECT_EQ(status("/pool", "std.pool.Status")["size"], 0);
  kit.advance(2s);
  EXPECT_THAT(did(), ElementsAre("/pool/w1-2 x"));
}

TEST_F(Patterns, TheQueueIsBoundedAndSaysWhichJobGoes) {
  kit.add("/newest", "std.Pool", R"({"worker":"p.Worker","size":1,"queue":2})");
  kit.add("/oldest", "std.Pool",
          R"({"worker":"p.Worker","size":1,"queue":2,"overflow":"drop_oldest"})");
  kit.run();
  for (const char* pool : {"/newest", "/oldest"}) {
    send(pool, "p.Slow", "first");
    for (int i = 0; i < 3; ++i) send(pool, "p.Job", std::to_string(i));
  }
  kit.advance(1s);
  ASSERT_THAT(kit.letters(), SizeIs(2));
  std::set<std::string> rejected;
  for (const auto& letter : kit.letters())
    rejected.insert(letter.to_path + " " + letter.mail.payload);
  EXPECT_THAT(rejected, ElementsAre("/newest 2", "/oldest 0"));
  EXPECT_THAT(did(), SizeIs(6));
}

TEST_F(Patterns, APoolWhoseWorkersCannotStartGoesOnTrying) {
  kit.add("/pool", "std.Pool", R"({"worker":"p.Nothing","size":1})");
  kit.run();
  send("/pool", "p.Job", "x");
  kit.advance(1s);
  EXPECT_EQ(status("/pool", "std.pool.Status")["waiting"], 1);
  for (const auto& letter : kit.letters())
    EXPECT_EQ(letter.reason, ACTORD_DEAD_STALE_INCARNATION)
        << "what was asked of one that never was";
}

// ---- breakers ------------------------------------------------------------------------------------

TEST_F(Patterns, ABreakerOpensRejectsAndClosesAgain) {
  workers({"/a"});
  kit.add("/breaker", "std.Breaker",
          R"({"target":"/a","failures":2,"cool_down":1000,"timeout":100})");
  EXPECT_EQ(kit.ask("/breaker", "p.Job", "x").payload, "x by /a");
  for (int i = 0; i < 2; ++i) EXPECT_EQ(kit.ask("/breaker", "p.Bad").text, "a bad job");
  EXPECT_EQ(status("/breaker", "std.breaker.Status")["state"], "open");
  const Mail refused = kit.ask("/breaker", "p.Job", "y");
  EXPECT_EQ(refused.reason, ACTORD_DEAD_BREAKER_OPEN);
  EXPECT_THAT(refused.text, HasSubstr("/a fails too often; the next try is in "));
  send("/breaker", "p.Job", "told");
  kit.run();
  EXPECT_EQ(kit.letters().back().reason, ACTORD_DEAD_BREAKER_OPEN);
  kit.advance(1s);
  EXPECT_EQ(kit.ask("/breaker", "p.Job", "z").payload, "z by /a");
  EXPECT_EQ(status("/breaker", "std.breaker.Status")["state"], "closed");
}

TEST_F(Patterns, Trap52OnlyOneRequestIsOnTrial) {
  workers({"/a"});
  kit.add("/breaker", "std.Breaker",
          R"({"target":"/a","failures":1,"cool_down":1000,"timeout":5000})");
  EXPECT_EQ(kit.ask("/breaker", "p.Bad").kind, ACTORD_MSG_ASK_FAILED);
  kit.advance(1s);
  std::vector<uint64_t> asks;
  for (int i = 0; i < 5; ++i) asks.push_back(kit.begin_ask("/breaker", "p.Slow", "x", 4s));
  kit.run();
  for (size_t i = 1; i < asks.size(); ++i) {
    const auto refused = kit.take_answer(asks[i]);
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->reason, ACTORD_DEAD_BREAKER_OPEN);
    EXPECT_THAT(refused->text, HasSubstr("on trial"));
  }
  EXPECT_FALSE(kit.take_answer(asks[0]));
  kit.advance(100ms);
  EXPECT_EQ(kit.take_answer(asks[0])->payload, "x by /a");
}

TEST_F(Patterns, ATimeoutIsAFailureAndTheRequestersDeadlineIsKept) {
  workers({"/a"});
  kit.add("/breaker", "std.Breaker", R"({"target":"/a","failures":1,"timeout":5000})");
  kit.run();
  const uint64_t began = kit.now_ms();
  EXPECT_EQ(kit.ask("/breaker", "p.Silent", "{}", 200ms).kind, ACTORD_MSG_ASK_FAILED);
  EXPECT_LE(kit.now_ms() - began, 300u);
  EXPECT_EQ(status("/breaker", "std.breaker.Status")["state"], "open");
}

TEST_F(Patterns, ABreakerThatCouldNeverOpenIsRefused) {
  kit.add("/never", "std.Breaker", R"({"target":"/a","failures":0})");
  kit.add("/short", "std.Breaker", R"({"target":"/a","cool_down_max":1})");
  EXPECT_THAT(kit.parked("/never"), HasSubstr("never open"));
  EXPECT_THAT(kit.parked("/short"), HasSubstr("shorter"));
}

}  // namespace
