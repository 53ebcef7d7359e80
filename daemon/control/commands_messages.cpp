// Messages from an operator: send, ask, publish.
#include "base/limits.hpp"
#include "control/command.hpp"

namespace actord::host::commands {

Result<void> send(Admin& admin, RpcParams& params, AdminReply reply) {
  auto path = params.text("path");
  auto type = params.text("type");
  auto payload = params.payload("payload");
  ACTORD_TRY(params.problem());
  admin.send(std::move(path), std::move(type), std::move(payload), std::move(reply));
  return {};
}

Result<void> ask(Admin& admin, RpcParams& params, AdminReply reply) {
  auto path = params.text("path");
  auto type = params.text("type");
  auto payload = params.payload("payload");
  const auto timeout_ms =
      params.number("timeout_ms", limits::kControlAskTimeoutMs, 1, limits::kAskTimeoutMsMax);
  ACTORD_TRY(params.problem());
  admin.ask(std::move(path), std::move(type), std::move(payload), timeout_ms, std::move(reply));
  return {};
}

Result<void> publish(Admin& admin, RpcParams& params, AdminReply reply) {
  auto topic = params.text("topic");
  auto type = params.text("type");
  auto payload = params.payload("payload");
  ACTORD_TRY(params.problem());
  admin.publish(std::move(topic), std::move(type), std::move(payload), std::move(reply));
  return {};
}

}  // namespace actord::host::commands
