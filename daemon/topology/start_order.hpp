// StartOrder: in which order actors start. A parent before its children; an actor after everything it
// names in `after` is ready, and ready means its whole subtree is; file order where nothing else says.
#pragma once

#include <cstddef>
#include <vector>

namespace actord::host {

struct StartNode {
  size_t parent = kNone;      // index of the parent, which stands before it
  std::vector<size_t> after;  // indices
  static constexpr size_t kNone = static_cast<size_t>(-1);
};

struct StartOrder {
  std::vector<size_t> order;  // every index once, unless there are cycles
  std::vector<std::vector<size_t>>
      cycles;  // each: a, b, c meaning a waits for b waits for c waits for a;
               // at most kDiagnosticsMax
};

// Requires: nodes in file order, a parent before its children.
StartOrder start_order(const std::vector<StartNode>& nodes);

}  // namespace actord::host
