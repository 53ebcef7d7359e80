#include "host/host_api.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "host/turn_argument.hpp"

namespace actord::host {
namespace {

const HostApi* api_of(const actord_host* host) { return reinterpret_cast<const HostApi*>(host); }

const void* get_extension(const actord_host*, const char* id) noexcept {
  return id == nullptr ? nullptr : host_extension(id);
}

// Cut where a character ends, so that a line stays UTF-8.
std::string_view cut(std::string_view text) {
  if (text.size() <= limits::kLogTextBytes) return text;
  size_t end = limits::kLogTextBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

// [any]: a thread of the plugin's own has no call, and its line no actor.
void log_line(const actord_host* host, actord_turn*, int32_t level, actord_view text) noexcept {
  constexpr log::Level kLevels[] = {log::Level::kTrace, log::Level::kDebug, log::Level::kInfo,
                                    log::Level::kWarn, log::Level::kError};
  const log::Level at = kLevels[std::clamp<int32_t>(level, ACTORD_LOG_TRACE, ACTORD_LOG_ERROR)];
  if (host == nullptr || !readable(text) || !log::enabled(at)) return;
  const PluginCall* call = current_plugin_call;
  const std::string_view plugin = api_of(host)->plugin();
  if (call == nullptr || call->actor.empty()) {
    log::write(at, "plugin.log", cut(from_abi(text)), {{"plugin", plugin}});
  } else {
    log::write(at, "plugin.log", cut(from_abi(text)), {{"actor", call->actor}, {"plugin", plugin}});
  }
}

void misused(const char* what) {
  const PluginCall* call = current_plugin_call;
  report_misbehaviour(call == nullptr ? std::string_view() : call->plugin,
                      call == nullptr ? std::string_view() : call->actor, what);
}

actord_buf* buf_new(const actord_host*, uint64_t size) noexcept {
  return size > limits::kPayloadBytes ? nullptr : to_abi(Buffer::make(size));
}

void* buf_data(actord_buf* buf) noexcept {
  if (buf == nullptr || from_abi(buf)->sealed != 0) {
    misused("buf_data was called on a buffer that is sealed, or on none");
    return nullptr;
  }
  return from_abi(buf)->data();
}

void buf_seal(actord_buf* buf, uint64_t used) noexcept {
  if (buf == nullptr || from_abi(buf)->sealed != 0)
    return misused("buf_seal was called on a sealed buffer, or on none");
  if (used > from_abi(buf)->capacity) misused("buf_seal was given more bytes than the buffer has");
  from_abi(buf)->seal(used);
}

void buf_ref(actord_buf* buf) noexcept {
  if (buf != nullptr) from_abi(buf)->ref();
}

void buf_unref(actord_buf* buf) noexcept {
  if (buf != nullptr) from_abi(buf)->unref();
}

actord_view buf_view(const actord_buf* buf) noexcept {
  if (buf == nullptr || from_abi(buf)->sealed == 0) {
    misused("buf_view was called on a buffer that is not sealed, or on none");
    return {nullptr, 0};
  }
  return {from_abi(buf)->data(), from_abi(buf)->size};
}

actord_ref self(actord_turn* turn) noexcept {
  TurnContext* context = turn_argument(turn, "self");
  return context == nullptr ? actord_ref{0, 0} : to_abi(context->self());
}

actord_view self_path(actord_turn* turn) noexcept {
  TurnContext* context = turn_argument(turn, "self_path");
  return context == nullptr ? actord_view{nullptr, 0}
                            : to_abi(std::string_view(context->path().text()));
}

actord_ref sender(actord_turn* turn) noexcept {
  TurnContext* context = turn_argument(turn, "sender");
  if (context == nullptr || context->message() == nullptr) return {0, 0};
  return to_abi(context->message()->from);
}

actord_status resolve(actord_turn* turn, actord_view path, actord_ref* out) noexcept {
  TurnContext* context = turn_argument(turn, "resolve");
  if (context == nullptr) return ACTORD_E_WRONG_PHASE;
  if (!readable(path) || out == nullptr) return ACTORD_E_INVALID;
  const auto parsed = ActorPath::parse(from_abi(path));
  if (!parsed) return ACTORD_E_INVALID;
  const auto found = context->services().resolve(*parsed);
  if (!found) return found.error().code;
  *out = to_abi(*found);
  return ACTORD_OK;
}

actord_status send(actord_turn* turn, const actord_send* message) noexcept {
  TurnContext* context = turn_argument(turn, "send");
  if (context == nullptr) return ACTORD_E_WRONG_PHASE;
  actord_status status = ACTORD_OK;
  const auto request = send_argument(message, status);
  return request ? context->send(*request) : status;
}

actord_status reply(actord_turn* turn, const actord_send* message) noexcept {
  TurnContext* context = turn_argument(turn, "reply");
  if (context == nullptr) return ACTORD_E_WRONG_PHASE;
  actord_status status = ACTORD_OK;
  auto asked = send_argument(message, status);
  if (!asked) return status;
  SendRequest answer;
  answer.type = asked->type;
  answer.payload = std::move(asked->payload);
  answer.content_type = asked->content_type;
  return context->reply(answer);
}

actord_status forward(actord_turn* turn, actord_ref to, actord_view to_path) noexcept {
  TurnContext* context = turn_argument(turn, "forward");
  if (context == nullptr) return ACTORD_E_WRONG_PHASE;
  if (!readable(to_path)) return ACTORD_E_INVALID;
  return context->forward(from_abi(to), from_abi(to_path));
}

actord_status publish(actord_turn* turn, actord_view topic, const actord_send* message) noexcept {
  TurnContext* context = turn_argument(turn, "publish");
  if (context == nullptr) return ACTORD_E_WRONG_PHASE;
  if (!readable(topic)) return ACTORD_E_INVALID;
  actord_status status = ACTORD_OK;
  auto request = send_argument(message, status);
  if (!request) return status;
  request->to = {};
  request->to_path = {};
  return context->publish(from_abi(topic), *request);
}

actord_status reject_as(actord_turn* turn, const actord_send* message, int32_t reason,
                        actord_view text) noexcept {
  TurnContext* context = turn_argument(turn, "reject");
  if (context == nullptr) return ACTORD_E_WRONG_PHASE;
  if (!readable(text) || reason < 0 || reason >= kDeadReasonCount) return ACTORD_E_INVALID;
  const auto why = static_cast<DeadReason>(reason);
  if (message == nullptr) return context->reject(nullptr, from_abi(text), why);
  actord_status status = ACTORD_OK;
  const auto request = send_argument(message, status);
  return request ? context->reject(&*request, from_abi(text), why) : status;
}

actord_status reject(actord_turn* turn, const actord_send* message, actord_view text) noexcept {
  return reject_as(turn, message, ACTORD_DEAD_REJECTED, text);
}

uint64_t now_ms(actord_turn* turn) noexcept {
  TurnContext* context = turn_argument(turn, "now_ms");
  return context == nullptr ? 0 : context->services().now_ms();
}

int64_t now_unix_ms(actord_turn* turn) noexcept {
  TurnContext* context = turn_argument(turn, "now_unix_ms");
  return context == nullptr ? 0 : context->services().unix_ms();
}

uint64_t random_u64(actord_turn* turn) noexcept {
  TurnContext* context = turn_argument(turn, "random_u64");
  return context == nullptr ? 0 : context->services().random();
}

void set_error(actord_turn* turn, actord_view text) noexcept {
  TurnContext* context = turn_argument(turn, "set_error");
  if (context != nullptr && readable(text)) context->set_error(cut(from_abi(text)));
}

void stop_self(actord_turn* turn) noexcept {
  TurnContext* context = turn_argument(turn, "stop_self");
  if (context != nullptr) context->stop_self();
}

void unstash_all(actord_turn* turn) noexcept {
  TurnContext* context = turn_argument(turn, "unstash_all");
  if (context != nullptr) context->unstash_all();
}

}  // namespace

HostApi::HostApi(std::string plugin) : plugin_(std::move(plugin)), table_{} {
  table_.struct_size = sizeof table_;
  table_.abi_major = ACTORD_ABI_MAJOR;
  table_.abi_minor = ACTORD_ABI_MINOR;
  table_.host = reinterpret_cast<const actord_host*>(this);
  table_.get_extension = get_extension;
  table_.log = log_line;
  table_.buf_new = buf_new;
  table_.buf_data = buf_data;
  table_.buf_seal = buf_seal;
  table_.buf_ref = buf_ref;
  table_.buf_unref = buf_unref;
  table_.buf_view = buf_view;
  table_.self = self;
  table_.self_path = self_path;
  table_.sender = sender;
  table_.resolve = resolve;
  table_.send = send;
  table_.reply = reply;
  table_.forward = forward;
  table_.publish = publish;
  table_.reject = reject;
  table_.reject_as = reject_as;
  table_.now_ms = now_ms;
  table_.now_unix_ms = now_unix_ms;
  table_.random_u64 = random_u64;
  table_.set_error = set_error;
  table_.stop_self = stop_self;
  table_.unstash_all = unstash_all;
}

}  // namespace actord::host
