// A flood: four senders and one receiver, while a thousand others tick. How late are the ticks, what does the
// flood cost in memory, and is every message accounted for?
//
//   flood_bench [--messages 10000000] [--tickers 1000] [--period-ms 10] [--workers 2]
//
// Twice: senders that wait when the mailbox is full (Router::post, what an inlet and the control socket do),
// so that every message is handled; and senders that do not, whose messages over the bound are dead letters.
#include <algorithm>
#include <vector>

#include "bench/bench_host.hpp"

namespace actord::host::bench {
namespace {

constexpr uint64_t kSenders = 4;

struct Parameters {
  uint64_t messages, tickers, period_ms;
  uint32_t workers;
};

struct Ticks {
  std::atomic<uint64_t> count{0}, worst_ns{0};
  std::array<std::atomic<uint64_t>, 64> late{};  // by the power of two of nanoseconds

  void add(uint64_t late_ns) {
    count.fetch_add(1, std::memory_order_relaxed);
    late[static_cast<size_t>(64 - __builtin_clzll(late_ns | 1))].fetch_add(
        1, std::memory_order_relaxed);
    uint64_t worst = worst_ns.load(std::memory_order_relaxed);
    while (worst < late_ns && !worst_ns.compare_exchange_weak(worst, late_ns)) {}
  }
  // Not over this, for so many of a hundred thousand.
  double within_ms(uint64_t of_100000) const {
    uint64_t left = count.load() * of_100000 / 100'000;
    for (size_t power = 0; power < late.size(); ++power) {
      const uint64_t here = late[power].load();
      if (here >= left) return static_cast<double>(1ull << power) / 1e6;
      left -= here;
    }
    return 0;
  }
};

void send(BenchHost& host, ActorRef to, uint64_t count, bool waits, std::atomic<uint64_t>& full) {
  for (uint64_t i = 0; i < count; ++i) {
    EnvelopePtr message = host.runtime().outside_message("bench.Flood", "");
    if (!waits) {
      message->to = to;
      host.runtime().router().route(std::move(message));
      continue;
    }
    while (host.runtime().router().post(to, std::move(message)) == ACTORD_E_FULL) {
      full.fetch_add(1, std::memory_order_relaxed);
      std::this_thread::yield();
      message = host.runtime().outside_message("bench.Flood", "");
    }
  }
}

void run(const Parameters& p, bool waits) {
  std::atomic<uint64_t> received{0}, full{0};
  Ticks ticks;
  const uint64_t period_ns = p.period_ms * 1'000'000;
  SystemClock clock;
  BenchFactory factory;
  factory.kinds["target"] = {[&] {
    return [&](TurnContext&, const Envelope&) {
      received.fetch_add(1, std::memory_order_relaxed);
      return Outcome{};
    };
  }};
  factory.kinds["ticker"] = {
      [&] {
        return [&, last = uint64_t{0}](TurnContext&, const Envelope&) mutable {
          const uint64_t now = clock.now_ns();
          if (last != 0) ticks.add(now - last > period_ns ? now - last - period_ns : 0);
          last = now;
          return Outcome{};
        };
      },
      [&](TurnContext& turn) { (void)turn.set_timer("tick", p.period_ms, p.period_ms, Bytes()); }};
  BenchHost host(factory, p.workers);
  host.declare("/target", "target");
  host.declare("/tickers", "");
  for (uint64_t i = 0; i < p.tickers; ++i) host.declare("/tickers/t" + std::to_string(i), "ticker");
  host.until("all run", [&] { return host.runtime().tree().counts().running == p.tickers + 2; });
  const ActorRef target = host.ref("/target");
  const uint64_t rss_before = process_bytes("VmRSS");

  const uint64_t began = host.now_ns();
  std::vector<std::thread> senders;
  for (uint64_t s = 0; s < kSenders; ++s)
    senders.emplace_back([&] { send(host, target, p.messages / kSenders, waits, full); });
  for (std::thread& sender : senders) sender.join();
  const uint64_t sent = p.messages / kSenders * kSenders;
  const auto dead = [&] { return host.runtime().dead_letters().count(DeadReason::kMailboxFull); };
  host.until("each is handled or a dead letter", [&] { return received + dead() == sent; });
  const double seconds = static_cast<double>(host.now_ns() - began) / 1e9;
  const uint64_t rss_peak = process_bytes("VmHWM");
  check(!waits || dead() == 0, "who waits loses nothing");
  const uint64_t ticked = ticks.count;
  host.stop_all();
  check(host.runtime().timers().size() == 0, "no timer is left");

  std::printf(
      "senders %-12s %10llu messages in %6.2f s = %5.2f million/s, %llu handled, %llu dead "
      "letters, told "
      "\"full\" %llu times\n",
      waits ? "that wait" : "that do not", static_cast<unsigned long long>(sent), seconds,
      static_cast<double>(sent) / seconds / 1e6, static_cast<unsigned long long>(received.load()),
      static_cast<unsigned long long>(dead()), static_cast<unsigned long long>(full.load()));
  std::printf(
      "  ticks: %llu of about %.0f; late by at most %.1f ms for 50%%, %.1f ms for 99%%, %.1f ms "
      "for "
      "99.9%%, worst %.1f ms\n",
      static_cast<unsigned long long>(ticked),
      seconds * 1'000 / static_cast<double>(p.period_ms) * static_cast<double>(p.tickers),
      ticks.within_ms(50'000), ticks.within_ms(99'000), ticks.within_ms(99'900),
      static_cast<double>(ticks.worst_ns.load()) / 1e6);
  std::printf("  memory: %.1f MB before, %.1f MB at most\n", static_cast<double>(rss_before) / 1e6,
              static_cast<double>(rss_peak) / 1e6);
}

}  // namespace
}  // namespace actord::host::bench

int main(int count, char** values) {
  using namespace actord::host::bench;
  const Arguments arguments(count, values);
  const Parameters parameters{arguments.number("messages", 10'000'000, 20'000),
                              arguments.number("tickers", 1'000, 50),
                              arguments.number("period-ms", 10, 10),
                              static_cast<uint32_t>(arguments.number("workers", 2, 2))};
  run(parameters, true);
  run(parameters, false);
  return 0;
}
