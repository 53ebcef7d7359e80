// Settings of an actor, bound to a struct. Errors name the key, what was expected and what was found.
//
//   struct GreeterSettings {
//     std::string greeting = "hello";
//     std::chrono::milliseconds nap{1000};
//     uint64_t guests_max = 0;
//     static auto fields() {
//       return actord::settings(actord::setting("greeting", &GreeterSettings::greeting).required(),
//                               actord::setting("nap", &GreeterSettings::nap).min(1),
//                               actord::setting("guests_max", &GreeterSettings::guests_max));
//     }
//   };
//   explicit Greeter(const Setup& setup) : settings_(settings_of<GreeterSettings>(setup)) {}
//
// The host has checked settings against the manifest and sends durations as milliseconds and sizes
// as bytes; "250ms", "5s", "2m", "1h", "1d" and "64KiB", "1MiB", "1GiB" are understood as well, for
// settings that come from code. A min or max is in the same unit (of a string: its length). What the
// manifest calls a path is a std::string here.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "actord/actor.hpp"
#include "actord/json.hpp"

namespace actord {

struct ByteSize {
  uint64_t bytes = 0;
  friend bool operator==(ByteSize, ByteSize) = default;
};

namespace detail {

struct Unit {
  std::string_view name;
  int64_t factor;
};
inline constexpr Unit kTimeUnits[] = {
    {"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
inline constexpr Unit kSizeUnits[] = {
    {"B", 1}, {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}};

// A whole number, or one with a unit as text.
template <std::size_t N>
std::optional<int64_t> with_unit(const Json& json, const Unit (&units)[N]) {
  if (json.is_number_unsigned() && json.get<uint64_t>() > static_cast<uint64_t>(INT64_MAX))
    return std::nullopt;
  if (json.is_number_integer()) return json.get<int64_t>();
  if (!json.is_string()) return std::nullopt;
  const auto& text = json.get_ref<const std::string&>();
  int64_t number = 0;
  std::size_t digits = 0;
  for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; ++digits) {
    if (__builtin_mul_overflow(number, 10, &number) ||
        __builtin_add_overflow(number, text[digits] - '0', &number)) {
      return std::nullopt;
    }
  }
  if (digits == 0) return std::nullopt;
  for (const Unit& unit : units) {
    if (std::string_view(text).substr(digits) != unit.name) continue;
    if (__builtin_mul_overflow(number, unit.factor, &number)) return std::nullopt;
    return number;
  }
  return std::nullopt;
}

// read_setting gives a value or nothing; setting_type says in words what was expected.
template <class T>
struct SettingType;

template <>
struct SettingType<std::string> {
  static constexpr std::string_view name = "a string";
  static std::optional<std::string> read(const Json& json) {
    if (!json.is_string()) return std::nullopt;
    return json.get<std::string>();
  }
  static double measure(const std::string& value) { return static_cast<double>(value.size()); }
};
template <>
struct SettingType<bool> {
  static constexpr std::string_view name = "true or false";
  static std::optional<bool> read(const Json& json) {
    if (!json.is_boolean()) return std::nullopt;
    return json.get<bool>();
  }
  static double measure(bool value) { return value ? 1 : 0; }
};
template <std::integral T>
struct SettingType<T> {
  static constexpr std::string_view name = "an integer";
  static std::optional<T> read(const Json& json) {
    if (json.is_number_unsigned()) return narrow(json.get<uint64_t>());
    if (json.is_number_integer()) return narrow(json.get<int64_t>());
    return std::nullopt;
  }
  template <class From>
  static std::optional<T> narrow(From value) {
    if (!std::in_range<T>(value)) return std::nullopt;
    return static_cast<T>(value);
  }
  static double measure(T value) { return static_cast<double>(value); }
};
template <>
struct SettingType<double> {
  static constexpr std::string_view name = "a number";
  static std::optional<double> read(const Json& json) {
    if (!json.is_number()) return std::nullopt;
    return json.get<double>();
  }
  static double measure(double value) { return value; }
};
template <>
struct SettingType<std::chrono::milliseconds> {
  static constexpr std::string_view name = "a duration such as 250ms or 5s";
  static std::optional<std::chrono::milliseconds> read(const Json& json) {
    const auto count = with_unit(json, kTimeUnits);
    if (!count || *count < 0) return std::nullopt;
    return std::chrono::milliseconds(*count);
  }
  static double measure(std::chrono::milliseconds value) {
    return static_cast<double>(value.count());
  }
};
template <>
struct SettingType<ByteSize> {
  static constexpr std::string_view name = "a size such as 64KiB";
  static std::optional<ByteSize> read(const Json& json) {
    const auto count = with_unit(json, kSizeUnits);
    if (!count || *count < 0) return std::nullopt;
    return ByteSize{static_cast<uint64_t>(*count)};
  }
  static double measure(ByteSize value) { return static_cast<double>(value.bytes); }
};
template <class T>
struct SettingType<std::vector<T>> {
  static constexpr std::string_view name = "a list";
  static std::optional<std::vector<T>> read(const Json& json) {
    if (!json.is_array()) return std::nullopt;
    std::vector<T> values;
    for (const Json& element : json) {
      auto value = SettingType<T>::read(element);
      if (!value) return std::nullopt;
      values.push_back(std::move(*value));
    }
    return values;
  }
  static double measure(const std::vector<T>& value) { return static_cast<double>(value.size()); }
};
template <class T>
struct SettingType<std::optional<T>> {
  static constexpr std::string_view name = SettingType<T>::name;
  static std::optional<std::optional<T>> read(const Json& json) {
    auto value = SettingType<T>::read(json);
    if (!value) return std::nullopt;
    return std::optional<T>(std::move(*value));
  }
  static double measure(const std::optional<T>& value) {
    return value ? SettingType<T>::measure(*value) : 0;
  }
};
template <>
struct SettingType<Json> {
  static constexpr std::string_view name = "anything";
  static std::optional<Json> read(const Json& json) { return json; }
  static double measure(const Json&) { return 0; }
};

inline std::string number_text(double value) {
  const auto whole = static_cast<int64_t>(value);
  return static_cast<double>(whole) == value ? std::to_string(whole) : std::to_string(value);
}

}  // namespace detail

template <class S, class T>
class Setting {
 public:
  constexpr Setting(std::string_view key, T S::*member) : key_(key), member_(member) {}

