// JSON payloads, by nlohmann::json: include this and every type it can convert has a Codec.
//
//   struct Greet { static constexpr std::string_view kType = "greeter.Greet"; std::string name; };
//   NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Greet, name)
//
//   void greet(Context& context, const Greet& greet);   // in the table: on(Greet::kType, &A::greet)
//
// exception wall: nlohmann::json throws on what is no JSON and on a wrong type; from here on it is a
// Result.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "actord/codec.hpp"
#include "actord/exception_text.hpp"

namespace actord {

using Json = nlohmann::json;

// The error says at which byte the text stops being JSON.
inline Result<Json> parse_json(std::string_view text) {
  try {
    return Json::parse(text);
  } catch (const Json::exception& problem) {
    return Error{ACTORD_FAIL_POISON, "not JSON: " + exception_text(problem)};
  }
}

// Always valid JSON: bytes that are no UTF-8 become U+FFFD.
inline std::string to_text(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

template <class T>
concept JsonConvertible = requires(const Json& json, Json& into, T& value, const T& from) {
  json.get_to(value);
  into = from;
};

template <>
struct Codec<Json> {
  static constexpr std::string_view content_type = "";
  static std::string encode(const Json& json) { return to_text(json); }
  static Result<Json> decode(std::string_view payload) { return parse_json(payload); }
};

template <JsonConvertible T>
struct Codec<T> {
  static constexpr std::string_view content_type = "";
  static std::string encode(const T& value) { return to_text(Json(value)); }
  static Result<T> decode(std::string_view payload) {
    ACTORD_TRY_ASSIGN(const Json json, parse_json(payload));
    try {
      return json.get<T>();
    } catch (const Json::exception& problem) {
      return Error{ACTORD_FAIL_POISON, "the payload " + exception_text(problem)};
    }
  }
};

}  // namespace actord
