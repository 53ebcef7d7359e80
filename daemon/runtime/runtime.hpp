// Runtime: the parts of this folder put together. See docs/ARCHITECTURE.md for the life of a message.
//
// Threads: workers run cells; the loop thread calls fire_due; the log calls back on its own. Every
// member may be called from any thread unless it says otherwise.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "base/uuid.hpp"
#include "core/behavior.hpp"
#include "core/durable_log.hpp"
#include "core/turn_context.hpp"
#include "runtime/actor_tree.hpp"
#include "runtime/ask_cycles.hpp"
#include "runtime/broker.hpp"
#include "runtime/cell_runner.hpp"
#include "runtime/counters.hpp"
#include "runtime/dead_letters.hpp"
#include "runtime/filter.hpp"
#include "runtime/hydration.hpp"
#include "runtime/mailbox_alarms.hpp"
#include "runtime/outside.hpp"
#include "runtime/registry.hpp"
#include "runtime/release.hpp"
#include "runtime/router.hpp"
#include "runtime/scheduler.hpp"
#include "runtime/tags.hpp"
#include "runtime/timers.hpp"
#include "runtime/turn.hpp"
#include "runtime/watchdog.hpp"

namespace actord::host {

// What the runtime needs from its surroundings. All may be called on any thread.
struct RuntimeExits {
  std::function<void(uint64_t due_ms)> wake_at = [](uint64_t) {};  // call fire_due at that time
  std::function<void()> changed = [] {};                           // an actor changed state
  std::function<void(std::string reason)> stop_host = [](std::string) {};
  std::function<void(Error)> log_failed = [](Error) {};  // law 9: the process must end
  std::function<void(ActorRef, const std::string& path)> watch_file = [](ActorRef,
                                                                         const std::string&) {};
  std::function<void(ActorRef)> unwatch_files = [](ActorRef) {};
};

class Runtime final : private TurnServices {
 public:
  // Makes the scheduler out of the function that runs a cell; tests give a stepped one.
  using MakeScheduler = std::function<std::unique_ptr<Scheduler>(WorkerPool::Run)>;

  Runtime(Clock& clock, Random random, DurableLog& log, BehaviorFactory& factory,
          const MakeScheduler& make_scheduler, RuntimeExits exits);
  // Requires: the workers have stopped and the log is closed, in this order. The log calls back on its
  // own thread until then, and what it wakes is queued.
  ~Runtime() override;

  void fire_due();  // timers that are due now; the loop's thread
  void file_changed(ActorRef watcher, const std::string& path);

  // A message from outside: its own correlation id, no sender.
  EnvelopePtr outside_message(std::string_view type, std::string_view payload);

  void announce_shutdown();  // SHUTDOWN_SOON to every actor
  void watch();              // looks for turns that do not end; every limits::kWatchdogMs
  bool quiet();              // no message is under way and nothing waits for the log

  Scheduler& scheduler() { return *scheduler_; }
  Registry& registry() { return registry_; }
  Broker& broker() { return broker_; }
  Filters& filters() { return filters_; }
  Tags& tags() { return tags_; }
  Router& router() { return router_; }
  ActorTree& tree() { return tree_; }
  Timers& timers() { return timers_; }
  Outside& outside() { return outside_; }
  DeadLetters& dead_letters() { return dead_letters_; }
  Counters& counters() { return counters_; }
  Watchdog& watchdog() { return watchdog_; }
  AskCycles& ask_cycles() { return cycles_; }
  MailboxAlarms& mailbox_alarms() { return alarms_; }
  HydrationSums hydration_sums() const { return hydration_.sums(); }

 private:
  uint64_t now_ms() override { return clock_.now_ms(); }
  int64_t unix_ms() override { return clock_.unix_ms(); }
  uint64_t random() override;
  Uuid new_correlation() override { return uuids_.next(); }
  uint64_t new_message_id() override { return next_id_.fetch_add(1, std::memory_order_relaxed); }
  Result<ActorRef> resolve(const ActorPath& path) override;
  std::string path_of(ActorRef ref) override { return registry_.path_of(ref); }
  std::optional<uint64_t> load(ActorRef ref) override;
  std::vector<ActorRef> tagged(std::string_view tag) override { return tags_.find(tag); }
  Result<ActorRef> reserve_child() override { return registry_.reserve(); }
  void release_child(ActorRef ref) override { registry_.recycle(ref); }
  actord_status post_from_outside(ActorRef to, EnvelopePtr envelope) override;

  void publish_dead_letter(const DeadLetter& letter);
  void publish_alarm(const FilledMailbox& mailbox, bool high);
  // From the host itself, on a topic of its own; costs no words when nobody listens.
  void announce(const Topic& topic, Symbol type, const nlohmann::json& body, Uuid correlation);
  void committed(Lsn durable, const std::vector<ActorRef>& owners);

  Clock& clock_;
  DurableLog& log_;
  const RuntimeExits exits_;
  Mutex random_mutex_;
  Random random_;  // guarded by random_mutex_
  UuidSource uuids_;
  const Symbol dead_letter_type_ = Symbol::of("actord.DeadLetter");
  const Topic dead_letter_topic_;
  const Symbol mailbox_type_ = Symbol::of("actord.Mailbox");
  const Topic mailbox_topic_;
  std::atomic<uint64_t> next_id_;
  Registry registry_;
  Counters counters_;
  Broker broker_;
  Tags tags_;
  Timers timers_;
  Filters filters_;
  std::unique_ptr<Scheduler> scheduler_;
  DeadLetters dead_letters_;
  MailboxAlarms alarms_;
  Router router_;
  ActorTree tree_;
  Outside outside_;
  AskCycles cycles_;
  Release release_;
  OutputGate gate_;
  Turn turn_;
  Hydration hydration_;
  CellRunner runner_;
  Watchdog watchdog_;
};

}  // namespace actord::host
