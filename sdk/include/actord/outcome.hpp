// Outcome: what a handler answers the host. Failure: how it leaves when it cannot go on.
//
// A handler may return void (done), Done, Defer, Unhandled, Stop, Result<void>, or Outcome when it
// chooses among them. Throwing Failure or returning an Error fails the turn: none of its effects
// happens, and the supervisor decides by the code.
//
//   Outcome greet(Context& context, const Message& message) {
//     if (!ready_) return Defer{};          // to the stash, until context.unstash_all()
//     context.reply("greeter.Hello", "{}");
//     return Done{};
//   }
#pragma once

#include <exception>
#include <string>
#include <type_traits>
#include <utility>

#include "actord/abi.h"
#include "actord/result.hpp"

namespace actord {

struct Done {};
struct Defer {};      // not now: to the stash
struct Unhandled {};  // not mine: a dead letter
struct Stop {};       // done, and stop me

// Leaves a handler, a constructor, apply or load. code is an ACTORD_FAIL_*; anything else counts as
// FAIL_PERMANENT.
class Failure : public std::exception {
 public:
  explicit Failure(std::string text, actord_status code = ACTORD_FAIL_PERMANENT)
      : error_{code, std::move(text)} {}
  explicit Failure(Error error) : error_(std::move(error)) {}
  const char* what() const noexcept override { return error_.text.c_str(); }
  const Error& error() const noexcept { return error_; }

 private:
  Error error_;
};

class Outcome {
 public:
  Outcome() = default;
  Outcome(Done) {}
  Outcome(Defer) : status_(ACTORD_DEFER) {}
  Outcome(Unhandled) : status_(ACTORD_UNHANDLED) {}
  Outcome(Stop) : status_(ACTORD_STOP) {}
  Outcome(Error error) : status_(failure_code(error.code)), text_(std::move(error.text)) {}
  Outcome(const Result<void>& result) {
    if (!result) *this = Outcome(result.error());
  }

  actord_status status() const noexcept { return status_; }
  bool failed() const noexcept { return status_ < 0; }
  const std::string& text() const noexcept { return text_; }

 private:
  // The host knows failures only; a refused host call that is passed on is a lasting one.
  static actord_status failure_code(actord_status code) noexcept {
    return code <= ACTORD_FAIL_TRANSIENT && code >= ACTORD_FAIL_TIMEOUT ? code
                                                                        : ACTORD_FAIL_PERMANENT;
  }

  actord_status status_ = ACTORD_OK;
  std::string text_;
};

// Calls f and turns whatever it returns into an Outcome.
template <class F, class... Args>
Outcome outcome_of(F&& f, Args&&... args) {
  using Returned = std::invoke_result_t<F, Args...>;
  if constexpr (std::is_void_v<Returned>) {
    std::forward<F>(f)(std::forward<Args>(args)...);
    return {};
  } else {
    static_assert(std::is_convertible_v<Returned, Outcome>,
                  "a handler returns void, Done, Defer, Unhandled, Stop, Result<void> or Outcome");
    return std::forward<F>(f)(std::forward<Args>(args)...);
  }
}

}  // namespace actord
