// Checks on the arguments of host functions, shared by the core table and the extensions.
#pragma once

#include <cstddef>
#include <optional>

#include "base/limits.hpp"
#include "core/turn_context.hpp"
#include "host/abi_values.hpp"
#include "host/plugin_call.hpp"

namespace actord::host {

// The turn, if it is the one of the callback that runs on this thread; else null, and a log line.
inline TurnContext* turn_argument(actord_turn* turn, const char* function) {
  const PluginCall* call = current_plugin_call;
  if (call != nullptr && call->turn != nullptr &&
      turn == reinterpret_cast<actord_turn*>(call->turn))
    return call->turn;
  report_misbehaviour(call == nullptr ? std::string_view() : call->plugin,
                      call == nullptr ? std::string_view() : call->actor,
                      std::string(function) + " was called without the turn of a running callback");
  return nullptr;
}

// payload as a buffer of the host, or nothing (and a status) when it cannot be one.
inline std::optional<Bytes> payload_argument(actord_view view, actord_status& status) {
  if (!readable(view)) {
    status = ACTORD_E_INVALID;
    return std::nullopt;
  }
  // Before copying: nobody may make the host allocate what it would refuse.
  if (view.size > limits::kPayloadBytes) {
    status = ACTORD_E_LIMIT;
    return std::nullopt;
  }
  return Bytes(from_abi(view));
}

// What a message of the first minor has; younger members are read only when struct_size says so.
inline constexpr uint32_t kSendSize = offsetof(actord_send, expires_in_ms) + sizeof(uint64_t);

// A send as asked for, or nothing and a status. Views in the request borrow from the plugin.
inline std::optional<SendRequest> send_argument(const actord_send* message, actord_status& status) {
  status = ACTORD_E_INVALID;
  if (message == nullptr || message->struct_size < kSendSize) return std::nullopt;
  for (const actord_view view :
       {message->to_path, message->type, message->content_type, message->key}) {
    if (!readable(view)) return std::nullopt;
  }
  if (message->type.size == 0) return std::nullopt;
  SendRequest request;
  if (message->buf != nullptr) {
    Buffer* buffer = from_abi(message->buf);
    if (buffer->sealed == 0 || message->payload.size != 0) return std::nullopt;
    request.payload = Bytes::share(buffer);
  } else {
    auto payload = payload_argument(message->payload, status);
    if (!payload) return std::nullopt;
    request.payload = std::move(*payload);
  }
  request.to = from_abi(message->to);
  request.to_path = from_abi(message->to_path);
  request.type = from_abi(message->type);
  request.content_type = from_abi(message->content_type);
  request.key = from_abi(message->key);
  request.reply_to = from_abi(message->reply_to);
  request.token = message->token;
  request.expires_in_ms = message->expires_in_ms;
  request.flags = message->flags;
  status = ACTORD_OK;
  return request;
}

}  // namespace actord::host
