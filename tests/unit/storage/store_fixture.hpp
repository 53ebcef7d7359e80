// A small language for tests of stores: open, submit, read, as calls that wait for their answers.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "core/durable_log.hpp"
#include "storage/memory_log.hpp"
#include "storage/sqlite_log.hpp"

namespace actord::host {

class HandClock final : public Clock {
 public:
  uint64_t now_ns() override { return now += 1'000; }
  int64_t unix_ms() override { return wall; }
  std::atomic<uint64_t> now{0};
  std::atomic<int64_t> wall{1'700'000'000'000};
};

class TempDir {
 public:
  TempDir() {
    std::string text = (std::filesystem::temp_directory_path() / "actord-storage-XXXXXX").string();
    path = mkdtemp(text.data());
  }
  ~TempDir() { std::filesystem::remove_all(path); }
  std::string path;
};

inline EventRecord event(uint64_t seq, std::string_view body,
                         std::string_view type = "test.Happened") {
  EventRecord record;
  record.seq = seq;
  record.type = Symbol::of(type);
  record.version = 3;
  record.unix_ms = 42;
  record.correlation = {7, seq};
  record.causation = 1'000 + seq;
  record.body = Bytes(body);
  return record;
}

inline SnapshotRecord snapshot(uint64_t seq, std::string_view body) {
  return {.seq = seq, .state_version = 5, .unix_ms = 43, .body = Bytes(body)};
}

inline DeadLetter letter(std::string to, DeadReason reason = DeadReason::kUnhandled) {
  DeadLetter letter;
  letter.unix_ms = 1'700'000'000'000;
  letter.reason = reason;
  letter.to = std::move(to);
  letter.type = "test.Message";
  letter.payload = Bytes("payload");
  return letter;
}

// A store with callbacks that remember, and calls that wait.
class Session {
 public:
  explicit Session(DurableLog& store, MemoryLog* stepped = nullptr)
      : log(store), stepped_(stepped) {
    log.connect({
        .committed =
            [this](Lsn durable, const std::vector<ActorRef>& actors) {
              note([&] {
                committed.push_back(durable);
                owners.insert(owners.end(), actors.begin(), actors.end());
              });
            },
        .failed = [this](Error error) { note([&] { failures.push_back(std::move(error)); }); },
        .refused = [this](Lsn lsn, ActorRef) { note([&] { refused.push_back(lsn); }); },
    });
  }

  OpenedActor open(const std::string& id, const std::string& kind = "test.Kind") {
    return *try_open(id, kind);
  }
  Result<OpenedActor> try_open(const std::string& id, const std::string& kind = "test.Kind") {
    return ask<OpenedActor>([&](auto done) { log.open(id, kind, done); });
  }
  Lsn submit(const OpenedActor& actor, std::vector<EventRecord> events,
             std::optional<SnapshotRecord> hint = {}, std::vector<DeadLetter> letters = {}) {
    TurnUnit unit;
    unit.owner = {static_cast<uint64_t>(actor.store_id), actor.epoch};
    unit.store_id = actor.store_id;
    unit.epoch = actor.epoch;
    unit.events = std::move(events);
    unit.letters = std::move(letters);
    unit.snapshot = std::move(hint);
    return log.submit(std::move(unit));
  }
  // Waits until the number has passed, or the log has failed.
  void settle(Lsn lsn) {
    pump();
    std::unique_lock lock(mutex_);
    changed_.wait(
        lock, [&] { return (!committed.empty() && committed.back() >= lsn) || !failures.empty(); });
  }
  void await_failure() {
    pump();
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !failures.empty(); });
  }
  Result<EventBatch> read(int64_t id, uint64_t after = 0, uint32_t chain = 0) {
    return ask<EventBatch>([&](auto done) { log.read(id, after, chain, done); });
  }
  Result<std::vector<EventRecord>> read_all(int64_t id, uint64_t after = 0, uint32_t chain = 0) {
    std::vector<EventRecord> all;
    while (true) {
      ACTORD_TRY_ASSIGN(EventBatch batch, read(id, after, chain));
      all.insert(all.end(), batch.events.begin(), batch.events.end());
      if (batch.done) return all;
      after = all.back().seq;
      chain = batch.chain;
    }
  }
  Result<std::optional<LoadedSnapshot>> load(int64_t id, uint64_t at_most = UINT64_MAX) {
    return ask<std::optional<LoadedSnapshot>>(
        [&](auto done) { log.load_snapshot(id, at_most, done); });
  }
  std::vector<DeadLetter> letters(DeadLetterFilter filter = {}) {
    return *ask<std::vector<DeadLetter>>([&](auto done) { log.dead_letters(filter, done); });
  }
  // Until everything submitted so far is stored: the open of one more actor says so.
  void flush() { open("flush"); }

  DurableLog& log;
  std::vector<Lsn> committed, refused;
  std::vector<ActorRef> owners;
  std::vector<Error> failures;

 private:
  template <class T, class F>
  Result<T> ask(F call) {
    auto answer = std::make_shared<std::promise<Result<T>>>();
    auto future = answer->get_future();
    call(std::function<void(Result<T>)>(
        [answer](Result<T> result) { answer->set_value(std::move(result)); }));
    pump();
    return future.get();
  }
  void pump() {
    if (stepped_ != nullptr) stepped_->run();
  }
  template <class F>
  void note(F change) {
    std::lock_guard lock(mutex_);
    change();
    changed_.notify_all();
  }

  MemoryLog* stepped_;
  std::mutex mutex_;
  std::condition_variable changed_;
};

inline std::string bodies(const std::vector<EventRecord>& events) {
  std::string text;
  for (const EventRecord& record : events) text.append(record.body.view()).append(" ");
  return text;
}

}  // namespace actord::host
