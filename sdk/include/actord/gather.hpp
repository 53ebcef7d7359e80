// gather: asks many at once, and goes on when enough have answered.
//
//   gather(context, {{"/eu", "price.Get", body}, {"/us", "price.Get", body}}, 500ms,
//          [this](Context& later, const Gathered& all) { ... all.parts[0].payload ... });
//
// The continuation is called exactly once, on a later turn: when every request has been answered or has
// failed (each does by the timeout), or as soon as `quorum` answers are there, or as soon as they can no
// longer be reached. What is then still open is given up. It is not called when this instance ends first.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "actord/context.hpp"

namespace actord {

struct Request {
  Target to;
  std::string_view type;
  std::string_view payload = {};
};

struct Gathered {
  enum class State : uint8_t { kOpen, kAnswered, kFailed };  // kOpen: given up
  struct Part {
    State state = State::kOpen;
    std::string type, payload;  // of the answer
    int32_t reason = 0;         // ACTORD_DEAD_* or ACTORD_E_TIMEOUT, of a failure
    std::string text;
    bool ok() const noexcept { return state == State::kAnswered; }
  };
  std::vector<Part> parts;  // in the order of the requests
  std::size_t answered = 0, failed = 0;
  std::size_t quorum = 0;  // answers that were wanted
  bool enough() const noexcept { return answered >= quorum; }
};

namespace detail {

struct Gathering {
  Gathered result;
  std::vector<uint64_t> open;  // asks by part; 0: settled
  bool over = false;
  std::function<Outcome(Context&, const Gathered&)> then;

  bool decided() const {
    const std::size_t left = result.parts.size() - result.answered - result.failed;
    return result.enough() || left == 0 || result.answered + left < result.quorum;
  }
  void record(std::size_t at, const Answer& answer) {
    Gathered::Part& part = result.parts[at];
    open[at] = 0;
    part.state = answer.ok() ? Gathered::State::kAnswered : Gathered::State::kFailed;
    ++(answer.ok() ? result.answered : result.failed);
    if (answer.ok()) {
      part.type = answer.message().type();
      part.payload = answer.message().payload();
    } else {
      part.reason = answer.reason();
      part.text = answer.text();
    }
  }
  // An answer that `then` has put off comes again, and only that one.
  static Outcome came(const std::shared_ptr<Gathering>& self, Context& context, std::size_t at,
                      const Answer& answer) {
    if (!self->over) {
      self->record(at, answer);
      if (!self->decided()) return {};
      self->over = true;
      context.on_failure([self] { self->over = false; });
      for (const uint64_t ask : self->open) {
        if (ask != 0) context.cancel_ask(ask);
      }
    }
    return self->then(context, self->result);
  }
};

}  // namespace detail

// quorum: 0 wants all. Without requests `then` is called at once, on this turn.
template <class F>
void gather(Context& context, const std::vector<Request>& requests,
            std::chrono::milliseconds timeout, F then, std::size_t quorum = 0,
            const SendOptions& options = {}) {
  auto gathering = std::make_shared<detail::Gathering>();
  gathering->result.parts.resize(requests.size());
  gathering->result.quorum = quorum == 0 ? requests.size() : quorum;
  gathering->then = [f = std::move(then)](Context& later, const Gathered& all) mutable {
    return outcome_of(f, later, all);
  };
  for (std::size_t at = 0; at < requests.size(); ++at) {
    const Request& request = requests[at];
    gathering->open.push_back(context.ask(
        request.to, request.type, request.payload, timeout,
        [gathering, at](Context& later, const Answer& answer) {
          return detail::Gathering::came(gathering, later, at, answer);
        },
        options));
  }
  if (requests.empty()) {
    const Outcome outcome = gathering->then(context, gathering->result);
    if (outcome.failed()) throw Failure(outcome.text(), outcome.status());
  }
}

}  // namespace actord
