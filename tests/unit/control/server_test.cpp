#include "control/server.hpp"

#include <gtest/gtest.h>

#include <optional>

#include "base/limits.hpp"
#include "base/random.hpp"
#include "control/command.hpp"
#include "loop/unix_client.hpp"
#include "support/control_host.hpp"

namespace actord::host {
namespace {

using nlohmann::json;
using testing::_;

constexpr uint64_t kPatienceMs = 20'000;

class ControlServerTest : public testing::Test {
 protected:
  UnixClient connect() {
    auto client =
        UnixClient::connect(host_.socket(), limits::kControlFrameBytes * 2, clock_, deadline());
    EXPECT_TRUE(client) << client.error().text;
    return std::move(client).value();
  }

  uint64_t deadline() { return clock_.now_ms() + kPatienceMs; }

  void say(UnixClient& client, const std::string& line) {
    host_.sync();
    ASSERT_TRUE(client.write_line(line, deadline()));
  }

  void request(UnixClient& client, const json& id, const std::string& method,
               const json& params = json::object()) {
    say(client,
        json{{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", params}}.dump());
  }

  json answer(UnixClient& client) {
    const auto line = client.read_line(deadline());
    return line ? json::parse(*line) : json{{"broken", line.error().text}};
  }

  // The error text of one request on a connection of its own.
  json error_of_request(const std::string& method, const json& params) {
    auto client = connect();
    request(client, 1, method, params);
    return answer(client)["error"];
  }

  // Everything sent before on this connection was taken by the server.
  void fence(UnixClient& client) {
    request(client, "fence", "no.such.method");
    ASSERT_EQ(answer(client)["id"], "fence");
  }

  SystemClock clock_;
  ControlHost host_;
};

TEST_F(ControlServerTest, EveryMethodReachesTheEngineWithItsParams) {
  const json ok = {{"ok", true}};
  EXPECT_CALL(host_.admin, status).WillOnce(answers(ok));
  EXPECT_CALL(host_.admin, ps).WillOnce(answers(ok));
  EXPECT_CALL(host_.admin, subscriptions).WillOnce(answers(ok));
  EXPECT_CALL(host_.admin, tags).WillOnce(answers(ok));
  EXPECT_CALL(host_.admin, describe("/a", _)).WillOnce(answers(ok));
  EXPECT_CALL(host_.admin, send("/a", "T", R"({"type": "T"})", _)).WillOnce(answers(ok));
  EXPECT_CALL(host_.admin, ask("/a", "T", R"({"n":1})", 250, _)).WillOnce(answers(ok));
  EXPECT_CALL(host_.admin, publish("a.b", "T", "x", _)).WillOnce(answers(ok));
  EXPECT_CALL(host_.admin, reload(true, _)).WillOnce(answers(ok));
  EXPECT_CALL(host_.admin, diff("/etc/a.yaml", _)).WillOnce(answers(ok));
  EXPECT_CALL(host_.admin, start("/a", _)).WillOnce(answers(ok));
  EXPECT_CALL(host_.admin, stop("/a", _)).WillOnce(answers(ok));
  EXPECT_CALL(host_.admin, restart("/a", _)).WillOnce(answers(ok));
  EXPECT_CALL(host_.admin, park("/a", _)).WillOnce(answers(ok));
  EXPECT_CALL(host_.admin, suspend("/a", _)).WillOnce(answers(ok));
  EXPECT_CALL(host_.admin, resume("/a", _)).WillOnce(answers(ok));
  EXPECT_CALL(host_.admin, dead_letters("/a", "unhandled", 17, 5, _)).WillOnce(answers(ok));
  EXPECT_CALL(host_.admin, dead_letter(41, _)).WillOnce(answers(ok));
  const json path = {{"path", "/a"}};
  const std::map<std::string, json> requests = {
      {"status", json::object()},
      {"ps", json::object()},
      {"subscriptions", json::object()},
      {"tags", json::object()},
      {"describe", path},
      {"send", {{"path", "/a"}, {"type", "T"}, {"payload", R"({"type": "T"})"}}},
      {"ask", {{"path", "/a"}, {"type", "T"}, {"payload", {{"n", 1}}}, {"timeout_ms", 250}}},
      {"publish", {{"topic", "a.b"}, {"type", "T"}, {"payload", "x"}}},
      {"reload", {{"dry_run", true}}},
      {"diff", {{"file", "/etc/a.yaml"}}},
      {"start", path},
      {"stop", path},
      {"restart", path},
      {"park", path},
      {"suspend", path},
      {"resume", path},
      {"dead.ls", {{"actor", "/a"}, {"reason", "unhandled"}, {"since_unix_ms", 17}, {"limit", 5}}},
      {"dead.show", {{"id", 41}}},
  };
  auto client = connect();
  EXPECT_EQ(requests.size(), command_names().size());
  for (const auto& [method, params] : requests) {
    request(client, method, method, params);
    EXPECT_EQ(answer(client), (json{{"jsonrpc", "2.0"}, {"id", method}, {"result", ok}}));
  }
}

TEST_F(ControlServerTest, ParamsLeftOutHaveDefaults) {
  EXPECT_CALL(host_.admin, ask("/a", "T", "x", limits::kControlAskTimeoutMs, _))
      .WillOnce(answers(1));
  EXPECT_CALL(host_.admin, dead_letters("", "", 0, limits::kControlDeadLettersShown, _))
      .WillOnce(answers(2));
  EXPECT_CALL(host_.admin, reload(false, _)).WillOnce(answers(3));
  EXPECT_CALL(host_.admin, diff("", _)).WillOnce(answers(4));
  auto client = connect();
  request(client, 1, "ask", {{"path", "/a"}, {"type", "T"}, {"payload", "x"}});
  EXPECT_EQ(answer(client)["result"], 1);
  say(client, R"({"jsonrpc":"2.0","id":2,"method":"dead.ls"})");
  EXPECT_EQ(answer(client)["result"], 2);
  request(client, 3, "reload");
  EXPECT_EQ(answer(client)["result"], 3);
  request(client, 4, "diff");
  EXPECT_EQ(answer(client)["result"], 4);
}

TEST_F(ControlServerTest, BadParamsNeverReachTheEngine) {
  EXPECT_CALL(host_.admin, describe).Times(0);
  EXPECT_CALL(host_.admin, ask).Times(0);
  EXPECT_CALL(host_.admin, dead_letter).Times(0);
  const auto missing = error_of_request("describe", json::object());
  EXPECT_EQ(missing["code"], ACTORD_E_INVALID);
  EXPECT_EQ(missing["data"]["status"], "E_INVALID");
  EXPECT_EQ(missing["message"], "describe: param \"path\" must be given");
  EXPECT_EQ(error_of_request("describe", {{"path", "/a"}, {"deep", true}})["message"],
            "describe: unknown param \"deep\"");
  EXPECT_EQ(error_of_request("dead.show", {{"id", "41"}})["code"], ACTORD_E_INVALID);
  EXPECT_EQ(
      error_of_request(
          "ask", {{"path", "/a"}, {"type", "T"}, {"payload", "x"}, {"timeout_ms", 0}})["code"],
      ACTORD_E_INVALID);
}

TEST_F(ControlServerTest, AnUnknownMethodIsAnsweredWithTheNearestOne) {
  const auto error = error_of_request("dead.sl", json::object());
  EXPECT_EQ(error["code"], kRpcMethodNotFound);
  EXPECT_EQ(error["message"], "there is no method \"dead.sl\", did you mean \"dead.ls\"?");
}

TEST_F(ControlServerTest, TheEnginesErrorComesWithItsCode) {
  EXPECT_CALL(host_.admin, describe("/x", _)).WillOnce(refuses(ACTORD_E_NOT_FOUND, "no actor /x"));
  const auto error = error_of_request("describe", {{"path", "/x"}});
  EXPECT_EQ(error["code"], ACTORD_E_NOT_FOUND);
  EXPECT_EQ(error["data"], (json{{"status", "E_NOT_FOUND"}, {"detail", "no actor /x"}}));
}

TEST_F(ControlServerTest, RequestsOfOneConnectionAreAnsweredAsTheyAreReady) {
  std::vector<AdminReply> replies;
  EXPECT_CALL(host_.admin, ask).Times(2).WillRepeatedly(keeps(&replies));
  auto client = connect();
  const json params = {{"path", "/a"}, {"type", "T"}, {"payload", "x"}};
  request(client, "first", "ask", params);
  request(client, "second", "ask", params);
  fence(client);
  host_.on_loop([&] { replies[1](json(2)); });
  EXPECT_EQ(answer(client)["id"], "second");
  host_.on_loop([&] {
    replies[0](json(1));
    replies[0](json(1));  // a second reply is dropped
  });
  EXPECT_EQ(answer(client)["id"], "first");
  fence(client);
}

TEST_F(ControlServerTest, ANotificationIsCarriedOutAndNotAnswered) {
  EXPECT_CALL(host_.admin, park("/a", _)).WillOnce(answers(1));
  EXPECT_CALL(host_.admin, resume("/a", _)).WillOnce(refuses(ACTORD_E_NOT_FOUND, "no"));
  auto client = connect();
  say(client, R"({"jsonrpc":"2.0","method":"park","params":{"path":"/a"}})");
  say(client, R"({"jsonrpc":"2.0","method":"resume","params":{"path":"/a"}})");
  say(client, R"({"jsonrpc":"2.0","method":"no.such"})");
  say(client, R"({"jsonrpc":"2.0","method":"describe"})");
  fence(client);
}

TEST_F(ControlServerTest, AFrameThatIsNoRequestLeavesTheConnectionUsable) {
  EXPECT_CALL(host_.admin, status).WillOnce(answers(1));
  auto client = connect();
  say(client, "nonsense");
  EXPECT_EQ(answer(client)["error"]["code"], kRpcParseError);
  say(client, "[]");
  EXPECT_EQ(answer(client)["error"]["code"], kRpcInvalidRequest);
  say(client, "  \r");  // blank lines are fine
  request(client, 1, "status");
  EXPECT_EQ(answer(client)["result"], 1);
}

TEST_F(ControlServerTest, AFrameOverTheLimitIsRefusedAndTheNextOneRead) {
  auto client = connect();
  say(client, std::string(limits::kControlFrameBytes + 1, 'x'));
  const json refused = answer(client);
  EXPECT_EQ(refused["error"]["code"], kRpcInvalidRequest);
  EXPECT_TRUE(refused["id"].is_null());
  fence(client);
}

TEST_F(ControlServerTest, SurvivesGarbage) {
  const uint64_t seed = 99;
  SCOPED_TRACE(seed);
  Random random(seed);
  auto client = connect();
  for (int round = 0; round < 300; ++round) {
    std::string line(1 + random.next() % 60, ' ');
    for (char& c : line) c = static_cast<char>(random.next());
    std::erase(line, '\n');
    line.insert(0, "x");  // never blank, so each is answered
    say(client, line);
    EXPECT_EQ(answer(client)["error"]["code"], kRpcParseError);
  }
  fence(client);
}

TEST_F(ControlServerTest, ARequestOverThePendingLimitIsRefusedAtOnce) {
  std::vector<AdminReply> replies;
  EXPECT_CALL(host_.admin, status)
      .Times(limits::kControlPendingRequests)
      .WillRepeatedly(keeps(&replies));
  auto client = connect();
  for (uint64_t i = 0; i <= limits::kControlPendingRequests; ++i) request(client, i, "status");
  const json refused = answer(client);
  EXPECT_EQ(refused["id"], limits::kControlPendingRequests);
  EXPECT_EQ(refused["error"]["data"]["status"], "E_LIMIT");
  host_.on_loop([&] { replies[0](json(1)); });
  EXPECT_EQ(answer(client)["id"], 0);
  fence(client);
}

TEST_F(ControlServerTest, AConnectionOverTheLimitTakesThePlaceOfTheOneIdleLongest) {
  std::vector<AdminReply> replies;
  EXPECT_CALL(host_.admin, status).WillOnce(keeps(&replies));
  std::vector<UnixClient> clients;
  for (uint64_t i = 0; i < limits::kControlConnections; ++i) {
    clients.push_back(connect());
    if (i == 0) request(clients.back(), 1, "status");  // waits for its answer, so it is not idle
    fence(clients.back());
  }
  fence(clients[1]);
  auto late = connect();
  fence(late);
  EXPECT_TRUE(answer(clients[2]).contains("broken"));
  fence(clients[0]);
  fence(clients[1]);
  EXPECT_EQ(host_.sessions(), limits::kControlConnections);
}

TEST_F(ControlServerTest, AConnectionOverTheLimitIsToldSoWhenAllWaitForAnswers) {
  std::vector<AdminReply> replies;
  EXPECT_CALL(host_.admin, status).WillRepeatedly(keeps(&replies));
  std::vector<UnixClient> clients;
  for (uint64_t i = 0; i < limits::kControlConnections; ++i) {
    clients.push_back(connect());
    request(clients.back(), 1, "status");
    fence(clients.back());
  }
  auto refused = connect();
  EXPECT_EQ(answer(refused)["error"]["data"]["status"], "E_LIMIT");
  EXPECT_TRUE(answer(refused).contains("broken"));
  fence(clients.front());
}

TEST_F(ControlServerTest, UnfinishedFramesAreBoundedTogether) {
  const std::string part(limits::kControlFrameBytes - 1'000, ' ');
  std::vector<UnixClient> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(connect());
    fence(clients.back());
    ASSERT_TRUE(clients.back().write(part, deadline()));
  }
  // The third frame passes the sum, and the first one goes.
  EXPECT_TRUE(answer(clients[0]).contains("broken"));
  for (int i = 1; i < 3; ++i) fence(clients[static_cast<size_t>(i)]);
}

TEST(ControlServerFrame, OneThatDoesNotEndIsClosedInTime) {
  ControlHost host(50);
  SystemClock clock;
  const uint64_t deadline = clock.now_ms() + kPatienceMs;
  auto idle = UnixClient::connect(host.socket(), 1'000, clock, deadline);
  auto half = UnixClient::connect(host.socket(), 1'000, clock, deadline);
  ASSERT_TRUE(half->write("{\"jsonrpc\":", deadline));
  EXPECT_FALSE(half->read_line(deadline));
  EXPECT_LT(clock.now_ms(), deadline);
  EXPECT_EQ(host.sessions(), 1u);
}

TEST_F(ControlServerTest, AReplyForAPeerThatLeftIsDropped) {
  std::vector<AdminReply> replies;
  EXPECT_CALL(host_.admin, status).WillOnce(keeps(&replies));
  {
    auto client = connect();
    request(client, 1, "status");
    fence(client);
  }
  while (host_.sessions() != 0) {}
  host_.on_loop([&] { replies[0](json(1)); });
}

TEST_F(ControlServerTest, ShutdownAnswersWhatIsPendingThenCloses) {
  std::vector<AdminReply> replies;
  EXPECT_CALL(host_.admin, status).WillOnce(keeps(&replies));
  auto client = connect();
  auto idle = connect();
  request(client, 1, "status");
  fence(client);
  fence(idle);
  host_.shutdown();
  const json last = answer(client);
  EXPECT_EQ(last["id"], 1);
  EXPECT_EQ(last["error"]["data"]["status"], "E_CLOSED");
  EXPECT_TRUE(answer(client).contains("broken"));
  EXPECT_TRUE(answer(idle).contains("broken"));
  EXPECT_FALSE(UnixClient::connect(host_.socket(), 100, clock_, deadline()));
  host_.on_loop([&] { replies[0](json(1)); });  // too late, and harmless
}

TEST_F(ControlServerTest, ShutdownDoesNotWaitForeverForAPeerThatDoesNotRead) {
  EXPECT_CALL(host_.admin, status)
      .WillRepeatedly(answers(std::string(limits::kControlFrameBytes / 2, 'x')));
  auto client = connect();
  request(client, 1, "status");
  while (host_.sessions() == 0) {}
  host_.shutdown();
}

TEST_F(ControlServerTest, GoesAwayUnderLiveConnections) {
  std::vector<AdminReply> replies;
  ON_CALL(host_.admin, status).WillByDefault(keeps(&replies));
  auto client = connect();
  request(client, 1, "status");
  fence(client);
  // The fixture destroys the server while the request waits.
}

}  // namespace
}  // namespace actord::host
