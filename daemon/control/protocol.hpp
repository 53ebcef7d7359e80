// The control protocol: JSON-RPC 2.0 over a Unix socket, one frame a line. Values only, no I/O;
// both ends use it.
//
//   -> {"jsonrpc":"2.0","id":1,"method":"describe","params":{"path":"/orders"}}
//   <- {"jsonrpc":"2.0","id":1,"result":{..}}
//   <- {"jsonrpc":"2.0","id":1,"error":{"code":-24,"message":"no actor /orders",
//                                       "data":{"status":"E_NOT_FOUND","detail":"no actor /orders"}}}
//
// error.code is an actord_status (status.def), or JSON-RPC's own for a frame that is no request of
// ours. error.message is one line; error.data.detail is the whole text, which may have more.
// A request without id is a notification: it is carried out and never answered. Answers come in the
// order in which they are ready. Batches are refused.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <variant>

#include "base/status.hpp"

namespace actord::host {

inline constexpr int32_t kRpcParseError = -32700;
inline constexpr int32_t kRpcInvalidRequest = -32600;
inline constexpr int32_t kRpcMethodNotFound = -32601;

struct RpcRequest {
  nlohmann::json id;  // number, string or null
  bool notification = false;
  std::string method;
  nlohmann::json params = nlohmann::json::object();
};

struct RpcFailure {
  int32_t code = 0;
  std::string status;  // the code's name
  std::string text;    // may have several lines
};

struct RpcResponse {
  nlohmann::json id;
  std::variant<nlohmann::json, RpcFailure> outcome;
};

// The request in a line, or the answer to a line that holds none.
std::variant<RpcRequest, RpcResponse> parse_request(std::string_view line);
std::string serialise(const RpcRequest& request);

// E_INVALID for a line that is no response.
Result<RpcResponse> parse_response(std::string_view line);
// An answer that would not fit a frame becomes an E_LIMIT failure that says so.
std::string serialise(const RpcResponse& response);

RpcFailure failure_of(const Error& error);
Error error_of(const RpcFailure& failure);  // JSON-RPC's own codes become the nearest status

}  // namespace actord::host
