// What the topology may say about an actor, with the defaults. Values only.
#pragma once

#include <cstdint>
#include <string>

#include "core/actor_path.hpp"

namespace actord::host {

enum class Overflow : uint8_t {
  kReject,      // the newest becomes a dead letter
  kDropOldest,  // the oldest user message becomes a dead letter
};

struct MailboxOptions {
  uint64_t capacity = 1'024;     // user messages
  uint64_t bytes = 64ull << 20;  // of user messages
  Overflow overflow = Overflow::kReject;
  bool operator==(const MailboxOptions&) const = default;
};

enum class RestartType : uint8_t { kAlways, kOnFailure, kNever };
enum class AtLimit : uint8_t { kPark, kEscalate, kStop, kStopHost };

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
  AtLimit then = AtLimit::kPark;
  bool operator==(const RestartLimit&) const = default;
};

struct SupervisionOptions {
  RestartType restart = RestartType::kOnFailure;
  BackoffOptions backoff;
  RestartLimit limit;
  uint32_t max_attempts = 1;  // of one message before it becomes a dead letter
  bool operator==(const SupervisionOptions&) const = default;
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
