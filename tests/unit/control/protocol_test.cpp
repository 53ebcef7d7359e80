#include "control/protocol.hpp"

#include <gtest/gtest.h>

#include "base/limits.hpp"
#include "base/random.hpp"

namespace actord::host {
namespace {

using nlohmann::json;

RpcRequest request_in(const std::string& line) {
  auto parsed = parse_request(line);
  EXPECT_TRUE(std::holds_alternative<RpcRequest>(parsed)) << line;
  return std::holds_alternative<RpcRequest>(parsed) ? std::get<RpcRequest>(parsed) : RpcRequest{};
}

// The refusal's code, id and text.
struct Refusal {
  int32_t code = 0;
  json id;
  std::string text;
};

Refusal refusal_of(const std::string& line) {
  const auto parsed = parse_request(line);
  if (!std::holds_alternative<RpcResponse>(parsed)) return {};
  const auto& response = std::get<RpcResponse>(parsed);
  const auto& failure = std::get<RpcFailure>(response.outcome);
  return {failure.code, response.id, failure.text};
}

TEST(Protocol, ReadsARequestWithItsId) {
  for (const json& id : {json(7), json("a-1"), json(nullptr), json(-1), json(1.5)}) {
    const json frame = {
        {"jsonrpc", "2.0"}, {"id", id}, {"method", "describe"}, {"params", {{"path", "/a"}}}};
    const auto request = request_in(frame.dump());
    EXPECT_EQ(request.id, id);
    EXPECT_FALSE(request.notification);
    EXPECT_EQ(request.method, "describe");
    EXPECT_EQ(request.params, (json{{"path", "/a"}}));
  }
}

TEST(Protocol, ARequestWithoutIdIsANotificationAndParamsMayBeAbsent) {
  const auto request = request_in(R"({"jsonrpc":"2.0","method":"status"})");
  EXPECT_TRUE(request.notification);
  EXPECT_EQ(request.params, json::object());
}

TEST(Protocol, RefusesWhatIsNoRequestAndKeepsTheId) {
  EXPECT_EQ(refusal_of("{").code, kRpcParseError);
  EXPECT_EQ(refusal_of("\xff").code, kRpcParseError);
  EXPECT_EQ(refusal_of("{\"jsonrpc\":\"2.0\",\"method\":\"\xc3\x28\"}").code, kRpcParseError);
  EXPECT_EQ(refusal_of("17").code, kRpcInvalidRequest);
  EXPECT_EQ(refusal_of(R"({"id":1,"method":"status"})").code, kRpcInvalidRequest);
  EXPECT_EQ(refusal_of(R"({"jsonrpc":"1.0","id":1,"method":"status"})").code, kRpcInvalidRequest);
  EXPECT_EQ(refusal_of(R"({"jsonrpc":"2.0","id":{},"method":"status"})").code, kRpcInvalidRequest);
  const auto no_method = refusal_of(R"({"jsonrpc":"2.0","id":9})");
  EXPECT_EQ(no_method.code, kRpcInvalidRequest);
  EXPECT_EQ(no_method.id, 9);
  EXPECT_NE(no_method.text.find("method"), std::string::npos);
  EXPECT_NE(
      refusal_of(R"({"jsonrpc":"2.0","id":9,"method":"ps","params":[1]})").text.find("by name"),
      std::string::npos);
}

TEST(Protocol, RefusesBatchesAndSaysSo) {
  const auto refusal = refusal_of(R"([{"jsonrpc":"2.0","id":1,"method":"status"}])");
  EXPECT_EQ(refusal.code, kRpcInvalidRequest);
  EXPECT_TRUE(refusal.id.is_null());
  EXPECT_NE(refusal.text.find("batches are not supported"), std::string::npos);
}

TEST(Protocol, TakesNestingAtTheLimitAndRefusesItOverIt) {
  const auto nested = [](uint64_t depth) {  // the frame and params are two levels
    return R"({"jsonrpc":"2.0","id":1,"method":"m","params":{"x":)" + std::string(depth - 2, '[') +
           std::string(depth - 2, ']') + "}}";
  };
  request_in(nested(limits::kControlNesting));
  EXPECT_NE(refusal_of(nested(limits::kControlNesting + 1)).text.find("nested"), std::string::npos);
  EXPECT_EQ(refusal_of(std::string(5'000'000, '[')).code, kRpcInvalidRequest);
  // Brackets in a string are none.
  request_in(R"({"jsonrpc":"2.0","id":1,"method":"m","params":{"x":"\")" + std::string(1'000, '[') +
             "\"}}");
}

TEST(Protocol, SurvivesGarbage) {
  const uint64_t seed = 20'240'301;
  SCOPED_TRACE(seed);
  Random random(seed);
  const std::string valid =
      R"({"jsonrpc":"2.0","id":"k","method":"ask","params":{"path":"/a","timeout_ms":5,"payload":"{}"}})";
  for (int round = 0; round < 20'000; ++round) {
    std::string line = valid;
    for (uint64_t edits = 1 + random.next() % 6; edits > 0; --edits) {
      const size_t at = random.next() % line.size();
      switch (random.next() % 4) {
        case 0: line[at] = static_cast<char>(random.next()); break;
        case 1: line.erase(at, random.next() % 5); break;
        case 2: line.insert(at, 1, "{}[]\",:\\0tfn-"[random.next() % 13]); break;
        default: line.resize(at + 1); break;
      }
      if (line.empty()) line = "{";
    }
    const auto parsed = parse_request(line);
    if (const auto* response = std::get_if<RpcResponse>(&parsed)) {
      EXPECT_TRUE(parse_response(serialise(*response)));  // a refusal is always a frame
    } else {
      (void)serialise(std::get<RpcRequest>(parsed));
    }
    (void)parse_response(line);
  }
}

TEST(Protocol, RoundTripsRequestsAndResults) {
  const RpcRequest sent{5, false, "ask", {{"path", "/stats"}}};
  const auto got = request_in(serialise(sent));
  EXPECT_EQ(got.id, 5);
  EXPECT_EQ(got.params, sent.params);
  const auto response = parse_response(serialise(RpcResponse{"x", json{{"n", 1}}}));
  ASSERT_TRUE(response);
  EXPECT_EQ(response->id, "x");
  EXPECT_EQ(std::get<json>(response->outcome), (json{{"n", 1}}));
}

TEST(Protocol, AFailureCarriesNumberNameAndAllItsLines) {
  const std::string text = "error[E102]: unknown key\n  --> a.yaml:3:1\n";
  const std::string line = serialise(RpcResponse{1, failure_of({ACTORD_E_CONFIG, text})});
  EXPECT_EQ(line.find('\n'), std::string::npos);
  const json error = json::parse(line)["error"];
  EXPECT_EQ(error["code"], ACTORD_E_CONFIG);
  EXPECT_EQ(error["message"], "error[E102]: unknown key");
  EXPECT_EQ(error["data"]["status"], "E_CONFIG");
  EXPECT_EQ(error["data"]["detail"], text);
  const auto response = parse_response(line);
  const Error back = error_of(std::get<RpcFailure>(response->outcome));
  EXPECT_EQ(back.code, ACTORD_E_CONFIG);
  EXPECT_EQ(back.text, text);
}

TEST(Protocol, CodesNobodyKnowsBecomeTheNearestStatus) {
  EXPECT_EQ(error_of({kRpcMethodNotFound, "", ""}).code, ACTORD_E_UNSUPPORTED);
  EXPECT_EQ(error_of({kRpcParseError, "", ""}).code, ACTORD_E_INVALID);
  EXPECT_EQ(error_of({-31'000, "", ""}).code, ACTORD_FAIL_INTERNAL);
  EXPECT_EQ(error_of({0, "", ""}).code, ACTORD_FAIL_INTERNAL);
}

TEST(Protocol, BytesThatAreNoUtf8StillMakeAFrame) {
  const auto response =
      parse_response(serialise(RpcResponse{1, failure_of({ACTORD_E_IO, "bad \xff byte"})}));
  ASSERT_TRUE(response);
  EXPECT_NE(std::get<RpcFailure>(response->outcome).text.find("bad "), std::string::npos);
}

TEST(Protocol, AnAnswerThatFitsNoFrameBecomesAnErrorThatSaysSo) {
  const std::string line =
      serialise(RpcResponse{3, json(std::string(limits::kControlFrameBytes, 'x'))});
  EXPECT_LT(line.size(), 1'000u);
  const auto response = parse_response(line);
  EXPECT_EQ(response->id, 3);
  EXPECT_EQ(std::get<RpcFailure>(response->outcome).status, "E_LIMIT");
}

TEST(Protocol, AResponseMustBeOne) {
  for (const char* line :
       {"", "[]", "{}", R"({"jsonrpc":"2.0","id":1})", R"({"jsonrpc":"2.0","error":3})"}) {
    EXPECT_FALSE(parse_response(line)) << line;
  }
}

}  // namespace
}  // namespace actord::host
