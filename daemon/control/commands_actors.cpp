// One actor's life: start, stop, restart, park, suspend, resume.
#include "control/command.hpp"

namespace actord::host::commands {
namespace {

using Verb = void (Admin::*)(std::string path, AdminReply reply);

Result<void> run(Admin& admin, Verb verb, RpcParams& params, AdminReply reply) {
  auto path = params.text("path");
  ACTORD_TRY(params.problem());
  (admin.*verb)(std::move(path), std::move(reply));
  return {};
}

}  // namespace

Result<void> start(Admin& admin, RpcParams& params, AdminReply reply) {
  return run(admin, &Admin::start, params, std::move(reply));
}

Result<void> stop(Admin& admin, RpcParams& params, AdminReply reply) {
  return run(admin, &Admin::stop, params, std::move(reply));
}

Result<void> restart(Admin& admin, RpcParams& params, AdminReply reply) {
  return run(admin, &Admin::restart, params, std::move(reply));
}

Result<void> park(Admin& admin, RpcParams& params, AdminReply reply) {
  return run(admin, &Admin::park, params, std::move(reply));
}

Result<void> suspend(Admin& admin, RpcParams& params, AdminReply reply) {
  return run(admin, &Admin::suspend, params, std::move(reply));
}
Result<void> resume(Admin& admin, RpcParams& params, AdminReply reply) {
  return run(admin, &Admin::resume, params, std::move(reply));
}

}  // namespace actord::host::commands
