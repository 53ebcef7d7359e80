// The commands of the control socket: the table from method to function. A command only checks its
// params and calls the engine; one file per group (commands_*.cpp).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "control/rpc_params.hpp"
#include "engine/admin.hpp"

namespace actord::host {

// An error means that the params were refused and the engine was not called; otherwise reply runs
// once, now or later.
using RpcCommandFn = Result<void> (*)(Admin& admin, RpcParams& params, AdminReply reply);

struct RpcCommand {
  std::string_view method;
  RpcCommandFn run;
  bool changes;  // the host's state: logged with who asked
};

const RpcCommand* find_command(std::string_view method);
std::vector<std::string> command_names();

namespace commands {

Result<void> status(Admin& admin, RpcParams& params, AdminReply reply);
Result<void> ps(Admin& admin, RpcParams& params, AdminReply reply);
Result<void> describe(Admin& admin, RpcParams& params, AdminReply reply);
Result<void> subscriptions(Admin& admin, RpcParams& params, AdminReply reply);
Result<void> tags(Admin& admin, RpcParams& params, AdminReply reply);

Result<void> send(Admin& admin, RpcParams& params, AdminReply reply);
Result<void> ask(Admin& admin, RpcParams& params, AdminReply reply);
Result<void> publish(Admin& admin, RpcParams& params, AdminReply reply);

Result<void> reload(Admin& admin, RpcParams& params, AdminReply reply);
Result<void> diff(Admin& admin, RpcParams& params, AdminReply reply);

Result<void> start(Admin& admin, RpcParams& params, AdminReply reply);
Result<void> stop(Admin& admin, RpcParams& params, AdminReply reply);
Result<void> restart(Admin& admin, RpcParams& params, AdminReply reply);
Result<void> park(Admin& admin, RpcParams& params, AdminReply reply);
Result<void> suspend(Admin& admin, RpcParams& params, AdminReply reply);
Result<void> resume(Admin& admin, RpcParams& params, AdminReply reply);

Result<void> dead_ls(Admin& admin, RpcParams& params, AdminReply reply);
Result<void> dead_show(Admin& admin, RpcParams& params, AdminReply reply);

}  // namespace commands
}  // namespace actord::host
