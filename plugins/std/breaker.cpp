#include "breaker.hpp"

#include "actord/json.hpp"

namespace standard {
namespace {

using actord::Answer, actord::Context, actord::Defer, actord::Done, actord::Failure, actord::Json,
    actord::Message, actord::Outcome;
using State = actord::Breaker::State;

uint64_t count(std::chrono::milliseconds time) { return static_cast<uint64_t>(time.count()); }

actord::BreakerOptions options_of(const BreakerSettings& settings) {
  return {settings.failures,
          settings.failure_rate,
          settings.window,
          count(settings.slow),
          count(settings.cool_down),
          settings.growth,
          count(settings.cool_down_max)};
}

const char* name_of(State state) {
  switch (state) {
    case State::kClosed: return "closed";
    case State::kOpen: return "open";
    case State::kHalfOpen: return "half_open";
  }
  return "?";
}

}  // namespace

Breaker::Breaker(const actord::Setup& setup)
    : settings_(actord::settings_of<BreakerSettings>(setup)), breaker_(options_of(settings_)) {
  if (settings_.failures == 0 && settings_.window == 0)
    throw Failure("settings: with failures 0 and window 0 it would never open", ACTORD_FAIL_CONFIG);
  if (settings_.cool_down_max < settings_.cool_down)
    throw Failure("settings: cool_down_max is shorter than cool_down", ACTORD_FAIL_CONFIG);
}

Outcome Breaker::otherwise(Context& context, const Message& message) {
  if (const auto settled = relay_.settle(context, message)) return *settled;
  if (message.expects_reply()) return relay(context, message);
  if (breaker_.state() == State::kClosed) {
    context.forward(settings_.target);
  } else {
    refuse(context);
  }
  return Done{};
}

Outcome Breaker::relay(Context& context, const Message& message) {
  const State before = breaker_.state();
  const auto call = breaker_.admit(context.now_ms());
  if (!call) {
    refuse(context);
    return Done{};
  }
  context.on_failure([this, call = *call] { breaker_.forgotten(call); });
  say_when_changed(context, before);
  return relay_.ask(context, message, settings_.target, settings_.timeout,
                    [this, call = *call](Context& later, const Answer& answer) {
                      const State was = breaker_.state();
                      if (answer.ok()) {
                        breaker_.succeeded(call, later.now_ms());
                      } else {
                        breaker_.failed(call, later.now_ms());
                      }
                      say_when_changed(later, was);
                      return true;
                    });
}

void Breaker::refuse(Context& context) {
  const uint64_t at = breaker_.retry_at_ms(), now = context.now_ms();
  const std::string when = at > now ? "the next try is in " + std::to_string(at - now) + " ms"
                                    : "one request is on trial";
  context.reject_as(ACTORD_DEAD_BREAKER_OPEN, settings_.target + " fails too often; " + when);
}

void Breaker::say_when_changed(Context& context, State before) {
  const State now = breaker_.state();
  if (now == before) return;
  const std::string text = "the breaker before " + settings_.target + " is " + name_of(now);
  context.log(now == State::kOpen ? ACTORD_LOG_WARN : ACTORD_LOG_INFO, text);
}

void Breaker::status(Context& context, const Message&) {
  const uint64_t at = breaker_.retry_at_ms(), now = context.now_ms();
  context.reply("std.breaker.Status", Json{{"state", name_of(breaker_.state())},
                                           {"failures", breaker_.failures()},
                                           {"retry_in_ms", at > now ? at - now : 0}}
                                          .dump());
}

}  // namespace standard
