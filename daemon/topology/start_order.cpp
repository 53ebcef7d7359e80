// Every actor is two events, "starts" (2i) and "is ready" (2i+1). An event waits for others:
//   starts:   the parent starts; each actor in `after` is ready
//   is ready: it starts; each child is ready
// Kahn's algorithm over the events, the smallest index first, gives the stable order. What it cannot
// reach contains a cycle; walking from any unreached event along unmet waits must find it.
#include "topology/start_order.hpp"

#include <algorithm>
#include <functional>
#include <queue>

#include "base/limits.hpp"

namespace actord::host {
namespace {

using Event = size_t;
constexpr Event starts(size_t node) { return 2 * node; }
constexpr Event ready(size_t node) { return 2 * node + 1; }

class Sort {
 public:
  explicit Sort(const std::vector<StartNode>& nodes)
      : waits_(2 * nodes.size()),
        wakes_(2 * nodes.size()),
        unmet_(2 * nodes.size()),
        done_(2 * nodes.size()) {
    for (size_t i = 0; i < nodes.size(); ++i) {
      wait(ready(i), starts(i));
      if (nodes[i].parent != StartNode::kNone) {
        wait(starts(i), starts(nodes[i].parent));
        wait(ready(nodes[i].parent), ready(i));
      }
      for (const size_t other : nodes[i].after) wait(starts(i), ready(other));
    }
    for (Event event = 0; event < unmet_.size(); ++event) {
      if (unmet_[event] == 0) runnable_.push(event);
    }
  }

  StartOrder run() {
    StartOrder result;
    drain(result.order);
    for (Event event = 0; event < done_.size(); ++event) {
      // Forcing one event of each cycle lets the rest go on, so that every cycle is found once.
      while (!done_[event] && result.cycles.size() < limits::kDiagnosticsMax) {
        const std::vector<Event> cycle = find_cycle(event);
        result.cycles.push_back(actors_of(cycle));
        runnable_.push(cycle.front());
        drain(result.order);
      }
    }
    return result;
  }

 private:
  void wait(Event event, Event for_event) {
    waits_[event].push_back(for_event);
    wakes_[for_event].push_back(event);
    ++unmet_[event];
  }

  void drain(std::vector<size_t>& order) {
    while (!runnable_.empty()) {
      const Event event = runnable_.top();
      runnable_.pop();
      if (done_[event]) continue;
      done_[event] = true;
      if (event % 2 == 0) order.push_back(event / 2);
      for (const Event next : wakes_[event]) {
        if (--unmet_[next] == 0) runnable_.push(next);
      }
    }
  }

  std::vector<Event> find_cycle(Event from) const {
    std::vector<Event> walk;
    std::vector<size_t> position(done_.size(), StartNode::kNone);
    for (Event event = from; position[event] == StartNode::kNone;) {
      position[event] = walk.size();
      walk.push_back(event);
      event = *std::find_if(waits_[event].begin(), waits_[event].end(),
                            [&](Event other) { return !done_[other]; });
      if (position[event] != StartNode::kNone) {
        walk.erase(walk.begin(), walk.begin() + static_cast<std::ptrdiff_t>(position[event]));
        break;
      }
    }
    // Begin at a start: the actor whose `after` closes the circle, not one that only contains it.
    const auto start =
        std::find_if(walk.begin(), walk.end(), [](Event event) { return event % 2 == 0; });
    if (start != walk.end()) std::rotate(walk.begin(), start, walk.end());
    return walk;
  }

  static std::vector<size_t> actors_of(const std::vector<Event>& events) {
    std::vector<size_t> actors;
    for (const Event event : events) {
      if (actors.empty() || actors.back() != event / 2) actors.push_back(event / 2);
    }
    if (actors.size() > 1 && actors.back() == actors.front()) actors.pop_back();
    return actors;
  }

  std::vector<std::vector<Event>> waits_, wakes_;
  std::vector<size_t> unmet_;
  std::vector<char> done_;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> runnable_;
};

}  // namespace

StartOrder start_order(const std::vector<StartNode>& nodes) { return Sort(nodes).run(); }

}  // namespace actord::host
