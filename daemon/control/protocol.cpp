#include "control/protocol.hpp"

#include <algorithm>
#include <cmath>

#include "base/limits.hpp"

namespace actord::host {
namespace {

using nlohmann::json;

// Bytes that are no UTF-8 (an actor's error text may hold any) become replacement characters.
std::string dump(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

// Looks at brackets only, before the parser builds anything.
bool nested_too_deep(std::string_view text) {
  uint64_t depth = 0;
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\')
        ++i;
      else if (c == '"')
        quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '{' || c == '[') {
      if (++depth > limits::kControlNesting) return true;
    } else if ((c == '}' || c == ']') && depth > 0) {
      --depth;
    }
  }
  return false;
}

json parse(std::string_view text) { return json::parse(text, nullptr, /*allow_exceptions=*/false); }

const json* member(const json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

RpcResponse refuse(json id, int32_t code, std::string text) {
  const char* status = code == kRpcParseError       ? "PARSE_ERROR"
                       : code == kRpcInvalidRequest ? "INVALID_REQUEST"
                                                    : "METHOD_NOT_FOUND";
  return {std::move(id), RpcFailure{code, status, std::move(text)}};
}

bool is_version_2(const json& frame) {
  const json* version = member(frame, "jsonrpc");
  return version != nullptr && version->is_string() &&
         version->get_ref<const std::string&>() == "2.0";
}

bool is_id(const json& value) { return value.is_string() || value.is_number() || value.is_null(); }

json failure_json(const RpcFailure& failure) {
  return {{"code", failure.code},
          {"message", failure.text.substr(0, failure.text.find('\n'))},
          {"data", {{"status", failure.status}, {"detail", failure.text}}}};
}

std::string text_member(const json& object, const char* name) {
  const json* value = object.is_object() ? member(object, name) : nullptr;
  return value != nullptr && value->is_string() ? value->get<std::string>() : "";
}

bool is_status(int32_t code) { return status_name(code) != "UNKNOWN"; }

// error.code as sent by a peer: any number.
int32_t code_member(const json& error) {
  const json* code = member(error, "code");
  if (code == nullptr || !code->is_number_integer()) return 0;
  const auto wide = code->get<int64_t>();
  return static_cast<int32_t>(std::clamp<int64_t>(wide, INT32_MIN, INT32_MAX));
}

}  // namespace

std::variant<RpcRequest, RpcResponse> parse_request(std::string_view line) {
  if (nested_too_deep(line)) {
    return refuse(nullptr, kRpcInvalidRequest,
                  "the frame is nested deeper than " + std::to_string(limits::kControlNesting));
  }
  json frame = parse(line);
  if (frame.is_discarded())
    return refuse(nullptr, kRpcParseError, "the line is not valid JSON in UTF-8");
  if (frame.is_array()) {
    return refuse(nullptr, kRpcInvalidRequest,
                  "batches are not supported; send one request a line");
  }
  if (!frame.is_object()) return refuse(nullptr, kRpcInvalidRequest, "a request is a JSON object");

  const json* id = member(frame, "id");
  if (id != nullptr && !is_id(*id)) {
    return refuse(nullptr, kRpcInvalidRequest, "\"id\" must be a number, a string or null");
  }
  RpcRequest request;
  request.notification = id == nullptr;
  if (id != nullptr) request.id = *id;
  const auto invalid = [&](const char* text) {
    return refuse(request.id, kRpcInvalidRequest, text);
  };
  if (!is_version_2(frame)) return invalid("\"jsonrpc\" must be \"2.0\"");
  const json* method = member(frame, "method");
  if (method == nullptr || !method->is_string()) return invalid("\"method\" must be a string");
  request.method = method->get<std::string>();
  if (const auto params = frame.find("params"); params != frame.end()) {
    if (!params->is_object())
      return invalid("\"params\" must be an object; params are given by name");
    request.params = std::move(*params);
  }
  return request;
}

std::string serialise(const RpcRequest& request) {
  json frame = {{"jsonrpc", "2.0"}, {"method", request.method}, {"params", request.params}};
  if (!request.notification) frame["id"] = request.id;
  return dump(frame);
}

Result<RpcResponse> parse_response(std::string_view line) {
  const auto invalid = [](const char* text) {
    return Error{ACTORD_E_INVALID,
                 std::string("the daemon's answer is no JSON-RPC response: ") + text};
  };
  json frame = parse(line);
  if (!frame.is_object() || !is_version_2(frame)) return invalid("not a JSON-RPC 2.0 object");
  RpcResponse response;
  if (const json* id = member(frame, "id"); id != nullptr) response.id = *id;
  if (const json* error = member(frame, "error"); error != nullptr) {
    if (!error->is_object()) return invalid("\"error\" is no object");
    RpcFailure failure{code_member(*error), "", text_member(*error, "message")};
    if (const json* data = member(*error, "data"); data != nullptr) {
      failure.status = text_member(*data, "status");
      if (std::string detail = text_member(*data, "detail"); !detail.empty())
        failure.text = std::move(detail);
    }
    response.outcome = std::move(failure);
    return response;
  }
  const auto result = frame.find("result");
  if (result == frame.end()) return invalid("neither \"result\" nor \"error\"");
  response.outcome = std::move(*result);
  return response;
}

std::string serialise(const RpcResponse& response) {
  json frame = {{"jsonrpc", "2.0"}, {"id", response.id}};
  if (const auto* failure = std::get_if<RpcFailure>(&response.outcome)) {
    frame["error"] = failure_json(*failure);
  } else {
    frame["result"] = std::get<json>(response.outcome);
  }
  std::string line = dump(frame);
  if (line.size() <= limits::kControlFrameBytes) return line;
  const std::string size = std::to_string(line.size());
  return serialise(RpcResponse{
      response.id,
      failure_of({ACTORD_E_LIMIT, "the answer has " + size + " bytes, a frame at most " +
                                      std::to_string(limits::kControlFrameBytes) +
                                      "; ask for less, e.g. with a smaller limit"})});
}

RpcFailure failure_of(const Error& error) {
  return {error.code, std::string(status_name(error.code)), error.text};
}

Error error_of(const RpcFailure& failure) {
  if (is_status(failure.code) && failure.code != ACTORD_OK) return {failure.code, failure.text};
  if (failure.code == kRpcMethodNotFound) return {ACTORD_E_UNSUPPORTED, failure.text};
  if (failure.code == kRpcInvalidRequest || failure.code == kRpcParseError)
    return {ACTORD_E_INVALID, failure.text};
  return {ACTORD_FAIL_INTERNAL, failure.text};
}

}  // namespace actord::host
