// What the topology may say about an actor, with the defaults. Values only.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "core/actor_path.hpp"
#include "core/failure.hpp"

namespace actord::host {

enum class Overflow : uint8_t {
  kReject,      // the newest becomes a dead letter
  kDropOldest,  // the oldest user message becomes a dead letter
};

// Of one message type. Priorities go from -10 to 10; what has no rule has 0.
struct TypeRule {
  std::string type;
  int32_t priority = 0;
  uint64_t capacity = 0;  // waiting ones; 0: only the mailbox's bounds
  bool conflate = false;  // of one key only the newest waits
  bool operator==(const TypeRule&) const = default;
};

struct MailboxOptions {
  uint64_t capacity = 1'024;     // user messages
  uint64_t bytes = 64ull << 20;  // of user messages
  Overflow overflow = Overflow::kReject;
  // From this part of capacity or bytes on the mailbox is said to be filling up; below half of that it is
  // normal again. 0: nothing is said.
  double high_water = 0.75;
  std::vector<TypeRule> types = {};  // by name
  bool operator==(const MailboxOptions&) const = default;
};

enum class RestartType : uint8_t { kAlways, kOnFailure, kNever };

// What becomes of an actor that failed. Resume keeps its state and skips the message; it is for turns
// only, an instance that could not be made has nothing to go on with.
enum class Directive : uint8_t { kResume, kRestart, kPark, kStop, kEscalate, kStopHost };

// Which children of a supervisor start anew when one of them does: that one, all of them, or that one
// and those started after it.
enum class Strategy : uint8_t { kOneForOne, kOneForAll, kRestForOne };

// Delay before restart n (n = 0, 1, ...): min(max, initial·factor^n) · (1 ± jitter).
struct BackoffOptions {
  uint64_t initial_ms = 200;
  uint64_t max_ms = 30'000;
  double factor = 2.0;
  double jitter = 0.2;               // 0 .. 1
  uint64_t reset_after_ms = 60'000;  // running this long clears the count
  bool operator==(const BackoffOptions&) const = default;
};

// More than `restarts` restarts within `within_ms` (inclusive): then.
struct RestartLimit {
  uint32_t restarts = 8;
  uint64_t within_ms = 300'000;
  Directive then = Directive::kPark;
  bool operator==(const RestartLimit&) const = default;
};

// By failure class. Trying again does not mend a wrong setting or an unreadable journal, and starting
// empty would be worse: an operator has to look.
using Directives = std::array<Directive, kFailureClasses>;
constexpr Directives default_directives() {
  Directives directives{};
  directives.fill(Directive::kRestart);
  directives[static_cast<size_t>(FailureClass::kConfig)] = Directive::kPark;
  directives[static_cast<size_t>(FailureClass::kHydration)] = Directive::kPark;
  return directives;
}

struct SupervisionOptions {
  RestartType restart = RestartType::kOnFailure;
  Directives on = default_directives();
  BackoffOptions backoff;
  RestartLimit limit;
  uint32_t max_attempts = 1;  // of one message before it becomes a dead letter
  // Of the calls into its code, not of waiting for others, a worker or the store. Late in starting it
  // has failed; late in stopping it is abandoned, and nobody waits for it any longer.
  uint64_t start_timeout_ms = 10'000;
  uint64_t stop_timeout_ms = 5'000;
  uint64_t turn_budget_ms = 1'000;  // a turn that lasts longer is reported, with its stack
  bool significant = false;         // when it has stopped for good, its parent stops too
  // Of an actor with children:
  Strategy strategy = Strategy::kOneForOne;
  RestartLimit total{0, 300'000, Directive::kEscalate};  // of all children together; 0: no total
  // At once, counted when one is spawned. At the limit nothing starts, and watchers of it are told.
  uint32_t max_children = 1'000'000;
  bool operator==(const SupervisionOptions&) const = default;
};

// What holds for all actors of a host together.
struct HostPolicy {
  // More restarts than these wait for their place (backoff.initial 0 excepted), none is refused.
  uint32_t budget_restarts = 1'000;  // 0: no budget
  uint64_t budget_within_ms = 1'000;
  Directive at_root = Directive::kStopHost;  // of a failure that escalates to the root; or kPark
  bool operator==(const HostPolicy&) const = default;
};

enum class Hydrate : uint8_t { kEager, kBackground };

struct PersistenceOptions {
  std::string id;                     // identity in the store; empty = the path
  Hydrate hydrate = Hydrate::kEager;  // eager: the host is ready only when this actor is
  uint64_t snapshot_every = 1'000;    // events; 0 = only on stop
  uint32_t snapshots_kept = 2;
  bool operator==(const PersistenceOptions&) const = default;
};

struct ActorOptions {
  MailboxOptions mailbox;
  SupervisionOptions supervision;
  PersistenceOptions persistence;
  std::vector<std::string> tags;  // see core/tag.hpp; sorted, each once
  bool operator==(const ActorOptions&) const = default;
};

// An actor to be started. kind is empty for a node that only holds children.
struct ActorStart {
  ActorPath path;
  std::string kind;
  std::string settings = "{}";  // JSON object
  ActorOptions options;
  bool operator==(const ActorStart&) const = default;
};

}  // namespace actord::host
