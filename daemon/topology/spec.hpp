// Spec: what the operator wants, typed, with defaults filled and names resolved. A value: nothing
// downstream of it sees YAML. Compared without spans. Spec{} is "nothing runs".
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "core/actor_options.hpp"
#include "core/actor_path.hpp"
#include "core/subscription_options.hpp"
#include "core/topic.hpp"
#include "topology/span.hpp"

namespace actord::host {

struct HostSpec {
  std::string name = "actord";
  uint32_t workers = 0;  // 0: auto, one per processor
  std::string data_dir = "/var/lib/actord";
  std::vector<std::string> plugin_dirs = {"/usr/lib/actord/plugins",
                                          "/usr/local/lib/actord/plugins"};
  uint64_t drain_ms = 20'000;
  uint64_t deadline_ms = 45'000;  // never shorter than drain_ms
  HostPolicy policy;
  bool operator==(const HostSpec&) const = default;
};

struct LoggingSpec {
  log::Level level = log::Level::kInfo;
  log::Format format = log::Format::kAuto;
  bool operator==(const LoggingSpec&) const = default;
};

enum class PersistenceMode : uint8_t { kStrict, kMemory };

struct DeadLetterSpec {
  uint64_t count = 50'000;
  uint64_t age_ms = 30ull * 24 * 3'600'000;
  uint64_t bytes = 512ull << 20;
  bool operator==(const DeadLetterSpec&) const = default;
};

struct PluginSpec {
  std::string name;    // the "plugin" of "plugin.Type"
  std::string path;    // as written (NAME.so when left out); relative: searched in host.plugin_dirs
  std::string sha256;  // lower-case hex; empty: any
  Span span;           // of the value of `path`, or of the name
  Span sha256_span;    // of the value of `sha256`
  bool operator==(const PluginSpec&) const = default;
};

struct ActorSpec {
  ActorStart start;              // options.persistence.id is filled for persistent kinds
  std::vector<ActorPath> after;  // must be ready before this one starts
  Span span;                     // of its name
  KeySpans keys;                 // "kind", "settings", "mailbox.capacity", ...
  bool operator==(const ActorSpec&) const = default;
};

struct SubscriptionSpec {
  std::string topic;  // the pattern as written; TopicPattern::parse accepts it
  ActorPath to;
  SubscriptionOptions options;
  Span span;      // of the entry
  KeySpans keys;  // "topic", "throttle.messages", ...
  bool operator==(const SubscriptionSpec&) const = default;
};

struct Spec {
  bool present = false;  // false: nothing runs or shall run, and the rest is empty
  HostSpec host;
  LoggingSpec logging;
  std::string admin_socket;  // empty: the default place
  PersistenceMode persistence_mode = PersistenceMode::kStrict;
  DeadLetterSpec dead_letters;
  std::vector<PluginSpec> plugins;              // in file order
  std::vector<ActorSpec> actors;                // in start order: a parent before its children
  std::vector<SubscriptionSpec> subscriptions;  // in file order, without repetitions
  KeySpans keys;                                // "host.workers", "admin.socket", ...

  const ActorSpec* actor(const ActorPath& path) const;
  const PluginSpec* plugin(const std::string& name) const;
  bool operator==(const Spec&) const = default;
};

}  // namespace actord::host
