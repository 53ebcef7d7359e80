// actorctl from the command line to the exit code: run_actorctl in this process, and the program
// itself where only that can show it.
#include "cli/actorctl.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "cli/message_argument.hpp"
#include "support/control_host.hpp"

namespace actord::host {
namespace {

using nlohmann::json;
using testing::_;
using testing::HasSubstr;

struct Ran {
  int code = -1;
  std::string out;
  std::string err;
};

class Actorctl : public testing::Test {
 protected:
  // With the host's socket in the environment.
  Ran run(std::vector<std::string> arguments, const std::string& input = "") {
    return run_with(std::move(arguments), host_.socket(), "", input);
  }

  Ran run_with(std::vector<std::string> arguments, const std::string& socket,
               const std::string& runtime_directory = "", const std::string& input = "") {
    std::istringstream in(input);
    std::ostringstream out;
    std::ostringstream err;
    Ran ran;
    host_.sync();
    ran.code = run_actorctl(std::move(arguments),
                            {in, out, err, false, false, socket, runtime_directory, "", clock_});
    host_.sync();
    ran.out = out.str();
    ran.err = err.str();
    return ran;
  }

  SystemClock clock_;
  ControlHost host_;
};

TEST_F(Actorctl, AskWithJsonPrintsJustTheAnswersPayload) {
  const std::string message = R"({"type":"pkgwatch.Summary"})";
  EXPECT_CALL(host_.admin, ask("/stats", "pkgwatch.Summary", message, 5'000, _))
      .WillRepeatedly(
          answers({{"type", "pkgwatch.SummaryReply"}, {"payload", {{"lines", 3}}}, {"ms", 2}}));
  const auto ran = run({"ask", "/stats", message, "--json"});
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.out, "{\"lines\":3}\n");
  EXPECT_EQ(ran.err, "");
  EXPECT_EQ(run({"--json", "ask", "/stats", message}).out, ran.out);
  EXPECT_EQ(run({"ask", "--json", "/stats", message}).out, ran.out);
  const auto people = run({"ask", "/stats", message});
  EXPECT_EQ(people.out, "{\n  \"lines\": 3\n}\n");
  EXPECT_EQ(people.err, "pkgwatch.SummaryReply after 2ms\n");
  EXPECT_EQ(run({"ask", "/stats", message, "--quiet"}).err, "");
}

TEST_F(Actorctl, TheTimeoutOfAnAskGoesToTheEngine) {
  EXPECT_CALL(host_.admin, ask("/a", "T", _, 250, _))
      .WillOnce(refuses(ACTORD_E_TIMEOUT, "/a did not answer within 250 ms"));
  const auto ran = run({"ask", "/a", R"({"type":"T"})", "--timeout", "250ms"});
  EXPECT_EQ(ran.code, 75);
  EXPECT_EQ(ran.err,
            "actorctl: /a did not answer within 250 ms\n  next: actorctl describe /a, or wait "
            "longer with --timeout\n");
}

TEST_F(Actorctl, TheMessageIsSentAsItWasGiven) {
  const std::string message = R"({ "total": 1.50, "type":"order", "a":1 })";
  EXPECT_CALL(host_.admin, send("/orders", "order", message, _))
      .Times(2)
      .WillRepeatedly(answers({{"message_id", 7}, {"correlation", "01913f8a"}}));
  EXPECT_EQ(run({"send", "/orders", message}).out,
            "sent  order to /orders  message 7  cid 01913f8a\n");
  EXPECT_EQ(run({"send", "/orders", "-", "-q"}, message).out, "");
}

TEST_F(Actorctl, PublishSaysHowManyGotIt) {
  EXPECT_CALL(host_.admin, publish("orders.created", "order", _, _))
      .WillOnce(answers({{"message_id", 7}, {"correlation", "c"}, {"delivered", 2}}));
  EXPECT_THAT(run({"publish", "orders.created", R"({"type":"order"})"}).out,
              HasSubstr("to 2 subscribers"));
}

TEST_F(Actorctl, AMessageWithoutTypeNeverReachesTheDaemon) {
  EXPECT_CALL(host_.admin, send).Times(0);
  for (const char* message : {"", "{", "[1,2]", "{}", R"({"type":5})", R"({"type":""})", "hello"}) {
    const auto ran = run({"send", "/a", message});
    EXPECT_EQ(ran.code, 64) << message;
    EXPECT_THAT(ran.err, HasSubstr("next: actorctl send --help"));
  }
}

TEST_F(Actorctl, EveryErrorOfTheDaemonHasItsExitCodeAndANextCommand) {
  const std::vector<std::pair<actord_status, int>> table = {
      {ACTORD_E_NOT_FOUND, 3},    {ACTORD_E_INVALID, 64}, {ACTORD_E_CONFIG, 78},
      {ACTORD_E_PLUGIN, 78},      {ACTORD_E_TIMEOUT, 75}, {ACTORD_E_PERMISSION, 77},
      {ACTORD_E_CLOSED, 1},       {ACTORD_E_BUSY, 1},     {ACTORD_E_FULL, 1},
      {ACTORD_FAIL_INTERNAL, 70}, {ACTORD_E_CORRUPT, 74}, {ACTORD_E_WRONG_PHASE, 1},
      {ACTORD_FAIL_PERMANENT, 1}};
  for (const auto& [status, code] : table) {
    EXPECT_CALL(host_.admin, describe("/a", _))
        .Times(2)
        .WillRepeatedly(refuses(status, "no luck"))
        .RetiresOnSaturation();
    const auto ran = run({"describe", "/a"});
    EXPECT_EQ(ran.code, code) << status;
    EXPECT_EQ(ran.out, "");
    EXPECT_THAT(ran.err, HasSubstr("actorctl: no luck\n  next: "));
    const auto machine = run({"describe", "/a", "--json"});
    EXPECT_EQ(machine.code, code);
    EXPECT_EQ(json::parse(machine.err)["error"]["exit"], code);
  }
}

TEST_F(Actorctl, CommandsToTypeNextReachTheSameDaemon) {
  EXPECT_CALL(host_.admin, ask("/a", "T", _, _, _))
      .WillRepeatedly(
          refuses(ACTORD_FAIL_PERMANENT, "/a: unhandled; see: actorctl dead ls --actor /a"));
  EXPECT_CALL(host_.admin, describe("/a", _)).WillRepeatedly(refuses(ACTORD_E_CLOSED, "no luck"));
  const std::string message = R"({"type":"T"})";
  const std::string given = "actorctl --socket " + host_.socket();
  EXPECT_THAT(run({"--socket", host_.socket(), "ask", "/a", message}).err,
              HasSubstr("see: " + given + " dead ls --actor /a\n"));
  EXPECT_THAT(run({"--socket", host_.socket(), "describe", "/a"}).err,
              HasSubstr("next: " + given + " status\n"));
  EXPECT_THAT(run({"ask", "/a", message}).err, HasSubstr("see: actorctl dead ls --actor /a\n"))
      << "what is in the environment is there for the next command, too";
}

TEST_F(Actorctl, AStateNoActorCanBeInIsRefusedWithThoseThereAre) {
  EXPECT_CALL(host_.admin, ps).Times(0);
  const auto ran = run({"ps", "--state", "runing"});
  EXPECT_EQ(ran.code, 64);
  EXPECT_THAT(
      ran.err,
      HasSubstr("no such state \"runing\", did you mean \"running\"?; one of "
                "starting, hydrating, running, suspended, backoff, parked, undecided, stopping, "
                "waiting, stopped"));
}

TEST_F(Actorctl, LifecycleVerbsPrintTheNewState) {
  EXPECT_CALL(host_.admin, start("/a", _))
      .WillOnce(answers({{"path", "/a"}, {"state", "RUNNING"}}));
  EXPECT_CALL(host_.admin, stop("/a", _)).WillOnce(answers({{"path", "/a"}, {"state", "STOPPED"}}));
  EXPECT_CALL(host_.admin, restart("/a", _))
      .WillOnce(answers({{"path", "/a"}, {"state", "RUNNING"}}));
  EXPECT_CALL(host_.admin, park("/a", _)).WillOnce(answers({{"path", "/a"}, {"state", "PARKED"}}));
  EXPECT_CALL(host_.admin, resume("/a", _))
      .WillOnce(answers({{"path", "/a"}, {"state", "RUNNING"}}));
  EXPECT_EQ(run({"start", "/a"}).out, "/a  RUNNING\n");
  EXPECT_EQ(run({"stop", "/a"}).out, "/a  STOPPED\n");
  EXPECT_EQ(run({"restart", "/a"}).out, "/a  RUNNING\n");
  EXPECT_EQ(run({"park", "/a"}).out, "/a  PARKED\n");
  EXPECT_EQ(run({"resume", "/a", "--json"}).out, "{\"path\":\"/a\",\"state\":\"RUNNING\"}\n");
}

TEST_F(Actorctl, ReloadThatWaitsPrintsPlanAndVerdict) {
  EXPECT_CALL(host_.admin, reload(false, _))
      .WillOnce(answers({{"generation", 12}, {"plan", {"+ /edge/night"}}, {"unchanged", false}}))
      .WillOnce(answers({{"generation", 12}, {"plan", json::array()}, {"unchanged", true}}));
  EXPECT_EQ(run({"reload", "--wait"}).out, "plan 12: + /edge/night\nok  generation 12 is live\n");
  EXPECT_EQ(run({"reload", "--wait"}).out, "no changes; generation 12 stays\n");
}

TEST_F(Actorctl, ARefusedReloadPrintsAllDiagnosticsAndExits78) {
  const std::string text =
      "error[E102]: unknown key `mailbx` in actor `/orders/intake`\n  --> topology.yaml:34:9\n"
      "34 |         mailbx: {capacity: 8192}\n   |         ^^^^^^ did you mean `mailbox`?\n";
  EXPECT_CALL(host_.admin, reload(false, _)).WillOnce(refuses(ACTORD_E_CONFIG, text));
  const auto ran = run({"reload", "--wait"});
  EXPECT_EQ(ran.code, 78);
  EXPECT_EQ(ran.err, "actorctl: " + text + "  next: actord check\n");
}

TEST_F(Actorctl, ReloadWithoutWaitReturnsWhenTheDaemonHasTakenIt) {
  std::vector<AdminReply> replies;
  EXPECT_CALL(host_.admin, reload(false, _)).WillOnce(keeps(&replies));  // never answers
  EXPECT_CALL(host_.admin, status).WillOnce(answers({{"generation", 11}}));
  const auto ran = run({"reload"});
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.out, "reload accepted; generation 11 runs until the new one is built\n");
}

TEST_F(Actorctl, ReloadWithoutWaitStillReportsARefusalAtOnce) {
  EXPECT_CALL(host_.admin, reload(false, _))
      .WillOnce(refuses(ACTORD_E_BUSY, "a reload is running"));
  EXPECT_CALL(host_.admin, status).WillOnce(answers({{"generation", 11}}));
  EXPECT_EQ(run({"reload"}).code, 1);
}

TEST_F(Actorctl, ADryRunChangesNothingAndSaysSo) {
  EXPECT_CALL(host_.admin, reload(true, _))
      .WillOnce(answers({{"generation", 11}, {"plan", {"- /a"}}, {"unchanged", false}}));
  const auto ran = run({"reload", "--dry-run"});
  EXPECT_EQ(ran.out, "plan: - /a\n");
  EXPECT_THAT(ran.err, HasSubstr("nothing was changed"));
}

TEST_F(Actorctl, DiffExits2OnDifferencesAnd78OnARefusedFile) {
  EXPECT_CALL(host_.admin, diff("", _))
      .WillOnce(answers({{"plan", {"+ /a", "~ /b"}}, {"refused", nullptr}}))
      .WillOnce(answers({{"plan", json::array()}, {"refused", nullptr}}));
  EXPECT_CALL(host_.admin, diff("/x/a.yaml", _))
      .WillOnce(answers({{"plan", json::array()}, {"refused", "error[E101]: tab"}}));
  const auto differs = run({"diff"});
  EXPECT_EQ(differs.code, 2);
  EXPECT_EQ(differs.out, "+ /a\n~ /b\n");
  EXPECT_EQ(run({"diff"}).code, 0);
  const auto refused = run({"diff", "/x/y/../a.yaml"});
  EXPECT_EQ(refused.code, 78);
  EXPECT_THAT(refused.err, HasSubstr("error[E101]: tab\n  next: actord check /x/y/../a.yaml"));
}

TEST_F(Actorctl, DiffSendsAnAbsolutePath) {
  EXPECT_CALL(host_.admin, diff(std::filesystem::current_path().string() + "/a.yaml", _))
      .WillOnce(answers({{"plan", json::array()}, {"refused", nullptr}}));
  EXPECT_EQ(run({"diff", "a.yaml"}).code, 0);
}

TEST_F(Actorctl, DeadLettersAreListedFilteredAndShown) {
  const auto now = clock_.unix_ms();
  EXPECT_CALL(host_.admin,
              dead_letters("/a", "unhandled",
                           testing::AllOf(testing::Gt(now - 3'660'000), testing::Le(now)), 5, _))
      .WillOnce(answers({{"letters", {{{"id", 4127}, {"to", "/a"}}}}, {"stored", 12}}));
  EXPECT_CALL(host_.admin, dead_letter(4127, _))
      .WillOnce(answers({{"id", 4127}, {"payload", "x"}}));
  EXPECT_CALL(host_.admin, dead_letter(9, _)).WillOnce(refuses(ACTORD_E_NOT_FOUND, "no letter 9"));
  const auto list = run(
      {"dead", "ls", "--actor", "/a", "--reason", "unhandled", "--since", "1h", "--limit", "5"});
  EXPECT_EQ(list.code, 0);
  EXPECT_THAT(list.err, HasSubstr("1 of 12. Inspect: actorctl dead show 4127"));
  EXPECT_THAT(run({"dead", "show", "4127"}).out, HasSubstr("letter"));
  const auto missing = run({"dead", "show", "9"});
  EXPECT_EQ(missing.code, 3);
  EXPECT_THAT(missing.err, HasSubstr("next: actorctl dead ls"));
  EXPECT_EQ(run({"dead", "ls", "--since", "5"}).code, 64);
}

TEST_F(Actorctl, StatusPsAndSubscriptionsPrintJsonOnRequest) {
  const json status = {{"name", "plant-7"}, {"state", "RUNNING"}};
  const json ps = {
      {"actors", {{{"path", "/a"}, {"state", "RUNNING"}}, {{"path", "/b"}, {"state", "PARKED"}}}}};
  const json subscriptions = {
      {"subscriptions", {{{"pattern", "a.*"}, {"to", "/a"}, {"origin", "topology"}}}}};
  EXPECT_CALL(host_.admin, status).WillRepeatedly(answers(status));
  EXPECT_CALL(host_.admin, ps).WillRepeatedly(answers(ps));
  EXPECT_CALL(host_.admin, subscriptions).WillRepeatedly(answers(subscriptions));
  EXPECT_EQ(run({"status", "--json"}).out, status.dump() + "\n");
  EXPECT_THAT(run({"status"}).out, HasSubstr("plant-7  RUNNING"));
  EXPECT_EQ(run({"ps", "--json"}).out, ps.dump() + "\n");
  EXPECT_EQ(json::parse(run({"ps", "--state", "parked", "--json"}).out)["actors"].size(), 1u);
  EXPECT_EQ(run({"ps", "--state", "stopping"}).err, "no actor is stopping\n");
  EXPECT_THAT(run({"ps", "-t"}).out, HasSubstr("/b"));
  EXPECT_EQ(run({"subscriptions"}).out, "PATTERN  TO  ORIGIN\na.*      /a  topology\n");
}

TEST_F(Actorctl, SubscriptionsShowsWhatFiltersKeepBack) {
  const json answer = json::parse(
      R"({"subscriptions":[{"pattern":"a","to":"/a","origin":"topology","filter":{"let":1200,
            "filtered":7,"throttled":0,"debounced":0,"held":0,"unreadable":2,"where":"$.n > 1",
            "throttle":{"messages":10,"within_ms":1000,"by":"all"},"debounce":null}},
          {"pattern":"b","to":"/a","origin":"topology","filter":{"let":0,"filtered":0,"throttled":0,
            "debounced":3,"held":1,"unreadable":0,"where":null,"throttle":null,
            "debounce":{"quiet_ms":200,"longest_ms":2000,"by":"key"}}},
          {"pattern":"c","to":"/a","origin":"code","filter":null}]})");
  EXPECT_CALL(host_.admin, subscriptions).WillRepeatedly(answers(answer));
  EXPECT_EQ(
      run({"subscriptions"}).out,
      "PATTERN  TO  ORIGIN      LET  FILTERED  THROTTLED  DEBOUNCED  HELD  FILTER\n"
      "a        /a  topology  1 200         7          0          0     0  where $.n > 1, at "
      "most 10 in 1s; 2 were no JSON\n"
      "b        /a  topology      0         0          0          3     1  newest after 200ms "
      "or 2s by key\n"
      "c        /a  code          -         -          -          -     -  -\n");
}

