// Counters: the sums of law 4. Each envelope that was accepted ends exactly once: handled, dead, or
// void (a notice nobody waits for any more: a late reply, a cancelled timer, an unwatched death; a copy
// that a subscription's filter kept back), or superseded (a newer message of its key took its place:
// mailbox.types, conflate).
// accepted - (handled + dead + voided + superseded) = in flight.
//
// Sharded by thread, so that counting costs no shared cache line.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

namespace actord::host {

struct MessageSums {
  uint64_t accepted = 0, handled = 0, dead = 0, voided = 0, superseded = 0;
  uint64_t in_flight() const { return accepted - handled - dead - voided - superseded; }
};

class Counters {
 public:
  void accepted() { bump(shard().accepted); }
  void handled() { bump(shard().handled); }
  void dead() { bump(shard().dead); }
  void voided() { bump(shard().voided); }
  void superseded() { bump(shard().superseded); }
  // Ends are read before beginnings, so in_flight() is never negative.
  MessageSums sums() const {
    MessageSums sums;
    for (const Shard& s : shards_) {
      sums.handled += s.handled.load(std::memory_order_acquire);
      sums.dead += s.dead.load(std::memory_order_acquire);
      sums.voided += s.voided.load(std::memory_order_acquire);
      sums.superseded += s.superseded.load(std::memory_order_acquire);
    }
    for (const Shard& s : shards_) sums.accepted += s.accepted.load(std::memory_order_acquire);
    return sums;
  }

 private:
  static constexpr size_t kShards = 16;
  struct alignas(64) Shard {
    std::atomic<uint64_t> accepted{0}, handled{0}, dead{0}, voided{0}, superseded{0};
  };
  static void bump(std::atomic<uint64_t>& counter) {
    counter.fetch_add(1, std::memory_order_release);
  }
  Shard& shard() {
    static std::atomic<size_t> threads{0};
    thread_local size_t mine = threads.fetch_add(1, std::memory_order_relaxed) % kShards;
    return shards_[mine];
  }
  std::array<Shard, kShards> shards_;
};

}  // namespace actord::host
