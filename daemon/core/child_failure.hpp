// ChildFailure: a failure as the parent is asked about it, and its answer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/actor_options.hpp"
#include "core/actor_ref.hpp"

namespace actord::host {

// Nothing: what the topology says.
using ChosenDirective = std::optional<Directive>;

struct ChildFailure {
  uint64_t number = 0;  // of the question: an answer to an earlier one means nothing
  ActorRef child;
  std::string path, kind;
  Failure failure;
  uint64_t restarts = 0;
  uint32_t restarts_in_window = 0;
  bool resumable = false;  // its instance is kept and can go on
};

}  // namespace actord::host
