// What runs: status, ps, describe, subscriptions, tags.
#include "control/command.hpp"

namespace actord::host::commands {

Result<void> status(Admin& admin, RpcParams& params, AdminReply reply) {
  ACTORD_TRY(params.problem());
  admin.status(std::move(reply));
  return {};
}

Result<void> ps(Admin& admin, RpcParams& params, AdminReply reply) {
  ACTORD_TRY(params.problem());
  admin.ps(std::move(reply));
  return {};
}

Result<void> describe(Admin& admin, RpcParams& params, AdminReply reply) {
  auto path = params.text("path");
  ACTORD_TRY(params.problem());
  admin.describe(std::move(path), std::move(reply));
  return {};
}

Result<void> subscriptions(Admin& admin, RpcParams& params, AdminReply reply) {
  ACTORD_TRY(params.problem());
  admin.subscriptions(std::move(reply));
  return {};
}

Result<void> tags(Admin& admin, RpcParams& params, AdminReply reply) {
  ACTORD_TRY(params.problem());
  admin.tags(std::move(reply));
  return {};
}

}  // namespace actord::host::commands
