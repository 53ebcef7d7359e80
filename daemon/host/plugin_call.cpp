#include "host/plugin_call.hpp"

#include <array>
#include <atomic>
#include <bit>
#include <functional>

#include "base/limits.hpp"
#include "base/log.hpp"

namespace actord::host {

void report_misbehaviour(std::string_view plugin, std::string_view actor, std::string_view text) {
  // By plugin, so that a noisy one does not silence the others; two may share a place.
  static std::array<std::atomic<uint64_t>, 64> reported{};
  auto& counter = reported[std::hash<std::string_view>{}(plugin) % reported.size()];
  const uint64_t count = counter.fetch_add(1, std::memory_order_relaxed) + 1;
  if (count > 10 && !std::has_single_bit(count)) return;
  log::error("plugin.misbehaved", text.substr(0, limits::kLogTextBytes),
             {{"plugin", plugin}, {"actor", actor}, {"count", count}});
}

}  // namespace actord::host
