// RuntimeFixture: a whole runtime on one thread: stepped scheduler, manual clock, manual log. At the
// end of each test everything is stopped and the sums of law 4 have to come out even.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/log.hpp"
#include "runtime/runtime.hpp"
#include "storage/memory_log.hpp"
#include "support/manual_clock.hpp"
#include "support/scripted_behavior.hpp"
#include "support/step_scheduler.hpp"

namespace actord::host {

// Options without jitter and with room for many failures.
inline ActorOptions steady() {
  ActorOptions options;
  options.supervision.backoff = {100, 10'000, 2.0, 0.0, 60'000};
  options.supervision.limit = {100, 300'000, Directive::kPark};
  return options;
}

class RuntimeFixture : public ::testing::Test {
 protected:
  using Lines = std::vector<std::string>;

  RuntimeFixture() {
    log::set_level(log::Level::kOff);
    factory.kinds["puppet"] = {};
    Script ledger;
    ledger.persistent = true;
    ledger.receive = [](Act& act) {
      if (act.message->type.name() == "add")
        (void)act.turn.persist("added", 1, act.message->payload.view());
      return Outcome{};
    };
    factory.kinds["ledger"] = ledger;
    boot();
  }

  void TearDown() override {
    if (runtime == nullptr || ends_badly) return;
    store.hold_commits(false);
    settle();
    tree().stop_all();
    settle();
    EXPECT_TRUE(tree().stopped());
    EXPECT_EQ(in_flight(), 0u) << "law 4: an envelope has no end";
    EXPECT_EQ(runtime->timers().size(), 0u);
    EXPECT_TRUE(runtime->broker().list().empty());
    EXPECT_TRUE(runtime->tags().list().empty());
    EXPECT_EQ(factory.alive(), 0);
    EXPECT_TRUE(runtime->quiet());
  }

  // --- the process ---
  void boot(std::optional<uint64_t> seed = {}) {
    RuntimeExits exits;
    exits.stop_host = [this](std::string reason) {
      stop_host_reasons.push_back(std::move(reason));
    };
    exits.log_failed = [this](Error error) { log_failures.push_back(error.text); };
    exits.watch_file = [this](ActorRef, const std::string& path) { watched_files.push_back(path); };
    exits.unwatch_files = [](ActorRef) {};
    exits.changed = [this] { ++changes; };
    runtime = std::make_unique<Runtime>(
        clock, Random(7), store, factory,
        [&](WorkerPool::Run run) {
          auto made = std::make_unique<StepScheduler>(std::move(run), seed);
          steps = made.get();
          return made;
        },
        exits);
  }
  // A kill of the process: what was not committed is gone. Then a new one, with nothing declared.
  void crash() {
    runtime.reset();
    store.crash();
    boot();
  }

  // --- time ---
  void settle() {
    do {
      steps->run_until_idle();
    } while (store.step());
  }
  void settle_without_store() { steps->run_until_idle(); }
  // All that falls due on the way happens at its time.
  void advance(uint64_t ms) {
    const uint64_t end = clock.now_ms() + ms;
    while (clock.now_ms() < end) {
      const uint64_t next =
          std::max(runtime->timers().next_due().value_or(end), clock.now_ms() + 1);
      jump(std::min(next, end) - clock.now_ms());
    }
  }
  // The process slept: everything is due at once.
  void jump(uint64_t ms) {
    clock.advance_ms(ms);
    runtime->fire_due();
    settle();
  }

  // --- actors ---
  void declare(const std::string& path, const std::string& kind = "puppet",
               const ActorOptions& options = steady(), std::vector<std::string> after = {}) {
    tree().declare({{{*ActorPath::parse(path), kind, "{}", options}, std::move(after)}});
  }
  ActorRef ref(const std::string& path) { return runtime->registry().find(path); }
  std::string status(const std::string& path) {
    const auto view = tree().describe(path);
    return view ? view->state : "gone";
  }
  ActorView view(const std::string& path) { return tree().describe(path).value_or(ActorView{}); }
  std::string state(const std::string& path) {
    const ScriptedBehavior* const behavior = factory.living(path);
    return behavior == nullptr ? "gone" : behavior->state;
  }
  Lines seen(const std::string& path) { return factory.seen(path); }

  // --- messages from outside ---
  EnvelopePtr message(std::string_view type, std::string_view payload = "") {
    return runtime->outside_message(type, payload);
  }
  void send(const std::string& path, std::string_view type, std::string_view payload = "") {
    EnvelopePtr envelope = message(type, payload);
    envelope->with_extra().to_path = path;
    runtime->router().route(std::move(envelope));
  }
  void send(ActorRef to, std::string_view type, std::string_view payload = "") {
    EnvelopePtr envelope = message(type, payload);
    envelope->to = to;
    runtime->router().route(std::move(envelope));
  }
  size_t publish(std::string_view topic, std::string_view type, std::string_view payload = "") {
    EnvelopePtr envelope = message(type, payload);
    envelope->with_extra().topic = topic;
    return runtime->router().publish(std::move(envelope));
  }
  // The actor does this in a turn of its own; nothing has run yet. A handler that answers nothing
  // means OK.
  template <class F>
  void post(const std::string& path, F action) {
    Handler handler = [action = std::move(action)](Act& act) mutable {
      if constexpr (std::is_void_v<decltype(action(act))>) {
        action(act);
        return Outcome{};
      } else {
        return Outcome(action(act));
      }
    };
    send(path, "do", std::to_string(factory.keep(std::move(handler))));
  }
  // ... and everything has settled.
  template <class F>
  void in(const std::string& path, F action) {
    post(path, std::move(action));
    settle();
  }
  void fail(const std::string& path, actord_status status = ACTORD_FAIL_PERMANENT) {
    in(path, [status](Act&) { return failed("boom", status); });
  }

  // --- looking ---
  uint64_t dead(DeadReason reason) { return runtime->dead_letters().count(reason); }
  uint64_t dead_total() { return runtime->dead_letters().total(); }
  uint64_t in_flight() { return runtime->counters().sums().in_flight(); }
  std::vector<DeadLetter> letters() {  // as stored, newest first
    std::vector<DeadLetter> found;
    settle();
    store.dead_letters(
        {}, [&](Result<std::vector<DeadLetter>> result) { found = std::move(result).value(); });
    settle();
    return found;
  }
  ActorTree& tree() { return runtime->tree(); }

  ManualClock clock;
  MemoryLog store{clock, {.manual = true, .dead_letters = {}}};
  ScriptedFactory factory;
  std::unique_ptr<Runtime> runtime;
  StepScheduler* steps = nullptr;
  Lines stop_host_reasons, log_failures, watched_files;
  int changes = 0;
  bool ends_badly = false;  // the test leaves the runtime in a state that cannot end well
};

inline SendRequest to(ActorRef ref, std::string_view type, std::string_view payload = "") {
  SendRequest request;
  request.to = ref;
  request.type = type;
  request.payload = Bytes(payload);
  return request;
}
inline SendRequest to(std::string_view path, std::string_view type, std::string_view payload = "") {
  SendRequest request;
  request.to_path = path;
  request.type = type;
  request.payload = Bytes(payload);
  return request;
}
inline SendRequest about(std::string_view type, std::string_view payload = "") {
  return to(ActorRef(), type, payload);
}

}  // namespace actord::host
