#include "host/plugin_call.hpp"

#include <atomic>
#include <bit>

#include "base/limits.hpp"
#include "base/log.hpp"

namespace actord::host {

void report_misbehaviour(std::string_view plugin, std::string_view actor, std::string_view text) {
  static std::atomic<uint64_t> reported{0};
  const uint64_t count = reported.fetch_add(1, std::memory_order_relaxed) + 1;
  if (count > 10 && !std::has_single_bit(count)) return;
  log::error("plugin.misbehaved", text.substr(0, limits::kLogTextBytes),
             {{"plugin", plugin}, {"actor", actor}, {"count", count}});
}

}  // namespace actord::host
