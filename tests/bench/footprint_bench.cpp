// What an idle actor and a timer weigh, and how long they take to make and to end.
//
//   footprint_bench [--actors 1000000] [--timers 1000000] [--workers 2]
//
// Bytes are the heap's (mallinfo2), by difference. Every actor is asked to handle one message, so that none is
// only half there.
#include <algorithm>
#include <random>
#include <vector>

#include "bench/bench_host.hpp"

namespace actord::host::bench {
namespace {

double per(uint64_t whole, uint64_t count) {
  return static_cast<double>(whole) / static_cast<double>(count);
}

void line(const char* what, uint64_t ns, uint64_t count) {
  std::printf("  %-34s %8.0f ns each, %7.2f s\n", what, per(ns, count),
              static_cast<double>(ns) / 1e9);
}

void actors(uint64_t count, uint32_t workers) {
  std::atomic<uint64_t> handled{0};
  BenchFactory factory;
  factory.kinds["idle"] = {[&] {
    return [&](TurnContext&, const Envelope&) {
      handled.fetch_add(1, std::memory_order_relaxed);
      return Outcome{};
    };
  }};
  BenchHost host(factory, workers);
  host.declare("/all", "");
  host.until("the parent runs", [&] { return host.runtime().tree().standing("/all").settled; });
  const ActorRef parent = host.ref("/all");
  const ActorPath path = *ActorPath::parse("/all");
  std::vector<ActorRef> refs(count);

  const uint64_t before = heap_bytes();
  uint64_t began = host.now_ns();
  for (uint64_t i = 0; i < count; ++i) {
    refs[i] = *host.runtime().registry().reserve();
    check(host.runtime()
              .tree()
              .spawn(parent, refs[i], {path.child("n" + std::to_string(i)), "idle", "{}", {}})
              .has_value(),
          "it is spawned");
  }
  host.until("all run", [&] { return host.runtime().tree().counts().running == count + 1; });
  const uint64_t spawned = host.now_ns() - began;
  began = host.now_ns();
  for (const ActorRef ref : refs)
    check(host.runtime().router().post(ref, host.runtime().outside_message("bench.Hello", "")) ==
              ACTORD_OK,
          "it takes a message");
  host.until("each has handled it", [&] { return handled == count; });
  const uint64_t greeted = host.now_ns() - began;
  const uint64_t weight = heap_bytes() - before;
  began = host.now_ns();
  const uint64_t seen = host.runtime().tree().counts().running;
  const uint64_t counted = host.now_ns() - began;
  check(seen == count + 1, "all are counted");
  began = host.now_ns();
  host.stop_all();
  const uint64_t stopped = host.now_ns() - began;

  std::printf("%llu idle actors: %.0f bytes each (a cell is %zu, of these a mailbox %zu)\n",
              static_cast<unsigned long long>(count), per(weight, count), sizeof(ActorCell),
              sizeof(Mailbox));
  line("spawn, until all run", spawned, count);
  line("one message to each, handled", greeted, count);
  line("stop, until none is left", stopped, count);
  std::printf("  %-34s %8.2f ms\n", "counting them", static_cast<double>(counted) / 1e6);
}

void timers(uint64_t count) {
  SystemClock clock;
  Timers timers([](uint64_t) {});
  std::vector<TimerId> ids(count);
  std::mt19937_64 random(1);
  std::vector<uint64_t> due(count);
  for (uint64_t& one : due) one = 1 + random() % 3'600'000;
  const uint64_t before = heap_bytes();
  uint64_t began = clock.now_ns();
  for (uint64_t i = 0; i < count; ++i)
    ids[i] = timers.arm(due[i], TimerPurpose::kActorTimer, {i + 1, i + 1}, i);
  const uint64_t armed = clock.now_ns() - began;
  const uint64_t weight = heap_bytes() - before;
  check(timers.size() == count, "all are armed");
  std::shuffle(ids.begin(), ids.end(), random);
  began = clock.now_ns();
  for (uint64_t i = 0; i < count / 2; ++i) timers.cancel(ids[i]);
  const uint64_t cancelled = clock.now_ns() - began;
  check(timers.size() == count - count / 2, "half of them are left");
  began = clock.now_ns();
  uint64_t fired = 0, last = 0;
  for (uint64_t now = 1'000; timers.size() > 0; now += 1'000) {
    for (const DueTimer& one : timers.pop_due(now)) {
      check(due[one.token] <= now && due[one.token] >= last, "in order");
      last = due[one.token];
      ++fired;
    }
  }
  const uint64_t took = clock.now_ns() - began;
  check(fired == count - count / 2, "each fires once");

  std::printf("%llu live timers: %.0f bytes each\n", static_cast<unsigned long long>(count),
              per(weight, count));
  line("arm", armed, count);
  line("cancel, in any order", cancelled, count / 2);
  line("fire, in order", took, fired);
}

}  // namespace
}  // namespace actord::host::bench

int main(int count, char** values) {
  using namespace actord::host::bench;
  const Arguments arguments(count, values);
  actors(arguments.number("actors", 1'000'000, 2'000),
         static_cast<uint32_t>(arguments.number("workers", 2, 2)));
  timers(arguments.number("timers", 1'000'000, 10'000));
  return 0;
}