  Setting required() && { return required_ = true, *this; }
  Setting min(double value) && { return min_ = value, *this; }
  Setting max(double value) && { return max_ = value, *this; }
  Setting one_of(std::vector<T> values) && { return one_of_ = std::move(values), *this; }

  std::string_view key() const { return key_; }

  // Sets the member, or leaves it at its default when the key is absent.
  Result<void> read(const Json& object, S& into) const {
    const auto found = object.find(key_);
    if (found == object.end()) {
      if (required_) return problem("is required and missing");
      return {};
    }
    auto value = detail::SettingType<T>::read(*found);
    if (!value || !within(*value))
      return problem("expected " + expected() + ", got " + to_text(*found));
    into.*member_ = std::move(*value);
    return {};
  }

 private:
  bool within(const T& value) const {
    const double measured = detail::SettingType<T>::measure(value);
    if (measured < min_ || measured > max_) return false;
    if (one_of_.empty()) return true;
    for (const T& allowed : one_of_) {
      if (allowed == value) return true;
    }
    return false;
  }

  std::string expected() const {
    std::string text(detail::SettingType<T>::name);
    if (!one_of_.empty()) {
      text = "one of";
      for (const T& allowed : one_of_) {
        if constexpr (std::is_convertible_v<T, Json>)
          text.append(" ").append(to_text(Json(allowed)));
      }
    }
    if (min_ > std::numeric_limits<double>::lowest())
      text += " of at least " + detail::number_text(min_);
    if (max_ < std::numeric_limits<double>::max())
      text += " of at most " + detail::number_text(max_);
    return text;
  }

  Error problem(const std::string& text) const {
    return {ACTORD_FAIL_CONFIG, "setting \"" + std::string(key_) + "\" " + text};
  }

  std::string_view key_;
  T S::*member_;
  bool required_ = false;
  double min_ = std::numeric_limits<double>::lowest();
  double max_ = std::numeric_limits<double>::max();
  std::vector<T> one_of_;
};

template <class S, class T>
constexpr Setting<S, T> setting(std::string_view key, T S::*member) {
  return {key, member};
}
template <class... Settings>
auto settings(Settings... fields) {
  return std::make_tuple(std::move(fields)...);
}

// S from a JSON object; a key that S does not have is an error that lists those it has.
template <class S>
Result<S> bind_settings(std::string_view text) {
  Result<Json> parsed = text.empty() ? Result<Json>(Json::object()) : parse_json(text);
  if (!parsed || !parsed->is_object())
    return Error{ACTORD_FAIL_CONFIG, "settings must be a JSON object"};
  const Json& object = *parsed;
  const auto fields = S::fields();
  S bound{};
  Result<void> result;
  std::string known;
  std::apply(
      [&](const auto&... field) {
        ((result = result ? field.read(object, bound) : std::move(result)), ...);
        ((known += (known.empty() ? "" : ", ") + std::string(field.key())), ...);
      },
      fields);
  if (!result) return result.error();
  for (const auto& item : object.items()) {
    const std::string& key =
        item.key();  // a name of its own: lambdas capture no structured binding
    const bool expected =
        std::apply([&](const auto&... field) { return ((field.key() == key) || ...); }, fields);
    if (!expected)
      return Error{ACTORD_FAIL_CONFIG, "setting \"" + key + "\" is unknown; there are: " + known};
  }
  return bound;
}

// For constructors: throws Failure(FAIL_CONFIG).
template <class S>
S settings_of(const Setup& setup) {
  Result<S> bound = bind_settings<S>(setup.settings);
  if (!bound) throw Failure(bound.error());
  return std::move(bound).value();
}

}  // namespace actord