TEST_F(Actorctl, TagsShowsWhoCarriesWhich) {
  const json answer = json::parse(
      R"({"tags":[{"tag":"eu","actors":[],"followers":1},
                  {"tag":"worker","actors":["/a","/b"],"followers":12}]})");
  EXPECT_CALL(host_.admin, tags).WillRepeatedly(answers(answer));
  EXPECT_EQ(run({"tags", "--json"}).out, answer.dump() + "\n");
  EXPECT_EQ(run({"tags"}).out,
            "TAG     FOLLOWERS  ACTOR\neu              1  -\nworker         12  /a\n"
            "                   /b\n");
  EXPECT_EQ(run({"tags", "worker", "-q"}).out, "worker  12  /a\n            /b\n");
  EXPECT_EQ(run({"tags", "wroker"}).err, "nobody carries or follows wroker\n");
}

TEST_F(Actorctl, TopicsMatchAsksNobody) {
  EXPECT_EQ(run_with({"topics", "match", "user.?.?", "user.created.email"}, "/nowhere").code, 0);
  const auto no = run_with({"topics", "match", "user.?", "user.created.email"}, "/nowhere");
  EXPECT_EQ(no.code, 1);
  EXPECT_EQ(no.out, "no match\n");
  EXPECT_EQ(run_with({"topics", "match", "*", "a", "--json"}, "").out, "{\"match\":true}\n");
  EXPECT_EQ(run_with({"topics", "match", "a..b", "a"}, "").code, 64);
  EXPECT_EQ(run_with({"topics", "match", "*", "a.*"}, "").code, 64);
  // A pattern that is also a verb's name is still a pattern.
  EXPECT_EQ(run_with({"topics", "match", "status", "status"}, "").code, 0);
}

