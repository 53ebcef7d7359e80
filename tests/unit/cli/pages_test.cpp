#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <sstream>

#include "cli/actor_list.hpp"
#include "cli/actor_page.hpp"
#include "cli/letter_page.hpp"
#include "cli/plan_text.hpp"
#include "cli/status_page.hpp"
#include "cli/table.hpp"

namespace actord::host {
namespace {

using nlohmann::json;

constexpr int64_t kNow = 1'709'284'801'000;  // 2024-03-01 09:20:01 UTC

class Pages : public testing::Test {
 protected:
  Pages() {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
  }
  std::string text() const { return out_.str(); }

  std::ostringstream out_;
  const Paint plain_{false};
};

TEST_F(Pages, ATableIsAlignedWithoutSpacesAtLineEnds) {
  using Align = TextTable::Align;
  TextTable table({{"ID", Align::kRight}, {"NAME"}, {"NOTE"}});
  table.add({{"7"}, {"Zürich"}, {""}});
  table.add({{"4127"}, {"a"}, {"b"}});
  table.print(out_, plain_);
  EXPECT_EQ(text(),
            "  ID  NAME    NOTE\n"
            "   7  Zürich\n"
            "4127  a       b\n");
}

TEST_F(Pages, ColourDoesNotMoveColumns) {
  TextTable table({{"STATE"}, {"X"}});
  table.add({{"RUNNING", Colour::kGreen}, {"1"}});
  table.print(out_, Paint(true), false);
  EXPECT_EQ(text(), "\x1b[32mRUNNING\x1b[0m  1\n");
}

TEST_F(Pages, StatusFitsOneScreenAndNamesTheNextCommand) {
  const json status = json::parse(R"({
    "name":"plant-7","version":"1.2.0","pid":812,"state":"DEGRADED","uptime_ms":274320000,"generation":11,
    "config_file":"/etc/actord/actord.yaml","loaded_unix_ms":1709284442000,"file_differs":true,
    "actors":{"total":9,"running":7,"starting":0,"hydrating":0,"backoff":1,"parked":1,"stopping":0},
    "messages":{"handled":41212,"dead":12,"in_flight":37,"accepted":41261},"filters":{"let":1200,
    "filtered":340,"throttled":0,"held":1},"dead_letters":{"stored":12},
    "parked":[{"path":"/orders/price-pool/2","reason":"signal 11\nin pricing.so","restarts":8}],
    "backoff":[{"path":"/edge/http","reason":"refused","restarts":1,"next_in_ms":1600}],
    "store":{"location":"/var/lib/actord/actord.db","promise":"strict: what was answered is on disk","bytes":222298112,
             "wal_bytes":3145728,"last_commit_us":2000,"events":5,"commits":1,"waiting_for_space":false},
    "hydration":{"actors":3,"events":41212,"ms":600},
    "last_reload":{"ok":false,"text":"error[E102]: unknown key\n  --> a.yaml:1:1","unix_ms":1709284800000}})");
  print_status(out_, plain_, status, kNow);
  EXPECT_EQ(
      text(),
      "plant-7  DEGRADED  up 3d 04:12  actord 1.2.0  pid 812  generation 11 (loaded 09:14:02, file "
      "on disk DIFFERS)\n"
      "actors 9: 7 running, 1 backoff, 1 parked     messages 41 261: 41 212 handled, 12 dead, 37 "
      "in flight     dead "
      "letters 12\n"
      "filters 1 200 let through, 340 filtered, 1 held   -> actorctl subscriptions\n"
      "parked  /orders/price-pool/2  8 restarts: signal 11   -> actorctl describe "
      "/orders/price-pool/2\n"
      "backoff /edge/http  1 restart, next in 1.6s: refused   -> actorctl describe /edge/http\n"
      "store   /var/lib/actord/actord.db 212 MiB, WAL 3.0 MiB, last commit 2.0 ms, 5 events in 1 "
      "commit\n"
      "        strict: what was answered is on disk\n"
      "hydrated 3 actors, 41 212 events in 600ms\n"
      "reload  FAILED 09:20:00: error[E102]: unknown key   -> actorctl reload --wait\n");
}

TEST_F(Pages, StatusCountsActorsThatDoNotRun) {
  print_status(out_, plain_,
               {{"actors", {{"total", 12}, {"running", 9}, {"waiting", 2}, {"stopped", 1}}}}, kNow);
  EXPECT_NE(text().find("actors 12: 9 running, 2 waiting, 1 stopped  "), std::string::npos)
      << text();
}

TEST_F(Pages, AnAnswerOfAnotherShapeDoesNotBreakThem) {
  for (const json& odd :
       {json(), json(3), json::array({1}), json::object(),
        json{{"actors", "x"}, {"store", 1}, {"path", 5}},
        json{{"parked", {1, "x"}}, {"settings", 3}, {"letters", {nullptr}}, {"last_reload", {}}}}) {
    print_status(out_, plain_, odd, kNow);
    print_actors(out_, plain_, odd, true, true);
    print_actor(out_, plain_, odd, kNow);
    print_letters(out_, plain_, odd, kNow, true);
    print_letter(out_, plain_, odd, kNow);
  }
}

json actors() {
  return json::parse(R"({"actors":[
    {"path":"/orders","kind":"","state":"RUNNING","incarnation":1,"restarts":0,"mailbox":0,"handled":0,"failed":0,"reason":""},
    {"path":"/orders/intake","kind":"orders.Intake","state":"BACKOFF","incarnation":3,"restarts":2,"mailbox":10,
     "handled":1200,"failed":2,"reason":"boom","next_in_ms":400},
    {"path":"/edge/http","kind":"io.Http","state":"PARKED","incarnation":9,"restarts":8,"mailbox":0,"handled":5,"failed":8,
     "reason":"port \u001b[31m taken"}]})");
}

