#include "control/rpc_params.hpp"

#include <gtest/gtest.h>

#include "base/limits.hpp"

namespace actord::host {
namespace {

using nlohmann::json;

std::string problem_text(RpcParams& params) {
  const auto problem = params.problem();
  if (problem) return "";
  EXPECT_EQ(problem.error().code, ACTORD_E_INVALID);
  return problem.error().text;
}

TEST(RpcParams, ReadsWhatIsThereAndFallsBack) {
  const json object = {{"path", "/a"}, {"limit", 7}, {"dry_run", true}};
  RpcParams params("x", object);
  EXPECT_EQ(params.text("path"), "/a");
  EXPECT_EQ(params.number("limit", 100, 1, 1'000), 7u);
  EXPECT_EQ(params.number("timeout_ms", 5'000, 1, 10'000), 5'000u);
  EXPECT_TRUE(params.flag("dry_run"));
  EXPECT_FALSE(params.flag("force"));
  EXPECT_EQ(params.text_or_empty("reason"), "");
  EXPECT_EQ(problem_text(params), "");
}

TEST(RpcParams, NamesTheMissingParam) {
  const json object = json::object();
  RpcParams params("describe", object);
  params.text("path");
  EXPECT_EQ(problem_text(params), "describe: param \"path\" must be given");
}

TEST(RpcParams, NamesTheParamOfAnotherType) {
  const json object = {{"path", 5}};
  RpcParams params("describe", object);
  params.text("path");
  EXPECT_EQ(problem_text(params),
            "describe: param \"path\" must be a string that is not empty, got 5");
  const json empty = {{"path", ""}};
  RpcParams other("describe", empty);
  other.text("path");
  EXPECT_NE(problem_text(other), "");
}

TEST(RpcParams, NamesAnUnknownParamAndTheNearestKnown) {
  const json object = {{"paht", "/a"}};
  RpcParams params("ps", object);
  params.text_or_empty("path");
  EXPECT_EQ(problem_text(params), "ps: unknown param \"paht\", did you mean \"path\"?");
  RpcParams none("status", object);
  EXPECT_EQ(problem_text(none), "status: unknown param \"paht\"; it takes none");
}

TEST(RpcParams, NumbersAreWholeAndInRange) {
  for (const json& value :
       {json(0), json(11), json(-1), json(1.0), json("5"), json(true), json(nullptr)}) {
    const json object = {{"n", value}};
    RpcParams params("x", object);
    EXPECT_EQ(params.number("n", 3, 1, 10), 3u);
    EXPECT_NE(problem_text(params).find("a whole number 1..10"), std::string::npos) << value;
  }
  for (const uint64_t edge : {1u, 10u}) {
    const json object = {{"n", edge}};
    RpcParams params("x", object);
    EXPECT_EQ(params.number("n", 3, 1, 10), edge);
    EXPECT_EQ(problem_text(params), "");
  }
}

TEST(RpcParams, APayloadIsTextAsGivenOrJson) {
  const json object = {{"text", "{ \"b\":1, \"a\":2 }"}, {"json", {{"a", 1}}}, {"number", 3}};
  RpcParams params("send", object);
  EXPECT_EQ(params.payload("text"), "{ \"b\":1, \"a\":2 }");
  EXPECT_EQ(params.payload("json"), R"({"a":1})");
  params.payload("number");
  EXPECT_NE(problem_text(params).find("\"number\" must be a string, an object or an array"),
            std::string::npos);
}

TEST(RpcParams, APayloadAtTheLimitPassesAndOneOverItDoesNot) {
  for (const uint64_t over : {0u, 1u}) {
    const json object = {{"payload", std::string(limits::kPayloadBytes + over, 'x')}};
    RpcParams params("send", object);
    EXPECT_EQ(params.payload("payload").empty(), over == 1);
    EXPECT_EQ(problem_text(params).empty(), over == 0);
  }
}

}  // namespace
}  // namespace actord::host
