#include "runtime/supervision.hpp"

#include <algorithm>
#include <cmath>

namespace actord::host {
bool resumes(const SupervisionOptions& options, FailureClass failure) {
  return options.on[static_cast<size_t>(failure)] == Directive::kResume;
}

uint64_t backoff_delay_ms(const BackoffOptions& options, uint32_t attempt, Random& random) {
  // In floating point the power saturates at infinity instead of wrapping round.
  const double grown = static_cast<double>(options.initial_ms) * std::pow(options.factor, attempt);
  const double capped = std::min(grown, static_cast<double>(options.max_ms));
  const double jittered = capped * (1.0 + options.jitter * (2.0 * random.unit() - 1.0));
  return static_cast<uint64_t>(std::max(0.0, std::round(jittered)));
}

Decision decide(const SupervisionOptions& options, const Failure& failure, uint64_t now_ms,
                FailureHistory& history, Random& random, ChosenDirective chosen) {
  Decision decision;
  if (history.running_since_ms != 0 &&
      now_ms - history.running_since_ms >= options.backoff.reset_after_ms) {
    history.consecutive = 0;
  }
  history.running_since_ms = 0;
  auto& window = history.restarts_ms;
  while (!window.empty() && now_ms - window.front() > options.limit.within_ms) window.pop_front();
  decision.in_window = static_cast<uint32_t>(window.size());
  decision.directive = chosen.value_or(options.on[static_cast<size_t>(failure.failure)]);
  // What could not be resumed (a start, a half-applied event) starts anew.
  if (decision.directive == Directive::kResume) decision.directive = Directive::kRestart;
  const bool stays =
      decision.directive == Directive::kRestart || decision.directive == Directive::kPark;
  if (options.restart == RestartType::kNever && stays) {
    decision.directive = Directive::kStop;
  } else if (decision.directive != Directive::kRestart) {
    // as the topology says
  } else if (window.size() + 1 > options.limit.restarts) {
    decision.directive = options.limit.then;
    decision.at_limit = true;
  } else {
    window.push_back(now_ms);
    ++decision.in_window;
    decision.delay_ms = backoff_delay_ms(options.backoff, history.consecutive++, random);
  }
  return decision;
}

}  // namespace actord::host
