#include "runtime/watchdog.hpp"

#include "base/limits.hpp"
#include "base/log.hpp"
#include "base/text.hpp"

namespace actord::host {

void Watchdog::look(uint64_t now_ms) {
  std::vector<StuckTurn> stuck;
  const auto workers = scheduler_.running();
  seen_.resize(std::max(seen_.size(), workers.size()));
  for (size_t worker = 0; worker < workers.size(); ++worker) {
    Seen& seen = seen_[worker];
    const auto& step = workers[worker];
    if (!step || step->number != seen.step) {
      if (!seen.path.empty()) ended(seen, now_ms);
      seen = {step ? step->number : 0, now_ms, {}, 0};
      continue;
    }
    ActorCell* const cell = registry_.cell(step->actor);
    const auto start = cell == nullptr ? nullptr : cell->mailbox.start_of(step->actor.incarnation);
    const uint64_t lasted = now_ms - seen.since_ms;
    // An abandoned one has no options any more; it was reported before.
    const bool over = start != nullptr && lasted >= start->options.supervision.turn_budget_ms;
    if (over || !seen.path.empty()) {
      if (seen.path.empty()) seen.path = start->path.text();
      const bool again = now_ms - seen.reported_ms >= limits::kStuckReportMs;
      if (seen.reported_ms == 0 || again) report(worker, seen, *step, now_ms);
      stuck.push_back(
          {seen.path, std::string(step->message_type.name()), step->message_id, lasted});
    }
    if (start != nullptr) tree_.overdue(step->actor, lasted);
  }
  const MutexLock lock(mutex_);
  stuck_ = std::move(stuck);
}

void Watchdog::report(size_t worker, Seen& seen, const RunningStep& step, uint64_t now_ms) {
  const bool first = seen.reported_ms == 0;
  seen.reported_ms = now_ms;
  const std::string stack = joined(scheduler_.stack(worker));
  const bool replaced = first && scheduler_.replace(worker);
  log::error("actor.stuck",
             replaced ? "a turn does not end; another thread takes over its worker's queue"
                      : "a turn does not end",
             {{"actor", seen.path},
              {"message_type", step.message_type.name()},
              {"message_id", step.message_id},
              {"for_ms", now_ms - seen.since_ms},
              {"stack", stack}});
  if (!first) return;
  const MutexLock lock(mutex_);
  ++reports_;
}

void Watchdog::ended(const Seen& seen, uint64_t now_ms) {
  log::warn("actor.unstuck", "the turn that did not end has ended",
            {{"actor", seen.path}, {"after_ms", now_ms - seen.since_ms}});
}

std::vector<StuckTurn> Watchdog::stuck() {
  const MutexLock lock(mutex_);
  return stuck_;
}

uint64_t Watchdog::reports() {
  const MutexLock lock(mutex_);
  return reports_;
}

}  // namespace actord::host