TEST_F(Pages, PsListsActors) {
  print_actors(out_, plain_, actors(), false, true);
  EXPECT_EQ(
      text(),
      "ACTOR           KIND           STATE    INC  RESTARTS  MAILBOX  HANDLED  FAILED  REASON\n"
      "/orders                        RUNNING    1         0        0        0       0\n"
      "/orders/intake  orders.Intake  BACKOFF    3         2       10    1 200       2  next in "
      "400ms: boom\n"
      "/edge/http      io.Http        PARKED     9         8        0        5       8  port "
      "\\x1b[31m taken\n");
}

TEST_F(Pages, PsAsTreeIndentsUnderTheParentThatIsShown) {
  print_actors(out_, plain_, actors(), true, false);
  std::istringstream lines(text());
  std::string line;
  std::getline(lines, line);
  EXPECT_EQ(line.substr(0, 9), "/orders  ");
  std::getline(lines, line);
  EXPECT_EQ(line.substr(0, 10), "  intake  ");
  std::getline(lines, line);
  EXPECT_EQ(line.substr(0, 12), "/edge/http  ");
}

TEST_F(Pages, PsKeepsOnlyTheStateAskedForInAnyCase) {
  const json kept = only_in_state(actors(), "parked");
  ASSERT_EQ(kept["actors"].size(), 1u);
  EXPECT_EQ(kept["actors"][0]["path"], "/edge/http");
  EXPECT_EQ(only_in_state(actors(), "")["actors"].size(), 3u);
}

