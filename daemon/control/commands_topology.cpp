// The topology: reload, diff.
#include "control/command.hpp"

namespace actord::host::commands {

Result<void> reload(Admin& admin, RpcParams& params, AdminReply reply) {
  const bool dry_run = params.flag("dry_run");
  ACTORD_TRY(params.problem());
  admin.reload(dry_run, std::move(reply));
  return {};
}

Result<void> diff(Admin& admin, RpcParams& params, AdminReply reply) {
  auto file = params.text_or_empty("file");
  ACTORD_TRY(params.problem());
  admin.diff(std::move(file), std::move(reply));
  return {};
}

}  // namespace actord::host::commands
