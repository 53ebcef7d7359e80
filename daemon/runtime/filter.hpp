// Filter: what stands between the topics and one subscriber, asked for every copy: `where`, then
// `throttle`, then `debounce`. Filters: all of them, with what they share.
//
// A copy is let through, held (by a debounce: the newest of a burst, until it ends), or kept back. What is
// kept back ends at once: accepted and void in the sums of law 4, and counted here by its name (filtered,
// throttled, debounced). What is held is accepted and in flight, until a newer one takes its place or it is
// delivered.
//
// A throttle counts in windows: one begins with the first copy after the one before is over.
//
// Time comes from the clock passed in and from the timers, so a run repeats. A hold keeps one timer for
// its whole burst: a copy that follows moves the due time, and the timer looks again when it fires.
//
// Lock order: a filter's mutex -> mutex_ -> timers. Nothing is delivered under any of them, because what
// cannot be delivered becomes a dead letter, which is published, perhaps to this very filter. Held copies
// are delivered by the loop's thread only, one after the other, so those of a pair stay in order.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "base/mutex.hpp"
#include "core/condition.hpp"
#include "core/subscription_options.hpp"
#include "runtime/broker.hpp"
#include "runtime/counters.hpp"
#include "runtime/timers.hpp"

namespace actord::host {

// What became of the copies. kUnreadable: a condition looked into a payload that is no JSON; counted
// beside the others.
enum class FilterCount : uint8_t { kLet, kFiltered, kThrottled, kDebounced, kUnreadable };

class FilterTally {
 public:
  void add(FilterCount which) { counts_[static_cast<size_t>(which)].fetch_add(1, kOrder); }
  uint64_t of(FilterCount which) const { return counts_[static_cast<size_t>(which)].load(kOrder); }

 private:
  static constexpr auto kOrder = std::memory_order_relaxed;  // numbers for people
  std::array<std::atomic<uint64_t>, 5> counts_{};
};

class Filter {
 public:
  explicit Filter(Subscriber subscriber) : subscriber_(std::move(subscriber)) {}

  SubscriptionOptions options() const;
  const FilterTally& tally() const { return tally_; }
  uint64_t held() const;

 private:
  friend class Filters;
  struct Window {
    uint64_t began_ms = 0;
    uint64_t let = 0;
  };
  struct Hold {
    uint64_t number = 0;
    EnvelopePtr newest;
    uint64_t began_ms = 0, due_ms = 0;
    TimerId timer = 0;
  };

  const Subscriber subscriber_;
  FilterTally tally_;
  mutable Mutex mutex_;
  // guarded by mutex_:
  SubscriptionOptions options_;
  std::shared_ptr<const Condition> condition_;  // null: everything
  std::unordered_map<std::string, Window> windows_;
  Window shared_window_;  // of the groups past kFilterGroups
  uint64_t sweep_at_ = 64, sweep_after_ms_ = 0;
  std::unordered_map<std::string, Hold> holds_;
};

class Filters {
 public:
  enum class Verdict : uint8_t { kLet, kHeld, kKeptBack };
  using Deliver = std::function<void(EnvelopePtr, const Subscriber&)>;

  Filters(Timers& timers, Clock& clock, Counters& counters)
      : timers_(timers), clock_(clock), counters_(counters) {}
  void connect(Deliver deliver) { deliver_ = std::move(deliver); }

  // Requires: options.where parses.
  std::shared_ptr<Filter> make(const Subscriber& subscriber, const SubscriptionOptions& options);
  // In place: windows and what is held stay, as far as they still mean something.
  void change(Filter& filter, const SubscriptionOptions& options);
  // A copy for the filter's subscriber. kHeld: the filter has made its own. Any thread.
  Verdict judge(const std::shared_ptr<Filter>& filter, ConditionSubject& subject);
  void release(Filter& filter);       // delivers what it holds; loop thread
  void release_due(uint64_t number);  // from the timers
  // The host ends: what is held is delivered, and from now on nothing is held.
  void hold_nothing();

  // Of all, also of those that are gone.
  const FilterTally& tally() const { return tally_; }
  uint64_t held();

 private:
  struct Held {
    std::shared_ptr<Filter> filter;
    std::string group;
  };
  // Both require the filter's mutex.
  bool within_rate(Filter& filter, const Envelope& message, uint64_t now_ms);
  bool hold(const std::shared_ptr<Filter>& filter, const Envelope& message, uint64_t now_ms);
  void keep_back(Filter& filter, FilterCount why);
  void count(Filter& filter, FilterCount which);
  void forget(uint64_t number);

  Timers& timers_;
  Clock& clock_;
  Counters& counters_;
  Deliver deliver_;
  FilterTally tally_;
  std::atomic<bool> ending_{false};
  Mutex mutex_;
  uint64_t last_number_ = 0;                    // guarded by mutex_
  std::unordered_map<uint64_t, Held> held_by_;  // by number; guarded by mutex_
};

}  // namespace actord::host
