// std.Breaker: stands before an actor that fails often, and rejects at once while it does. See
// actord/breaker.hpp for when it opens and closes.
//
// Requests (asks) are relayed, so that it learns how they end: an answer is a success, whatever it says;
// no answer (a dead letter, a timeout) is a failure. Other messages are passed on while it is closed, and
// tell it nothing. While it is open everything becomes a dead letter with the reason breaker_open.
//
//   std.breaker.Status   answered with {"state", "failures", "retry_in_ms"}
#pragma once

#include <chrono>
#include <string>

#include "actord/actord.hpp"
#include "actord/breaker.hpp"
#include "actord/relay.hpp"
#include "actord/settings.hpp"

namespace standard {

struct BreakerSettings {
  std::string target;
  std::chrono::milliseconds timeout{5'000};
  uint32_t failures = 5;
  uint32_t window = 0;
  double failure_rate = 0.5;
  std::chrono::milliseconds slow{0};
  std::chrono::milliseconds cool_down{10'000};
  double growth = 2.0;
  std::chrono::milliseconds cool_down_max{300'000};

  static auto fields() {
    using S = BreakerSettings;
    return actord::settings(actord::setting("target", &S::target).required().min(2),
                            actord::setting("timeout", &S::timeout).min(1),
                            actord::setting("failures", &S::failures).max(1'000'000),
                            actord::setting("window", &S::window).max(100'000),
                            actord::setting("failure_rate", &S::failure_rate).min(0).max(1),
                            actord::setting("slow", &S::slow),
                            actord::setting("cool_down", &S::cool_down).min(1),
                            actord::setting("growth", &S::growth).min(1).max(100),
                            actord::setting("cool_down_max", &S::cool_down_max).min(1));
  }
};

class Breaker {
 public:
  static constexpr auto handlers() {
    return actord::table(actord::on("std.breaker.Status", &Breaker::status));
  }

  explicit Breaker(const actord::Setup& setup);
  actord::Outcome otherwise(actord::Context& context, const actord::Message& message);

 private:
  void status(actord::Context& context, const actord::Message& message);
  actord::Outcome relay(actord::Context& context, const actord::Message& message);
  void refuse(actord::Context& context);
  void say_when_changed(actord::Context& context, actord::Breaker::State before);

  BreakerSettings settings_;
  actord::Breaker breaker_;
  actord::Relay relay_;
};

}  // namespace standard
