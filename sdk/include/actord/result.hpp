// Result<T>: a value, or an Error with a status code (status.def) and a text for people.
//
// Used by the SDK and by the daemon. The names follow std::expected, so that a later move to it is
// mechanical. A Result must be looked at: the class is [[nodiscard]].
#pragma once

#include <string>
#include <utility>
#include <variant>

#include "actord/abi.h"

namespace actord {

struct Error {
  actord_status code = ACTORD_E_INVALID;
  std::string text;
};

template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  // Requires: has_value().
  T& value() & { return std::get<0>(state_); }
  const T& value() const& { return std::get<0>(state_); }
  T&& value() && { return std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  // Requires: !has_value().
  const Error& error() const& { return std::get<1>(state_); }
  Error&& error() && { return std::get<1>(std::move(state_)); }

  T value_or(T other) const& { return has_value() ? value() : std::move(other); }

  template <class F>
  auto and_then(F&& f) && -> decltype(f(std::declval<T&&>())) {
    if (!has_value()) return std::move(*this).error();
    return std::forward<F>(f)(std::move(*this).value());
  }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;

  Result() = default;
  Result(Error error) : error_(std::move(error)), failed_(true) {}

  bool has_value() const noexcept { return !failed_; }
  explicit operator bool() const noexcept { return !failed_; }
  const Error& error() const& { return error_; }
  Error&& error() && { return std::move(error_); }

 private:
  Error error_;
  bool failed_ = false;
};

}  // namespace actord

// Leaves the function with the error, if there is one.
#define ACTORD_TRY(expression)                                     \
  do {                                                             \
    if (auto actord_try_ = (expression); !actord_try_.has_value()) \
      return std::move(actord_try_).error();                       \
  } while (false)

#define ACTORD_CONCAT_(a, b) a##b
#define ACTORD_CONCAT(a, b) ACTORD_CONCAT_(a, b)
#define ACTORD_TRY_ASSIGN_(holder, target, expression)       \
  auto holder = (expression);                                \
  if (!holder.has_value()) return std::move(holder).error(); \
  target = std::move(holder).value()

// ACTORD_TRY_ASSIGN(auto x, f()): x gets the value, or the function leaves with the error.
#define ACTORD_TRY_ASSIGN(target, expression) \
  ACTORD_TRY_ASSIGN_(ACTORD_CONCAT(actord_try_, __LINE__), target, expression)
