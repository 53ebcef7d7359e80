// BenchHost: a whole runtime on real threads and a real clock, with a store in memory, and kinds made of
// plain functions. What a benchmark says of itself it checks, and exits with 1 when that is not so.
#pragma once

#include <malloc.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "base/log.hpp"
#include "runtime/runtime.hpp"
#include "storage/memory_log.hpp"

namespace actord::host::bench {

using Receive = std::function<Outcome(TurnContext&, const Envelope&)>;

// One kind: what each instance does at a message, and in its first turn.
struct BenchKind {
  std::function<Receive()> make;
  std::function<void(TurnContext&)> start = [](TurnContext&) {};
};

class BenchActor final : public Behavior {
 public:
  explicit BenchActor(const BenchKind& kind) : kind_(kind), receive_(kind.make()) {}
  Outcome start(TurnContext& turn) override {
    kind_.start(turn);
    return {};
  }
  Outcome receive(TurnContext& turn, const Envelope& message) override {
    return receive_(turn, message);
  }
  void stop(TurnContext&, int32_t) override {}

 private:
  const BenchKind& kind_;
  Receive receive_;
};

class BenchFactory final : public BehaviorFactory {
 public:
  std::map<std::string, BenchKind> kinds;  // fixed before threads run
  bool knows(const std::string& kind) const override { return kinds.contains(kind); }
  Result<std::unique_ptr<Behavior>> create(const CreateArgs& args) override {
    const auto found = kinds.find(args.kind);
    if (found == kinds.end()) return Error{ACTORD_E_NOT_FOUND, "no kind " + args.kind};
    return std::unique_ptr<Behavior>(std::make_unique<BenchActor>(found->second));
  }
};

inline void check(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "not so: %s\n", what);
  std::exit(1);
}

// Bytes that are allocated now.
inline uint64_t heap_bytes() {
  const struct mallinfo2 info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
}

// Of /proc/self/status, in bytes: "VmRSS", "VmHWM".
inline uint64_t process_bytes(const std::string& name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(name + ":")) return std::stoull(line.substr(name.size() + 1)) * 1024;
  }
  return 0;
}

class BenchHost {
 public:
  BenchHost(BenchFactory& factory, uint32_t workers) {
    log::set_level(log::Level::kOff);
    RuntimeExits exits;
    exits.log_failed = [](Error error) { check(false, error.text.c_str()); };
    runtime_ = std::make_unique<Runtime>(
        clock_, Random(1), store_, factory,
        [this, workers](WorkerPool::Run run) {
          auto made = std::make_unique<WorkerPool>(workers, std::move(run));
          pool_ = made.get();
          return made;
        },
        exits);
    pool_->start();
    loop_ = std::thread([this] { loop(); });
  }
  ~BenchHost() {
    stopping_ = true;
    loop_.join();
    pool_->stop();
    check(store_.close().has_value(), "the store is closed");
    runtime_.reset();
  }
  BenchHost(const BenchHost&) = delete;
  BenchHost& operator=(const BenchHost&) = delete;

  Runtime& runtime() { return *runtime_; }
  SystemClock& clock() { return clock_; }
  uint64_t now_ns() { return clock_.now_ns(); }

  void declare(const std::string& path, const std::string& kind, const ActorOptions& options = {}) {
    runtime_->tree().declare({{{*ActorPath::parse(path), kind, "{}", options}, {}}});
  }
  ActorRef ref(const std::string& path) { return runtime_->registry().find(path); }

  // Waits, for at most so long; then it is an error.
  void until(const char* what, const std::function<bool()>& fact, uint64_t seconds = 600) {
    const uint64_t end = clock_.now_ms() + seconds * 1'000;
    while (!fact()) {
      check(clock_.now_ms() < end, what);
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
  }
  // Everything ends; law 4's sums are even then.
  void stop_all() {
    runtime_->tree().stop_all();
    until("all actors have stopped", [&] { return runtime_->tree().stopped(); });
    until("law 4: every envelope has an end", [&] { return runtime_->quiet(); });
    check(runtime_->counters().sums().dead == runtime_->dead_letters().total(),
          "each dead one is a dead letter");
  }

 private:
  // As the daemon's loop thread: timers when they are due, now and then the watchdog.
  void loop() {
    for (uint64_t round = 0; !stopping_; ++round) {
      runtime_->fire_due();
      if (round % 1'000 == 0) runtime_->watch();
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
  }

  SystemClock clock_;
  MemoryLog store_{clock_, {.manual = false, .forget = true, .dead_letters = {}}};
  std::unique_ptr<Runtime> runtime_;
  WorkerPool* pool_ = nullptr;
  std::atomic<bool> stopping_{false};
  std::thread loop_;
};

// --name VALUE, or what it is without it; --smoke has a few of everything.
class Arguments {
 public:
  Arguments(int count, char** values) : count_(count), values_(values) {}
  bool smoke() const { return find("--smoke") != 0; }
  uint64_t number(const std::string& name, uint64_t usual, uint64_t in_smoke) const {
    const int at = find("--" + name);
    if (at == 0 || at + 1 >= count_) return smoke() ? in_smoke : usual;
    return std::strtoull(values_[at + 1], nullptr, 10);
  }

 private:
  int find(const std::string& name) const {
    for (int i = 1; i < count_; ++i) {
      if (name == values_[i]) return i;
    }
    return 0;
  }
  int count_;
  char** values_;
};

}  // namespace actord::host::bench