TEST_F(Actorctl, UsageErrorsExit64AndSuggest) {
  const std::vector<std::pair<std::vector<std::string>, const char*>> table = {
      {{}, "a verb is missing\n  next: actorctl --help"},
      {{"statsu"}, "unknown verb \"statsu\", did you mean \"status\"?\n  next: actorctl --help"},
      {{"dead"}, "a verb is missing\n  next: actorctl dead --help"},
      {{"dead", "sl"}, "unknown verb \"sl\", did you mean \"ls\"?\n  next: actorctl dead --help"},
      {{"ps", "--treee"},
       "unknown option \"--treee\", did you mean \"--tree\"?\n  next: actorctl ps --help"},
      {{"describe"}, "next: actorctl describe --help"},
      {{"describe", "/a", "/b"}, "unexpected argument \"/b\""},
      {{"dead", "show", "x"}, "next: actorctl dead show --help"},
      {{"dead", "ls", "--limit", "0"}, "next: actorctl dead ls --help"},
      {{"status", "--timeout", "5"}, "--timeout \"5\" has no unit"},
      {{"status", "--timeout", "0s"}, "--timeout wants 1ms to 24h"}};
  for (const auto& [arguments, text] : table) {
    const auto ran = run(arguments);
    EXPECT_EQ(ran.code, 64) << text;
    EXPECT_THAT(ran.err, HasSubstr(text));
    EXPECT_EQ(ran.out, "");
  }
}

