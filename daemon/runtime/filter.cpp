#include "runtime/filter.hpp"

#include <algorithm>
#include <map>

#include "base/assert.hpp"
#include "base/limits.hpp"

namespace actord::host {
namespace {

std::shared_ptr<const Condition> condition_of(const std::string& where) {
  if (where.empty()) return nullptr;
  auto parsed = Condition::parse(where);
  ACTORD_ASSERT(std::holds_alternative<Condition>(parsed));  // validated
  return std::make_shared<const Condition>(std::get<Condition>(std::move(parsed)));
}

std::string group_of(const Envelope& message, GroupBy by) {
  if (message.extra == nullptr || by == GroupBy::kAll) return {};
  return by == GroupBy::kTopic ? message.extra->topic : message.extra->key;
}

}  // namespace

SubscriptionOptions Filter::options() const {
  const MutexLock lock(mutex_);
  return options_;
}

uint64_t Filter::held() const {
  const MutexLock lock(mutex_);
  return holds_.size();
}

std::shared_ptr<Filter> Filters::make(const Subscriber& subscriber,
                                      const SubscriptionOptions& options) {
  auto filter = std::make_shared<Filter>(subscriber);
  change(*filter, options);
  return filter;
}

void Filters::change(Filter& filter, const SubscriptionOptions& options) {
  bool regroup = false;
  {
    const MutexLock lock(filter.mutex_);
    if (filter.options_.throttle.by != options.throttle.by) filter.windows_.clear();
    regroup = options.debounce.quiet_ms == 0 || filter.options_.debounce.by != options.debounce.by;
    if (filter.options_.where != options.where) filter.condition_ = condition_of(options.where);
    filter.options_ = options;
  }
  if (regroup) release(filter);
}

void Filters::count(Filter& filter, FilterCount which) {
  filter.tally_.add(which);
  tally_.add(which);
}

void Filters::keep_back(Filter& filter, FilterCount why) {
  count(filter, why);
  counters_.accepted();
  counters_.voided();
}

Filters::Verdict Filters::judge(const std::shared_ptr<Filter>& filter, ConditionSubject& subject) {
  std::shared_ptr<const Condition> condition;
  {
    const MutexLock lock(filter->mutex_);
    condition = filter->condition_;
  }
  if (condition != nullptr) {
    const bool holds = condition->holds(subject);
    if (subject.unreadable()) count(*filter, FilterCount::kUnreadable);
    if (!holds) return keep_back(*filter, FilterCount::kFiltered), Verdict::kKeptBack;
  }
  const uint64_t now = clock_.now_ms();
  const MutexLock lock(filter->mutex_);
  if (!within_rate(*filter, subject.message(), now))
    return keep_back(*filter, FilterCount::kThrottled), Verdict::kKeptBack;
  if (hold(filter, subject.message(), now)) return Verdict::kHeld;
  count(*filter, FilterCount::kLet);
  return Verdict::kLet;
}

bool Filters::within_rate(Filter& filter, const Envelope& message, uint64_t now_ms) {
  const ThrottleOptions& throttle = filter.options_.throttle;
  if (throttle.messages == 0) return true;
  auto& windows = filter.windows_;
  if (windows.size() >= filter.sweep_at_ && now_ms >= filter.sweep_after_ms_) {
    std::erase_if(windows, [&](const auto& one) {
      return now_ms - one.second.began_ms >= throttle.within_ms;
    });
    filter.sweep_at_ = std::clamp<uint64_t>(2 * windows.size(), 64, limits::kFilterGroups);
    filter.sweep_after_ms_ = later_ms(now_ms, throttle.within_ms);  // until then few are over
  }
  std::string group = group_of(message, throttle.by);
  const bool full = windows.size() >= limits::kFilterGroups && !windows.contains(group);
  Filter::Window& window = full ? filter.shared_window_ : windows[std::move(group)];
  if (window.let == 0 || now_ms - window.began_ms >= throttle.within_ms) window = {now_ms, 0};
  if (window.let >= throttle.messages) return false;
  ++window.let;
  return true;
}

bool Filters::hold(const std::shared_ptr<Filter>& filter, const Envelope& message,
                   uint64_t now_ms) {
  const DebounceOptions& debounce = filter->options_.debounce;
  if (debounce.quiet_ms == 0 || ending_) return false;
  std::string group = group_of(message, debounce.by);
  auto found = filter->holds_.find(group);
  if (found == filter->holds_.end()) {
    if (filter->holds_.size() >= limits::kFilterGroups) return false;
    found = filter->holds_.emplace(group, Filter::Hold{}).first;
    Filter::Hold& begun = found->second;
    begun.began_ms = now_ms;
    const MutexLock lock(mutex_);
    begun.number = ++last_number_;
    held_by_.emplace(begun.number, Held{filter, std::move(group)});
  } else {
    count(*filter, FilterCount::kDebounced);
    counters_.voided();  // the one before
  }
  Filter::Hold& burst = found->second;
  counters_.accepted();
  burst.newest = copy_of(message);
  burst.due_ms =
      std::min(later_ms(now_ms, debounce.quiet_ms), later_ms(burst.began_ms, debounce.longest_ms));
  if (burst.timer == 0)
    burst.timer = timers_.arm(burst.due_ms, TimerPurpose::kHeld, {}, burst.number);
  return true;
}

void Filters::forget(uint64_t number) {
  const MutexLock lock(mutex_);
  held_by_.erase(number);
}

void Filters::release_due(uint64_t number) {
  Held held;
  {
    const MutexLock lock(mutex_);
    const auto found = held_by_.find(number);
    if (found == held_by_.end()) return;
    held = found->second;
  }
  EnvelopePtr newest;
  {
    const MutexLock lock(held.filter->mutex_);
    const auto found = held.filter->holds_.find(held.group);
    if (found == held.filter->holds_.end() || found->second.number != number) return;
    Filter::Hold& burst = found->second;
    if (clock_.now_ms() < burst.due_ms) {  // others have followed
      burst.timer = timers_.arm(burst.due_ms, TimerPurpose::kHeld, {}, number);
      return;
    }
    newest = std::move(burst.newest);
    held.filter->holds_.erase(found);
  }
  forget(number);
  count(*held.filter, FilterCount::kLet);
  deliver_(std::move(newest), held.filter->subscriber_);
}

void Filters::release(Filter& filter) {
  std::vector<Filter::Hold> bursts;
  {
    const MutexLock lock(filter.mutex_);
    for (auto& [group, burst] : filter.holds_) bursts.push_back(std::move(burst));
    filter.holds_.clear();
  }
  std::sort(bursts.begin(), bursts.end(),
            [](const Filter::Hold& a, const Filter::Hold& b) { return a.number < b.number; });
  for (Filter::Hold& burst : bursts) {
    timers_.cancel(burst.timer);
    forget(burst.number);
    count(filter, FilterCount::kLet);
    deliver_(std::move(burst.newest), filter.subscriber_);
  }
}

void Filters::hold_nothing() {
  ending_ = true;
  std::map<uint64_t, std::shared_ptr<Filter>> oldest_first;
  {
    const MutexLock lock(mutex_);
    for (const auto& [number, held] : held_by_) oldest_first.emplace(number, held.filter);
  }
  for (const auto& [number, filter] : oldest_first) release(*filter);
}

uint64_t Filters::held() {
  const MutexLock lock(mutex_);
  return held_by_.size();
}

}  // namespace actord::host
