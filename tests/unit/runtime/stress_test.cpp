// Law 4 under a storm: whatever happens, in whatever order, each envelope ends exactly once. Stepped
// with many seeds, and with worker threads.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <thread>

#include "support/runtime_fixture.hpp"

namespace actord::host {
namespace {

// What an actor of the storm does with a message: something drawn from the message's own number.
Outcome storm(Act& act, uint64_t dice) {
  Random random(dice);
  TurnContext& turn = act.turn;
  const auto path = [&] {
    const std::string root = "/s" + std::to_string(random.next() % 8);
    return random.next() % 2 != 0 ? root : root + "/" + "abdc0"[random.next() % 4];
  };
  const auto any_ref = [&] {
    if (act.self.refs.empty()) return turn.self();
    auto it = act.self.refs.begin();
    std::advance(it, static_cast<long>(random.next() % act.self.refs.size()));
    return it->second;
  };
  const auto next = [&] { return std::to_string(random.next()); };
  Outcome outcome;
  for (uint64_t k = random.next() % 5 / 2; k > 0; --k) {
    const std::string target = path();
    SendRequest request = to(target, "Storm");
    const std::string body = next();
    request.payload = Bytes(body);
    request.flags = static_cast<uint32_t>(random.next() % 8);
    switch (random.next() % 24) {
      case 0:
      case 1: (void)turn.send(request); break;
      case 2:
        request.to = any_ref();
        (void)turn.send(request);
        break;
      case 3: {
        uint64_t ask = 0;
        if (turn.ask(request, 1 + random.next() % 50, &ask) == ACTORD_OK)
          act.self.asks.push_back(ask);
        break;
      }
      case 4: (void)turn.reply(about("Answer", body)); break;
      case 5:
        if (act.message != nullptr) (void)turn.forward({}, path());
        break;
      case 6: (void)turn.publish("storm." + std::to_string(random.next() % 3), request); break;
      case 7:
        // Few listeners: a message has to cause less than one on the average, or the storm never ends.
        if (turn.path().depth() > 1) break;
        (void)turn.subscribe(random.next() % 2 != 0 ? "storm.*" : "storm.1");
        break;
      case 8: (void)turn.unsubscribe("storm.*"); break;
      case 9: {
        ActorRef child;
        const std::string name = "c" + std::to_string(random.next() % 3);
        if (turn.spawn(name, random.next() % 3 == 0 ? "stormledger" : "storm", "", "", &child) ==
            ACTORD_OK) {
          act.self.refs[name] = child;
          (void)turn.watch(child);
        }
        break;
      }
      case 10: (void)turn.stop(any_ref()); break;
      case 11: (void)turn.watch(any_ref()); break;
      case 12: (void)turn.unwatch(any_ref()); break;
      case 13:
        (void)turn.set_timer("t" + std::to_string(random.next() % 3), random.next() % 30,
                             random.next() % 2 * 10, {});
        break;
      case 14: (void)turn.cancel_timer("t1"); break;
      case 15: (void)turn.reject(random.next() % 2 != 0 ? nullptr : &request, "storm"); break;
      case 16: (void)turn.unstash_all(); break;
      case 17: (void)turn.persist("added", 1, body); break;
      case 18:
        if (!act.self.asks.empty()) (void)turn.cancel_ask(act.self.asks.back());
        break;
      case 19:
        if (random.next() % 4 == 0) {
          (void)turn.link(any_ref());
        } else {
          (void)turn.unlink(any_ref());
        }
        break;
      case 21:
        if (act.self.put_off != 0) (void)turn.unstash(act.self.put_off);
        break;
      case 22:
        if (act.self.put_off != 0 && random.next() % 2 != 0) {
          (void)turn.forward_stashed(act.self.put_off, {}, target);
        } else {
          (void)turn.reject_stashed(act.self.put_off, "storm");
        }
        break;
      case 20: (void)turn.watch_with(any_ref(), about("Storm", body)); break;
      default:
        request.expires_in_ms = random.next() % 10;
        (void)turn.send(request);
        break;
    }
  }
  // Now and then a turn takes its time, and is late for what its actor is allowed.
  for (int i = random.next() % 300 == 0 ? 3'000 : 0; i > 0; --i) std::this_thread::yield();
  switch (random.next() % 30) {
    case 0: return failed("storm", ACTORD_FAIL_TRANSIENT);
    case 1: return failed("storm", ACTORD_FAIL_POISON);
    case 2:
      if (act.message != nullptr) act.self.put_off = act.message->id;
      return {ACTORD_DEFER, {}};
    case 3: return {ACTORD_UNHANDLED, {}};
    case 4: return {ACTORD_STOP, {}};
    default: return outcome;
  }
}

Script storm_script(bool persistent) {
  Script script;
  script.persistent = persistent;
  script.receive = [](Act& act) {
    // Other dice each time it comes: one that is put off and taken up in the same turn would go on for ever.
    uint64_t dice = act.message->id * 31 + act.message->attempt + 7 * ++act.self.number;
    for (const char c : act.message->payload.view())
      dice = dice * 131 + static_cast<unsigned char>(c);
    return storm(act, dice);
  };
  script.start = [](Act& act) {
    return Random(act.turn.services().random()).next() % 12 == 0 ? failed() : Outcome{};
  };
  script.decide = [](Act& act, const ChildFailure&, ChosenDirective& chosen) {
    Random random(act.turn.services().random());
    (void)act.turn.send(to("/s2", "Decided"));
    if (random.next() % 4 == 0) (void)act.turn.persist("added", 1, "decided");
    switch (random.next() % 12) {
      case 0: return failed("storm", ACTORD_FAIL_TRANSIENT);
      case 1: chosen = Directive::kStop; break;
      case 2: chosen = Directive::kEscalate; break;
      case 3: chosen = Directive::kPark; break;
      case 4:
      case 5: chosen = Directive::kRestart; break;
      case 6: return Outcome{ACTORD_STOP, {}};
      case 7:
      case 8:
      case 9: chosen = Directive::kResume; break;
      default: break;
    }
    return Outcome{};
  };
  script.stop = [](Act& act, int32_t) {
    (void)act.turn.send(to("/s1", "Bye"));
    (void)act.turn.persist("added", 1, "bye");
  };
  return script;
}

ActorOptions storm_options(uint64_t n) {
  ActorOptions options;
  options.mailbox = {5 + n, 1 << 20, n % 2 != 0 ? Overflow::kDropOldest : Overflow::kReject};
  if (n % 2 == 0) options.mailbox.types = {{"Storm", static_cast<int32_t>(n) - 4, 3, n % 4 == 0}};
  options.supervision.backoff = {n % 3, 50, 2.0, 0.5, 1'000};
  options.supervision.max_attempts = 1 + n % 3;
  options.supervision.limit = {20, 1'000, n % 4 == 3 ? Directive::kEscalate : Directive::kPark};
  options.supervision.restart = n % 5 == 4 ? RestartType::kAlways : RestartType::kOnFailure;
  options.supervision.strategy = static_cast<Strategy>(n % 3);
  options.supervision.total = {n % 2 == 0 ? 0u : 5u, 500, Directive::kEscalate};
  options.supervision.significant = n % 8 == 6;
  options.supervision.turn_budget_ms = 100;
  options.supervision.start_timeout_ms = options.supervision.stop_timeout_ms = 300;
  options.supervision.on[0] = n % 2 == 0 ? Directive::kResume : Directive::kRestart;
  options.persistence.snapshot_every = 3;
  return options;
}

constexpr uint64_t kRoots = 8;

// Every root has three declared children, so that groups, waiting children and totals take part.
std::vector<std::string> storm_paths() {
  std::vector<std::string> paths;
  for (uint64_t n = 0; n < kRoots; ++n) {
    const std::string root = "/s" + std::to_string(n);
    paths.push_back(root);
    for (const char* child : {"/a", "/b", "/d"}) paths.push_back(root + child);
  }
  return paths;
}

void declare_storm(ActorTree& tree) {
  uint64_t n = 0;
  for (const auto& path : storm_paths()) {
    ActorOptions options = storm_options(n / 4);
    if (n % 4 != 0) options.supervision.restart = static_cast<RestartType>((n / 4 + n) % 3);
    tree.declare(
        {{{*ActorPath::parse(path), n % 3 == 0 ? "stormledger" : "storm", "{}", options}, {}}});
    ++n;
  }
}

void operate(ActorTree& tree, Random& random) {
  static const std::vector<std::string> paths = storm_paths();
  const std::string& path = paths[random.next() % paths.size()];
  switch (random.next() % 9) {
    case 7: {
      const uint64_t n = random.next() % kRoots;
      const auto at =
          static_cast<uint64_t>(std::find(paths.begin(), paths.end(), path) - paths.begin());
      tree.restart_as({{{*ActorPath::parse(path), at % 3 == 0 ? "stormledger" : "storm",
                         std::to_string(n), storm_options(n)},
                        {}}});
      break;
    }
    case 8: (void)tree.suspend(path); break;
    case 0: (void)tree.stop(path); break;
    case 1: (void)tree.restart(path); break;
    case 2: (void)tree.park(path); break;
    case 3: (void)tree.set_options(path, storm_options(random.next() % kRoots)); break;
    case 4:
    case 5: (void)tree.resume(path); break;
    default: (void)tree.start(path); break;
  }
}

class Storm : public RuntimeFixture {
 protected:
  Storm() {
    factory.quiet = true;
    factory.kinds["storm"] = storm_script(false);
    factory.kinds["stormledger"] = storm_script(true);
  }
};

TEST_F(Storm, Law4EverySumComesOutEvenWithManySeeds) {
  MessageSums all;
  for (uint64_t seed = 1; seed <= 150; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    runtime.reset();
    store.crash();
    boot(seed);
    Random random(seed);
    declare_storm(tree());
    for (int i = 0; i < 1'500; ++i) {
      switch (random.next() % 12) {
        case 0:
        case 1:
        case 2:
          send("/s" + std::to_string(random.next() % kRoots), "Storm",
               std::to_string(random.next()));
          break;
        case 3: store.step(); break;
        case 4:
          clock.advance_ms(random.next() % 5);
          runtime->fire_due();
          break;
        case 5:
          if (random.next() % 8 == 0) store.hold_commits(random.next() % 2 != 0);
          break;
        case 6:
          if (random.next() % 3 == 0) operate(tree(), random);
          break;
        default: steps->step(); break;
      }
    }
    store.hold_commits(false);
    settle();
    tree().stop_all();
    settle();
    const MessageSums sums = runtime->counters().sums();
    ASSERT_TRUE(tree().stopped());
    ASSERT_EQ(sums.in_flight(), 0u);
    ASSERT_EQ(sums.dead, dead_total());
    ASSERT_EQ(runtime->timers().size(), 0u);
    ASSERT_TRUE(runtime->broker().list().empty());
    ASSERT_EQ(factory.alive(), 0);
    ASSERT_TRUE(runtime->quiet());
    ASSERT_TRUE(log_failures.empty()) << log_failures[0];
    all.accepted += sums.accepted;
    all.handled += sums.handled;
    all.dead += sums.dead;
    all.voided += sums.voided;
  }
  // The storm did reach every kind of end.
  EXPECT_GT(all.handled, 10'000u);
  EXPECT_GT(all.dead, 1'000u);
  EXPECT_GT(all.voided, 100u);
}

TEST_F(Storm, Law14OneSeedGivesOneCourse) {
  const auto course = [&](uint64_t seed) {
    runtime.reset();
    store.crash();
    boot(seed);
    for (uint64_t n = 0; n < kRoots; ++n)
      declare("/s" + std::to_string(n), "storm", storm_options(n));
    settle();
    for (int i = 0; i < 50; ++i) {
      EnvelopePtr envelope = message("Storm", std::to_string(i));
      envelope->id = 1;
      envelope->with_extra().to_path = "/s" + std::to_string(i % 8);
      runtime->router().route(std::move(envelope));
      for (int k = 0; k < 20; ++k) steps->step();
    }
    settle();
    const MessageSums sums = runtime->counters().sums();
    tree().stop_all();
    settle();
    return std::vector<uint64_t>{sums.accepted, sums.handled, sums.dead, sums.voided};
  };
  const auto first = course(5);
  EXPECT_EQ(course(5), first);
}

// Everything at once on real threads: workers, the log's thread, a loop thread with the watchdog,
// senders, an operator. Virtual time runs much faster than the threads do, so turns are now and then
// late for their budgets and deadlines, and actors are abandoned in the middle of them.
//
// ACTORD_STORM_SECONDS=120 repeats the storm with other seeds for that long.
class ThreadedStorm : public ::testing::Test {
 protected:
  ThreadedStorm() {
    log::set_level(log::Level::kOff);
    factory.quiet = true;
    factory.kinds["storm"] = storm_script(false);
    factory.kinds["stormledger"] = storm_script(true);
    boot();
  }
  ~ThreadedStorm() override { end(); }

  void boot() {
    RuntimeExits exits;
    exits.log_failed = [this](Error) { ++log_failures; };
    store =
        std::make_unique<MemoryLog>(clock, MemoryLogOptions{.manual = false, .dead_letters = {}});
    runtime = std::make_unique<Runtime>(
        clock, Random(3), *store, factory,
        [this](WorkerPool::Run run) {
          auto made = std::make_unique<WorkerPool>(3, std::move(run));
          pool = made.get();
          return made;
        },
        exits);
    pool->start();
  }
  // Workers, then the log, then what both call: the order of ~Runtime's contract.
  void end() {
    if (runtime == nullptr) return;
    pool->stop();
    EXPECT_TRUE(store->close());
    runtime.reset();
  }
  void storm_of(uint64_t seed);
  std::string left() {
    std::string text;
    for (const ActorView& actor : runtime->tree().list()) {
      if (actor.incarnation != 0)
        text += "; " + actor.path + " " + actor.state + " " + actor.reason;
    }
    return text;
  }
  bool until(const std::function<bool()>& condition) {
    const auto given_up = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    for (uint64_t i = 0; std::chrono::steady_clock::now() < given_up; ++i) {
      if (condition()) return true;
      clock.advance_ms(1);
      runtime->fire_due();
      if (i % 200 == 0) runtime->watch();
      std::this_thread::yield();
    }
    return false;
  }

  ManualClock clock;
  std::unique_ptr<MemoryLog> store;
  ScriptedFactory factory;
  std::unique_ptr<Runtime> runtime;
  WorkerPool* pool = nullptr;
  std::atomic<int> log_failures{0};
};

TEST_F(ThreadedStorm, Law4EverySumComesOutEvenWithThreads) {
  const char* const seconds = std::getenv("ACTORD_STORM_SECONDS");
  const auto end_of_it = std::chrono::steady_clock::now() +
                         std::chrono::seconds(seconds == nullptr ? 0 : std::stoi(seconds));
  uint64_t seed = 100, abandoned = 0, reported = 0;
  do {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    if (runtime == nullptr) boot();
    ASSERT_NO_FATAL_FAILURE(storm_of(seed++));
    abandoned += runtime->tree().counts().abandoned;
    reported += runtime->watchdog().reports();
    end();
  } while (!HasFailure() && std::chrono::steady_clock::now() < end_of_it);
  std::cout << seed - 100 << " storms, " << reported << " late turns, " << abandoned
            << " abandoned\n";
}

void ThreadedStorm::storm_of(uint64_t seed) {
  ActorTree& tree = runtime->tree();
  declare_storm(tree);
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  for (uint64_t s = 0; s < 2; ++s) {
    threads.emplace_back([&, s] {
      Random random(seed * 2 + s);
      for (int i = 0; i < 15'000; ++i) {
        EnvelopePtr envelope = runtime->outside_message("Storm", std::to_string(random.next()));
        envelope->with_extra().to_path = "/s" + std::to_string(random.next() % kRoots);
        runtime->router().route(std::move(envelope));
      }
    });
  }
  threads.emplace_back([&] {
    for (uint64_t i = 0; !stop.load(); ++i) {
      clock.advance_ms(1);
      runtime->fire_due();
      if (i % 200 == 0) runtime->watch();
      std::this_thread::yield();
    }
  });
  threads.emplace_back([&] {
    Random random(seed);
    for (int i = 0; i < 1'500; ++i) {
      operate(tree, random);
      (void)tree.list();
      (void)tree.counts();
      (void)runtime->quiet();
      std::this_thread::yield();
    }
  });
  threads.emplace_back([&] {
    for (int i = 0; i < 300; ++i) {
      store->hold_commits(i % 2 == 0);
      std::this_thread::yield();
    }
    store->hold_commits(false);
  });
  for (size_t i : {0u, 1u, 3u, 4u}) threads[i].join();
  stop = true;
  threads[2].join();
  for (uint64_t n = 0; n < kRoots; ++n) (void)tree.resume("/s" + std::to_string(n));
  tree.stop_all();
  ASSERT_TRUE(until([&] { return tree.stopped() && tree.lingering() == 0 && runtime->quiet(); }))
      << runtime->counters().sums().in_flight() << " in flight" << left();
  const MessageSums sums = runtime->counters().sums();
  EXPECT_EQ(sums.in_flight(), 0u);
  EXPECT_EQ(sums.dead, runtime->dead_letters().total());
  EXPECT_EQ(runtime->timers().size(), 0u);
  EXPECT_TRUE(runtime->broker().list().empty());
  EXPECT_EQ(factory.alive(), 0);
  EXPECT_EQ(log_failures.load(), 0);
}

TEST_F(ThreadedStorm, Law3MessagesOfOnePairStayInOrderAcrossThreadsAndRestarts) {
  std::atomic<uint64_t> arrived{0};
  uint64_t last[4] = {0, 0, 0, 0};
  bool in_order = true;
  factory.kinds["sink"].receive = [&](Act& act) {
    const std::string body(act.message->payload.view());
    const size_t from = static_cast<size_t>(body[0] - '0');
    const uint64_t number = std::stoull(body.substr(2));
    in_order = in_order && number > last[from];  // the strand's own: one turn at a time (law 3)
    last[from] = number;
    arrived.fetch_add(1);
    return number % 1'000 == 999 ? failed("now and then", ACTORD_FAIL_TRANSIENT) : Outcome{};
  };
  factory.kinds["source"].receive = [](Act& act) {
    const std::string name(act.turn.path().name());
    for (int i = 0; i < 10; ++i) {
      (void)act.turn.send(to("/sink", "N", name + ":" + std::to_string(++act.self.number)));
    }
    if (act.self.number < 5'000) (void)act.turn.send(to(act.turn.self(), "More"));
    return Outcome{};
  };
  ActorOptions wide = steady();
  wide.mailbox.capacity = 1'000'000;
  wide.supervision.backoff = {1, 1, 1.0, 0.0, 1};
  wide.supervision.limit.restarts = 1'000;
  runtime->tree().declare({{{*ActorPath::parse("/sink"), "sink", "{}", wide}, {}}});
  for (const char* path : {"/0", "/1", "/2", "/3"}) {
    runtime->tree().declare({{{*ActorPath::parse(path), "source", "{}", wide}, {}}});
    EnvelopePtr envelope = runtime->outside_message("More", "");
    envelope->with_extra().to_path = path;
    runtime->router().route(std::move(envelope));
  }
  EXPECT_TRUE(until([&] { return arrived.load() == 20'000; })) << arrived.load();
  runtime->tree().stop_all();
  EXPECT_TRUE(until([&] { return runtime->tree().stopped() && runtime->quiet(); }));
  EXPECT_TRUE(in_order);
}

}  // namespace
}  // namespace actord::host