TEST_F(Actorctl, HelpAndVersionAreDataAndSucceed) {
  EXPECT_THAT(run({"--help"}).out, HasSubstr("describe"));
  for (const auto& asked : {std::vector<std::string>{"--help"}, {"dead", "ls", "--help"}}) {
    const std::string help = run(asked).out;
    for (const char* told : {"$ACTORD_SOCKET", "/run/actord/admin.sock", "10s; ask 5s",
                             "Exit codes: 0", "75 no answer in time"})
      EXPECT_THAT(help, HasSubstr(told));
  }
  EXPECT_THAT(run({"dead", "ls", "--help"}).out, HasSubstr("--since"));
  EXPECT_EQ(run({"--help"}).code, 0);
  EXPECT_EQ(run({"--version"}).out, "actorctl " ACTORD_VERSION "\n");
}

TEST_F(Actorctl, TheSocketIsTakenFromOptionVariableThenRuntimeDirectory) {
  EXPECT_CALL(host_.admin, status).WillRepeatedly(answers({{"name", "x"}}));
  EXPECT_EQ(run_with({"status", "--socket", host_.socket()}, "/nowhere").code, 0);
  EXPECT_EQ(run_with({"--socket", host_.socket(), "status"}, "").code, 0);
  std::filesystem::create_directory(host_.dir().file("actord"));
  std::filesystem::create_symlink(host_.socket(), host_.dir().file("actord/admin.sock"));
  EXPECT_EQ(run_with({"status"}, "", host_.dir().path()).code, 0);
  EXPECT_EQ(run_with({"status"}, "/nowhere", host_.dir().path()).code, 69);
  EXPECT_THAT(run_with({"status"}, "", "/nowhere").err, HasSubstr("/run/actord/admin.sock"));
}

