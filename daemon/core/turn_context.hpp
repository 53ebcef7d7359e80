// TurnContext: what a handler can see and record during one turn. The ABI's actord_turn is this
// object. Recording checks limits and arguments; nothing happens until the runtime releases.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.hpp"
#include "core/behavior.hpp"
#include "core/effects.hpp"

namespace actord::host {

// What the runtime answers a turn with, locally and without blocking.
class TurnServices {
 public:
  virtual ~TurnServices() = default;
  virtual uint64_t now_ms() = 0;
  virtual int64_t unix_ms() = 0;
  virtual uint64_t random() = 0;
  virtual Uuid new_correlation() = 0;
  virtual uint64_t new_message_id() = 0;
  virtual Result<ActorRef> resolve(const ActorPath& path) = 0;
  virtual std::string path_of(ActorRef ref) = 0;  // empty when it has ended
  virtual std::vector<ActorRef> tagged(std::string_view tag) = 0;
  virtual std::optional<uint64_t> load(ActorRef ref) = 0;  // none when it has ended
  // A reference for a child to be spawned; given back when the turn fails.
  virtual Result<ActorRef> reserve_child() = 0;
  virtual void release_child(ActorRef ref) = 0;
  // An inlet's post: E_FULL, E_CLOSED. Any thread.
  virtual actord_status post_from_outside(ActorRef to, EnvelopePtr envelope) = 0;
};

enum class TurnPhase : uint8_t { kStart, kReceive, kStop, kRecovered, kApply, kDecide };

// A send as asked for by the handler; the ABI adapter and tests fill it.
struct SendRequest {
  ActorRef to;
  std::string_view to_path;
  std::string_view type;
  Bytes payload;
  std::string_view content_type;
  std::string_view key;
  ActorRef reply_to;
  uint64_t token = 0;
  uint64_t expires_in_ms = 0;
  uint32_t flags = 0;  // ACTORD_SEND_*
};

class TurnContext {
 public:
  TurnContext(TurnServices& services, Behavior& behavior, ActorRef self, const ActorPath& path,
              Effects& effects, TurnPhase phase, const Envelope* message, uint64_t last_seq,
              uint64_t& ask_counter)
      : services_(services),
        behavior_(behavior),
        self_(self),
        path_(path),
        effects_(effects),
        phase_(phase),
        message_(message),
        last_seq_(last_seq),
        ask_counter_(ask_counter) {}
  TurnContext(const TurnContext&) = delete;
  TurnContext& operator=(const TurnContext&) = delete;

  ActorRef self() const { return self_; }
  const ActorPath& path() const { return path_; }
  const Envelope* message() const { return message_; }  // null outside receive
  TurnServices& services() { return services_; }
  uint64_t last_seq() const { return last_seq_; }
  bool stop_wanted() const { return stop_wanted_; }
  bool current_rejected() const { return current_rejected_; }
  const std::string& error() const { return error_; }
  const Outcome& event_failure() const { return event_failure_; }  // of apply_event in this turn

  void set_error(std::string_view text) { error_ = text; }
  void stop_self() { stop_wanted_ = true; }

  actord_status send(const SendRequest& request);
  actord_status reply(const SendRequest& request);
  actord_status forward(ActorRef to, std::string_view to_path);
  actord_status publish(std::string_view topic, const SendRequest& request);
  actord_status ask(const SendRequest& request, uint64_t timeout_ms, uint64_t* ask);
  actord_status cancel_ask(uint64_t ask);
  // null: the current message. E_INVALID for a reason that only the host can know.
  actord_status reject(const SendRequest* request, std::string_view text,
                       DeadReason reason = DeadReason::kRejected);
  actord_status set_timer(std::string_view key, uint64_t delay_ms, uint64_t period_ms,
                          Bytes payload);
  actord_status cancel_timer(std::string_view key);
  actord_status spawn(std::string_view name, std::string_view kind, std::string_view settings,
                      std::string_view persistence_id, ActorRef* out);
  actord_status stop(ActorRef child);
  actord_status watch(ActorRef other);
  actord_status watch_with(ActorRef other, const SendRequest& notice);
  actord_status unwatch(ActorRef other);
  actord_status suspend(ActorRef other, bool on);
  actord_status link(ActorRef other);
  actord_status unlink(ActorRef other);
  actord_status subscribe(std::string_view pattern);
  actord_status unsubscribe(std::string_view pattern);
  actord_status tag(std::string_view tag);
  actord_status untag(std::string_view tag);
  actord_status follow(std::string_view tag);
  actord_status unfollow(std::string_view tag);
  actord_status watch_file(std::string_view path);
  actord_status unstash_all();
  // Of one that was put off; id of the message.
  actord_status unstash(uint64_t id);
  actord_status forward_stashed(uint64_t id, ActorRef to, std::string_view to_path);
  actord_status reject_stashed(uint64_t id, std::string_view text);
  actord_status persist(std::string_view type, uint32_t version, std::string_view body);
  actord_status snapshot();

 private:
  // payload: what the effect carries, to be counted.
  actord_status record(Effect effect, const Bytes* payload = nullptr);
  Result<EnvelopePtr> make_envelope(const SendRequest& request, bool addressed);
  Result<UnstashEffect*> unstash_effect();
  Uuid correlation();  // of this turn: the message's, or born here when there is none

  TurnServices& services_;
  Behavior& behavior_;
  const ActorRef self_;
  const ActorPath& path_;
  Effects& effects_;
  const TurnPhase phase_;
  const Envelope* const message_;
  uint64_t last_seq_;
  uint64_t& ask_counter_;
  Uuid correlation_;
  std::optional<size_t> unstash_;  // where in effects_
  bool stop_wanted_ = false;
  bool current_rejected_ = false;
  std::string error_;
  Outcome event_failure_;
};

}  // namespace actord::host
