// DeadLetters: the one place where a message ends that will not be handled. Each becomes a structured
// log line (aggregated under a flood), a row in the store, an answer to an asker or a sender that
// wanted to know, and a message on the topic actord.dead_letter for whoever listens there.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.hpp"
#include "base/mutex.hpp"
#include "core/dead_letter.hpp"
#include "core/durable_log.hpp"
#include "core/envelope.hpp"
#include "runtime/counters.hpp"
#include "runtime/registry.hpp"

namespace actord::host {

inline constexpr std::string_view kDeadLetterTopic = "actord.dead_letter";

class DeadLetters {
 public:
  struct Exits {
    std::function<void(EnvelopePtr notice)> notify;  // to the asker or sender
    std::function<void(const DeadLetter&)> publish;  // on kDeadLetterTopic
  };
  DeadLetters(Registry& registry, DurableLog& log, Counters& counters, Clock& clock)
      : registry_(registry), log_(log), counters_(counters), clock_(clock) {}
  void connect(Exits exits) { exits_ = std::move(exits); }

  // Ends an accepted envelope. to: where it was going, for people; empty: from its reference.
  void take(EnvelopePtr envelope, DeadReason reason, std::string_view error, std::string to = {});
  // Ends a message that a turn rejected. stored: it is already committed with that turn.
  void take_rejected(DeadLetter letter, bool stored);

  // Closes the flood interval when it is over: one summary line per hidden group. `all`: at the end.
  void summarise(uint64_t now_ms, bool all);
  uint64_t count(DeadReason reason) const {
    return by_reason_[static_cast<size_t>(reason)].load(std::memory_order_relaxed);
  }
  uint64_t total() const;

 private:
  struct Flood {
    uint64_t began_ms = 0, seen = 0;
    std::string to, type;
    DeadReason reason = DeadReason::kNoSuchActor;
  };
  void end(DeadLetter letter, bool stored);
  bool may_log(const DeadLetter& letter);
  static void write_line(const DeadLetter& letter);

  Registry& registry_;
  DurableLog& log_;
  Counters& counters_;
  Clock& clock_;
  Exits exits_;
  std::array<std::atomic<uint64_t>, kDeadReasonCount> by_reason_{};
  Mutex mutex_;
  std::unordered_map<std::string, Flood> floods_;  // guarded by mutex_
};

}  // namespace actord::host