TEST_F(Actorctl, NoDaemonBehindTheSocketExits69) {
  const auto missing = run_with({"status"}, host_.dir().file("none.sock"));
  EXPECT_EQ(missing.code, 69);
  EXPECT_THAT(missing.err, HasSubstr("next: systemctl status actord"));
  EXPECT_EQ(
      json::parse(run_with({"ps", "--json"}, host_.dir().file("none.sock")).err)["error"]["exit"],
      69);
}

TEST_F(Actorctl, ADaemonThatShutsDownMeanwhileExits1WithItsWords) {
  EXPECT_CALL(host_.admin, ps).WillOnce(refuses(ACTORD_E_CLOSED, "the host is shutting down"));
  const auto ran = run({"ps"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.err, HasSubstr("shutting down"));
}

TEST_F(Actorctl, ADaemonThatNeverAnswersExits75) {
  std::vector<AdminReply> replies;
  EXPECT_CALL(host_.admin, status).WillOnce(keeps(&replies));
  const auto ran = run({"status", "--timeout", "20ms"});
  EXPECT_EQ(ran.code, 75);
  EXPECT_THAT(ran.err, HasSubstr("--timeout"));
}

// ---- the program

Ran run_program(const std::string& socket, const std::string& arguments) {
  const std::string command = "ACTORD_SOCKET='" + socket +
                              "' '" ACTORD_BINARY_DIR "/bin/actorctl' " + arguments +
                              " 2>/dev/null";
  FILE* pipe = ::popen(command.c_str(), "r");
  Ran ran;
  char buffer[4'096];
  while (const size_t count = std::fread(buffer, 1, sizeof(buffer), pipe))
    ran.out.append(buffer, count);
  const int status = ::pclose(pipe);
  ran.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return ran;
}

TEST_F(Actorctl, TheProgramExitsWithTheCodes) {
  EXPECT_CALL(host_.admin, ask("/stats", "S", R"({"type":"S"})", _, _))
      .WillOnce(answers({{"type", "R"}, {"payload", {{"lines", 3}}}, {"ms", 1}}));
  EXPECT_CALL(host_.admin, describe("/x", _)).WillOnce(refuses(ACTORD_E_NOT_FOUND, "no actor /x"));
  EXPECT_CALL(host_.admin, diff("", _))
      .WillOnce(answers({{"plan", {"+ /a"}}, {"refused", nullptr}}));
  EXPECT_CALL(host_.admin, reload(false, _)).WillOnce(refuses(ACTORD_E_CONFIG, "error[E102]: no"));
  host_.sync();
  const auto asked = run_program(host_.socket(), R"(ask /stats '{"type":"S"}' --json)");
  EXPECT_EQ(asked.code, 0);
  EXPECT_EQ(asked.out, "{\"lines\":3}\n");
  EXPECT_EQ(run_program(host_.socket(), "describe /x").code, 3);
  EXPECT_EQ(run_program(host_.socket(), "diff").code, 2);
  EXPECT_EQ(run_program(host_.socket(), "reload --wait").code, 78);
  EXPECT_EQ(run_program(host_.socket(), "nonsense").code, 64);
  EXPECT_EQ(run_program("/nowhere/admin.sock", "status").code, 69);
  EXPECT_EQ(run_program("", "topics match 'a.*' b").code, 1);
  host_.sync();
}

TEST_F(Actorctl, TheProgramDoesNotCallLostOutputSuccess) {
  EXPECT_EQ(run_program("", "topics match a a >/dev/full").code, 1);
}

}  // namespace
}  // namespace actord::host
