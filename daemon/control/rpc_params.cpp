#include "control/rpc_params.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "control/closest_name.hpp"

namespace actord::host {
namespace {

using nlohmann::json;

constexpr size_t kShownBytes = 60;

std::string shown(const json& value) {
  if (value.is_structured()) return value.is_array() ? "an array" : "an object";
  std::string text = value.dump(-1, ' ', false, json::error_handler_t::replace);
  if (text.size() <= kShownBytes) return text;
  return text.substr(0, kShownBytes) + "..";
}

}  // namespace

std::string RpcParams::text(const char* name) {
  const json* value = find(name, true);
  if (value == nullptr) return "";
  if (!value->is_string() || value->get_ref<const std::string&>().empty()) {
    wrong(name, "a string that is not empty", value);
    return "";
  }
  return value->get<std::string>();
}

std::string RpcParams::text_or_empty(const char* name) {
  const json* value = find(name, false);
  if (value == nullptr) return "";
  if (!value->is_string()) {
    wrong(name, "a string", value);
    return "";
  }
  return value->get<std::string>();
}

std::string RpcParams::payload(const char* name) {
  const json* value = find(name, true);
  if (value == nullptr) return "";
  if (!value->is_string() && !value->is_structured()) {
    wrong(name, "a string, an object or an array", value);
    return "";
  }
  std::string bytes = value->is_string() ? value->get<std::string>() : value->dump();
  if (bytes.size() > limits::kPayloadBytes) {
    wrong(name, "at most " + std::to_string(limits::kPayloadBytes) + " bytes", nullptr);
    return "";
  }
  return bytes;
}

bool RpcParams::flag(const char* name) {
  const json* value = find(name, false);
  if (value == nullptr) return false;
  if (!value->is_boolean()) {
    wrong(name, "true or false", value);
    return false;
  }
  return value->get<bool>();
}

uint64_t RpcParams::number(const char* name, uint64_t fallback, uint64_t min, uint64_t max) {
  return checked_number(name, find(name, false), fallback, min, max);
}

uint64_t RpcParams::number(const char* name, uint64_t min, uint64_t max) {
  return checked_number(name, find(name, true), min, min, max);
}

uint64_t RpcParams::checked_number(const char* name, const json* value, uint64_t fallback,
                                   uint64_t min, uint64_t max) {
  if (value == nullptr) return fallback;
  const bool whole =
      value->is_number_unsigned() || (value->is_number_integer() && value->get<int64_t>() >= 0);
  if (!whole || value->get<uint64_t>() < min || value->get<uint64_t>() > max) {
    wrong(name, "a whole number " + std::to_string(min) + ".." + std::to_string(max), value);
    return fallback;
  }
  return value->get<uint64_t>();
}

Result<void> RpcParams::problem() {
  for (const auto& [name, value] : params_.items()) {
    if (!problem_.empty()) break;
    if (std::find(known_.begin(), known_.end(), name) != known_.end()) continue;
    problem_ = std::string(method_) + ": unknown param \"" + name.substr(0, kShownBytes) + "\"" +
               did_you_mean(name, known_);
    if (known_.empty()) problem_ += "; it takes none";
  }
  if (problem_.empty()) return {};
  return Error{ACTORD_E_INVALID, problem_};
}

const json* RpcParams::find(const char* name, bool required) {
  known_.emplace_back(name);
  const auto found = params_.find(name);
  if (found != params_.end()) return &*found;
  if (required) wrong(name, "given", nullptr);
  return nullptr;
}

void RpcParams::wrong(const char* name, const std::string& expected, const json* got) {
  if (!problem_.empty()) return;
  problem_ = std::string(method_) + ": param \"" + name + "\" must be " + expected;
  if (got != nullptr) problem_ += ", got " + shown(*got);
}

}  // namespace actord::host
