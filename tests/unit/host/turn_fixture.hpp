// TurnFixture: turns for behaviors under test, with services that answer from plain members.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/turn_context.hpp"

namespace actord::host::testing {

struct FakeServices final : TurnServices {
  uint64_t now = 5'000;
  actord_status post_answer = ACTORD_OK;
  std::vector<EnvelopePtr> posted;

  uint64_t now_ms() override { return now; }
  int64_t unix_ms() override { return 1'700'000'000'000; }
  uint64_t random() override { return 42; }
  Uuid new_correlation() override { return {1, 2}; }
  uint64_t new_message_id() override { return ++last_id; }
  Result<ActorRef> resolve(const ActorPath& path) override {
    if (path.text() == "/known") return ActorRef{7, 77};
    return Error{ACTORD_E_NOT_FOUND, "nobody"};
  }
  std::string path_of(ActorRef) override { return "/somebody"; }
  std::optional<uint64_t> load(ActorRef ref) override {
    return ref.slot == 9 ? std::nullopt : std::optional<uint64_t>(ref.slot);
  }
  std::vector<ActorRef> tagged(std::string_view) override { return carriers; }
  std::vector<ActorRef> carriers;
  Result<ActorRef> reserve_child() override { return ActorRef{8, 88}; }
  void release_child(ActorRef) override {}
  actord_status post_from_outside(ActorRef to, EnvelopePtr envelope) override {
    if (post_answer == ACTORD_OK) {
      envelope->to = to;
      posted.push_back(std::move(envelope));
    }
    return post_answer;
  }
  uint64_t last_id = 100;
};

struct TurnFixture : ::testing::Test {
  FakeServices services;
  ActorPath path = ActorPath::parse("/demo").value();
  ActorRef self{3, 33};
  Effects effects;
  uint64_t asks = 0;

  static Envelope user(std::string_view type, std::string_view payload = {}) {
    Envelope envelope;
    envelope.type = Symbol::of(type);
    envelope.payload = Bytes(payload);
    envelope.id = 9;
    envelope.from = {5, 55};
    envelope.reply_to = {5, 55};
    return envelope;
  }
  // One turn with one message. Effects gather in `effects`.
  Outcome receive(Behavior& behavior, const Envelope& message) {
    TurnContext turn(services, behavior, self, path, effects, TurnPhase::kReceive, &message, 0,
                     asks);
    return behavior.receive(turn, message);
  }
  Outcome receive(Behavior& behavior, std::string_view type, std::string_view payload = {}) {
    return receive(behavior, user(type, payload));
  }
  Outcome start(Behavior& behavior) {
    TurnContext turn(services, behavior, self, path, effects, TurnPhase::kStart, nullptr, 0, asks);
    return behavior.start(turn);
  }
  // The envelope of the n-th effect, which is a send.
  const Envelope& sent(size_t n = 0) {
    EXPECT_LT(n, effects.list.size());
    return *std::get<SendEffect>(effects.list.at(n)).envelope;
  }
};

}  // namespace actord::host::testing
