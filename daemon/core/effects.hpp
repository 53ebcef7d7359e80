// Effects: what one turn wants to happen. Recorded while the handler runs; released, in this order,
// after it has returned success and its events are durable.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "core/actor_options.hpp"
#include "core/child_failure.hpp"
#include "core/dead_letter.hpp"
#include "core/durable_log.hpp"
#include "core/envelope.hpp"

namespace actord::host {

struct SendEffect {
  EnvelopePtr envelope;
};  // to, or extra->to_path
struct PublishEffect {
  EnvelopePtr envelope;
};  // extra->topic
struct AskEffect {
  EnvelopePtr envelope;
  uint64_t timeout_ms;
};  // envelope->ask set
struct CancelAskEffect {
  uint64_t ask;
};
struct SetTimerEffect {
  std::string key;
  uint64_t delay_ms, period_ms;
  Bytes payload;
};
struct CancelTimerEffect {
  std::string key;
};
struct SpawnEffect {
  ActorRef ref;
  std::string name, kind, settings, persistence_id;
};
struct StopEffect {
  ActorRef ref;
};
struct WatchEffect {
  ActorRef ref;
  EnvelopePtr notice;  // instead of TERMINATED; null: that
};
struct UnwatchEffect {
  ActorRef ref;
};
struct SuspendEffect {
  ActorRef ref;
  bool on;  // false: it goes on
};
struct LinkEffect {
  ActorRef ref;
};
struct UnlinkEffect {
  ActorRef ref;
};
struct SubscribeEffect {
  std::string pattern;
};
struct UnsubscribeEffect {
  std::string pattern;
};
struct TagEffect {
  std::string tag;
};
struct UntagEffect {
  std::string tag;
};
struct FollowEffect {
  std::string tag;
};
struct UnfollowEffect {
  std::string tag;
};
struct WatchFileEffect {
  std::string path;
};
struct DeadLetterEffect {
  DeadLetter letter;
  bool stored;   // committed with the turn's events: only to be logged and counted
  bool current;  // the message of this turn, already counted as accepted
};
// ids first, in this order, then the rest if all. Of one turn there is one.
struct UnstashEffect {
  std::vector<uint64_t> ids;
  bool all = false;
};
struct ForwardStashedEffect {
  uint64_t id;
  ActorRef to;
  std::string to_path;
};
struct RejectStashedEffect {
  uint64_t id;
  std::string text;
};
// What a supervising parent has decided about a child. Recorded by the runtime, behind what the turn
// itself recorded.
struct DirectEffect {
  ActorRef child;
  uint64_t number;  // of the question
  ChosenDirective chosen;
};

using Effect = std::variant<SendEffect, PublishEffect, AskEffect, CancelAskEffect, SetTimerEffect,
                            CancelTimerEffect, SpawnEffect, StopEffect, WatchEffect, UnwatchEffect,
                            SuspendEffect, LinkEffect, UnlinkEffect, SubscribeEffect,
                            UnsubscribeEffect, TagEffect, UntagEffect, FollowEffect, UnfollowEffect,
                            WatchFileEffect, DeadLetterEffect, UnstashEffect, ForwardStashedEffect,
                            RejectStashedEffect, DirectEffect>;

struct Effects {
  std::vector<Effect> list;
  std::vector<EventRecord> events;  // to be durable before anything in list happens
  std::vector<DeadLetter> letters;  // durable together with events (actors with a journal)
  uint64_t event_bytes = 0;
  uint64_t bytes = 0;  // of payloads in list
  const Buffer* last_payload = nullptr;
  uint64_t spawns = 0;
  bool snapshot = false;

  void clear() {
    list.clear();
    events.clear();
    letters.clear();
    event_bytes = 0;
    bytes = 0;
    last_payload = nullptr;
    spawns = 0;
    snapshot = false;
  }
};

}  // namespace actord::host