TEST_F(Pages, DescribeShowsSettingsFailureAndJournal) {
  const json actor = json::parse(
      R"({"path":"/orders/ledger","kind":"orders.Ledger","state":"PARKED","incarnation":9,
    "defined_at":"topology.yaml:38:7","started_unix_ms":1709284759000,
    "plugin":{"id":"orders","version":"1.2.0","sha256":"0123456789abcdef","newer":{"version":"1.3.0","sha256":"fedcba9876543210"}},"settings":{"currency":"EUR","max":200},
    "mailbox":{"depth":37,"capacity":1024,"bytes":2048,"highest":90},
    "restarts":{"count":3,"in_window":2,"by_operator":1,"limit":8,"within_ms":300000,"next_in_ms":1600},
    "last_failure":{"text":"bad total\nat line 3","class":"poison","message_type":"book","message_id":4127,"unix_ms":1709284800000},
    "persistence":{"id":"ledger","seq":41212,"snapshot_seq":41000,"hydrated_events":212,"hydrated_ms":6},
    "subscriptions":["orders.created"],"children":[],"timers":1,"asks":0,"handled":7,"failed":3})");
  print_actor(out_, plain_, actor, kNow);
  EXPECT_EQ(
      text(),
      "/orders/ledger  PARKED  orders.Ledger  incarnation 9\n"
      "defined       topology.yaml:38:7\n"
      "plugin        orders 1.2.0 sha256 0123456789ab\n"
      "              a newer build is loaded: 1.3.0 sha256 fedcba987654   -> actorctl restart "
      "/orders/ledger\n"
      "started       09:19:19, 42s ago\n"
      "settings      currency: EUR\n"
      "              max: 200\n"
      "mailbox       37 of 1 024, 2.0 KiB, at most 90 so far\n"
      "messages      7 handled, 3 failed\n"
      "restarts      2/8 in 5m, 3 in all, 1 by an operator, next in 1.6s\n"
      "last failure  09:20:00  poison: bad total\n"
      "              at message 4127 of type book\n"
      "journal       id ledger, event 41 212, snapshot at 41 000\n"
      "              hydrated 212 events in 6ms\n"
      "pending       1 timer, 0 asks\n"
      "subscribes    orders.created\n"
      "next: actorctl resume /orders/ledger\n");
}

json letter() {
  return json::parse(
      R"({"id":4127,"unix_ms":1709284800000,"reason":"handler_failed","to":"/orders/ledger","from":"",
    "type":"book","topic":"","correlation":"01913f8a-77c2-7c1e-8000-000000000000","message_id":9,"causation_id":0,
    "attempts":1,"size":240,"error":"bad_total","payload":"{\"total\":-1}"})");
}

TEST_F(Pages, DeadLettersAreATable) {
  print_letters(out_, plain_, {{"letters", {letter()}}, {"stored", 12}}, kNow, true);
  EXPECT_EQ(text(),
            "  ID  WHEN      TO              TYPE  REASON                     ATTEMPTS  CID\n"
            "4127  09:20:00  /orders/ledger  book  handler_failed: bad_total         1  "
            "01913f8a-77c2-7c1e\n");
}

TEST_F(Pages, ADeadLetterShowsItsPayload) {
  print_letter(out_, plain_, letter(), kNow);
  EXPECT_EQ(text(),
            "letter       4127\n"
            "when         09:20:00\n"
            "reason       handler_failed\n"
            "error        bad_total\n"
            "to           /orders/ledger\n"
            "from         (outside)\n"
            "type         book\n"
            "attempts     1\n"
            "message      9\n"
            "correlation  01913f8a-77c2-7c1e-8000-000000000000\n"
            "size         240 B\n"
            "{\n"
            "  \"total\": -1\n"
            "}\n");
}

TEST_F(Pages, APlanIsOneLineWhileItIsShort) {
  EXPECT_EQ(plan_text("plan 12", {"+ /edge/night", "~ /orders/ledger (actor restart)"}),
            "plan 12: + /edge/night   ~ /orders/ledger (actor restart)");
  const std::string longer(60, 'x');
  EXPECT_EQ(plan_text("plan", {longer, longer}), "plan:\n  " + longer + "\n  " + longer);
}

TEST_F(Pages, AnOldBuildThatRunsIsNamedWithTheCommandThatEndsThat) {
  EXPECT_EQ(old_build_lines({{"old_builds", {{"tally", {"/a"}}, {"none", json::array()}}}}),
            std::vector<std::string>{"old build of tally runs in /a   -> actorctl restart /a"});
  const json many = {{"old_builds", {{"tally", std::vector<std::string>(10, "/a")}}}};
  ASSERT_EQ(old_build_lines(many).size(), 1u);
  EXPECT_NE(old_build_lines(many)[0].find("/a and 2 more   -> actorctl restart PATH"),
            std::string::npos);
  EXPECT_TRUE(old_build_lines(json(3)).empty());
}

}  // namespace
}  // namespace actord::host
