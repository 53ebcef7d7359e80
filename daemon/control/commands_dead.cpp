// Dead letters: dead.ls, dead.show.
#include <cstdint>
#include <limits>

#include "base/limits.hpp"
#include "control/command.hpp"

namespace actord::host::commands {
namespace {

constexpr auto kInt64Max = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());

}  // namespace

Result<void> dead_ls(Admin& admin, RpcParams& params, AdminReply reply) {
  auto actor = params.text_or_empty("actor");
  auto reason = params.text_or_empty("reason");
  const auto since = params.number("since_unix_ms", 0, 0, kInt64Max);
  const auto limit = params.number("limit", limits::kControlDeadLettersShown, 1,
                                   limits::kControlDeadLettersShownMax);
  ACTORD_TRY(params.problem());
  admin.dead_letters(std::move(actor), std::move(reason), static_cast<int64_t>(since), limit,
                     std::move(reply));
  return {};
}

Result<void> dead_show(Admin& admin, RpcParams& params, AdminReply reply) {
  const auto id = params.number("id", 1, kInt64Max);
  ACTORD_TRY(params.problem());
  admin.dead_letter(id, std::move(reply));
  return {};
}

}  // namespace actord::host::commands
