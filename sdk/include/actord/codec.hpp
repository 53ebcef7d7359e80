// Codec<T>: how a T becomes a payload and back. Specialise it for your own types, include
// actord/json.hpp for every type nlohmann::json knows, or use Raw<T> on hot paths.
#pragma once

#include <concepts>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

#include "actord/result.hpp"

namespace actord {

// A specialisation has
//   static constexpr std::string_view content_type;             // "" means application/json
//   static std::string encode(const T&);
//   static Result<T> decode(std::string_view payload);
template <class T>
struct Codec;

template <class T>
concept Encodable = requires(const T& value, std::string_view payload) {
  { Codec<T>::encode(value) } -> std::convertible_to<std::string>;
  { Codec<T>::decode(payload) } -> std::same_as<Result<T>>;
};

// A type that names its own message: static constexpr std::string_view kType = "greeter.Greet";
template <class T>
concept MessageType = requires {
  { T::kType } -> std::convertible_to<std::string_view>;
}
&&Encodable<T>;

// Bytes as they are.
template <>
struct Codec<std::string> {
  static constexpr std::string_view content_type = "";
  static std::string encode(const std::string& value) { return value; }
  static Result<std::string> decode(std::string_view payload) { return std::string(payload); }
};

// The object's own bytes: fast, for one architecture, and unreadable in a dead letter.
template <class T>
requires std::is_trivially_copyable_v<T>
struct Raw {
  T value{};
};

template <class T>
struct Codec<Raw<T>> {
  static constexpr std::string_view content_type = "application/octet-stream";
  static std::string encode(const Raw<T>& raw) {
    return std::string(reinterpret_cast<const char*>(&raw.value), sizeof(T));
  }
  static Result<Raw<T>> decode(std::string_view payload) {
    if (payload.size() != sizeof(T)) {
      return Error{ACTORD_FAIL_POISON, "payload has " + std::to_string(payload.size()) +
                                           " bytes, expected " + std::to_string(sizeof(T))};
    }
    Raw<T> raw;
    std::memcpy(&raw.value, payload.data(), sizeof(T));
    return raw;
  }
};

}  // namespace actord
