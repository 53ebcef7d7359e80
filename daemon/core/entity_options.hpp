// What the topology may say about the entities below one path: actors of one kind, each named by its key,
// which are there when a message comes for them and gone when they have been idle. Values only.
#pragma once

#include <cstdint>
#include <string>

#include "core/actor_options.hpp"

namespace actord::host {

struct EntityOptions {
  std::string kind;
  std::string settings = "{}";            // JSON object; the same for all
  ActorOptions options;                   // of each; its journal is kept under its path
  uint64_t passivate_after_ms = 300'000;  // idle for this long
  // At once. One more waits until the longest idle of them has been passivated.
  uint64_t max_active = 10'000;
  bool operator==(const EntityOptions&) const = default;
};

}  // namespace actord::host
