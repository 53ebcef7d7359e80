// Relay: answers a message with what another actor answers, and learns how that went.
//
// forward() passes a message on and hears no more of it. A relay asks in its own name instead, keeps the
// message put off meanwhile (so the host accounts for it, and the next instance sees it again if this one
// ends), and settles it when the answer is there:
//
//   Outcome otherwise(Context& context, const Message& message) {
//     if (const auto outcome = relay_.settle(context, message)) return *outcome;
//     return relay_.ask(context, message, "/payments", 2s, [this](Context&, const Answer& answer) {
//       answer.ok() ? ++good_ : ++bad_;
//       return true;                    // false: it stays put off; retry() or give_up() follows
//     });
//   }
//
// A failure becomes a dead letter here, which tells the requester at once.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "actord/context.hpp"

namespace actord {

class Relay {
 public:
  using Milliseconds = std::chrono::milliseconds;
  // What the answer was; whether it settles the message.
  using Heard = std::function<bool(Context&, const Answer&)>;

  // Asks, and puts the current message off; the handler returns what this returns. The requester's own
  // deadline is kept to.
  Outcome ask(Context& context, const Message& message, const Target& to, Milliseconds timeout,
              Heard heard) {
    ask_again(context, message.id(), to, message.type(), message.payload(),
              remaining(context, message.deadline_ms(), timeout), std::move(heard),
              {.content_type = message.content_type(), .key = message.key()});
    return Defer{};
  }
  // For a message that is put off already. Returns the number of the ask.
  uint64_t ask_again(Context& context, uint64_t message_id, const Target& to, std::string_view type,
                     std::string_view payload, Milliseconds timeout, Heard heard,
                     const SendOptions& options = {}) {
    return context.ask(
        to, type, payload, timeout,
        [this, message_id, heard = std::move(heard)](Context& later, const Answer& answer) {
          if (heard(later, answer)) keep(later, message_id, result_of(answer));
        },
        options);
  }
  // Ends a message that is put off, with a dead letter.
  void give_up(Context& context, uint64_t message_id, int32_t reason, std::string why) {
    keep(context, message_id, {false, {}, {}, {}, reason, std::move(why)});
  }

  // A message whose answer is there is answered, or rejected. Nothing: it is another one.
  std::optional<Outcome> settle(Context& context, const Message& message) {
    auto found = results_.extract(message.id());
    if (found.empty()) return std::nullopt;
    const Result& result = found.mapped();
    if (result.ok) {
      context.reply(result.type, result.payload, {.content_type = result.content_type});
    } else {
      context.reject_as(result.reason, result.text);
    }
    return Outcome(Done{});
  }

  static Milliseconds remaining(Context& context, uint64_t deadline_ms, Milliseconds timeout) {
    if (deadline_ms == 0) return timeout;
    const uint64_t now = context.now_ms();
    const uint64_t left = deadline_ms > now ? deadline_ms - now : 1;
    return std::min(timeout, Milliseconds(static_cast<int64_t>(left)));
  }

 private:
  struct Result {
    bool ok = false;
    std::string type, payload, content_type;
    int32_t reason = 0;
    std::string text;
  };
  static Result result_of(const Answer& answer) {
    if (answer.ok()) {
      const Message& reply = answer.message();
      return {true,
              std::string(reply.type()),
              std::string(reply.payload()),
              std::string(reply.content_type()),
              0,
              {}};
    }
    const bool open = answer.reason() == ACTORD_DEAD_BREAKER_OPEN;
    return {false,
            {},
            {},
            {},
            open ? ACTORD_DEAD_BREAKER_OPEN : ACTORD_DEAD_REJECTED,
            std::string(answer.text())};
  }
  // It comes back on the next turn, and is settled there.
  void keep(Context& context, uint64_t message_id, Result result) {
    context.unstash(message_id);
    context.on_failure([this, message_id] { results_.erase(message_id); });
    // One that has expired meanwhile never comes to be settled.
    while (results_.size() >= kKept) results_.erase(results_.begin());
    results_.insert_or_assign(message_id, std::move(result));
  }

  static constexpr std::size_t kKept = 1'000;
  std::map<uint64_t, Result> results_;  // of messages on their way back
};

}  // namespace actord
