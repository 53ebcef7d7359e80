#include "core/turn_context.hpp"

#include <algorithm>

#include "base/clock.hpp"
#include "base/limits.hpp"
#include "core/tag.hpp"
#include "core/topic.hpp"

namespace actord::host {

actord_status TurnContext::record(Effect effect, const Bytes* payload) {
  if (effects_.list.size() >= limits::kEffectsPerTurn) return ACTORD_E_LIMIT;
  if (payload != nullptr && payload->buffer() != effects_.last_payload) {
    if (effects_.bytes + payload->size() > limits::kEffectBytesPerTurn) return ACTORD_E_LIMIT;
    effects_.bytes += payload->size();
    effects_.last_payload = payload->buffer();
  }
  effects_.list.push_back(std::move(effect));
  return ACTORD_OK;
}

// The current message's, so that a whole conversation shares one id. A turn without one (a start, a
// timer set by a start) is itself an edge and gives birth to it, once.
Uuid TurnContext::correlation() {
  if (correlation_.is_nil()) {
    correlation_ = message_ != nullptr && !message_->correlation.is_nil()
                       ? message_->correlation
                       : services_.new_correlation();
  }
  return correlation_;
}

Result<EnvelopePtr> TurnContext::make_envelope(const SendRequest& request, bool addressed) {
  const auto refuse = [](actord_status code, const char* text) { return Error{code, text}; };
  if (request.type.empty()) return refuse(ACTORD_E_INVALID, "a message needs a type");
  if (request.payload.size() > limits::kPayloadBytes)
    return refuse(ACTORD_E_LIMIT, "payload over 16 MiB");
  if (request.key.size() > limits::kKeyBytes) return refuse(ACTORD_E_LIMIT, "key over 255 bytes");
  const auto type = Symbol::intern(request.type);
  const auto content_type =
      request.content_type.empty() ? std::optional(Symbol()) : Symbol::intern(request.content_type);
  if (!type || !content_type)
    return refuse(ACTORD_E_LIMIT, "type name too long, or too many types");
  auto envelope = std::make_unique<Envelope>();
  if (addressed) {
    envelope->to = request.to;
    if (request.to.is_nobody()) {
      if (!ActorPath::parse(request.to_path))
        return refuse(ACTORD_E_INVALID, "no valid path to send to");
      envelope->with_extra().to_path = request.to_path;
    }
  }
  envelope->type = *type;
  envelope->content_type = *content_type;
  envelope->payload = request.payload;
  envelope->from = self_;
  envelope->reply_to = request.reply_to.is_nobody() ? self_ : request.reply_to;
  envelope->id = services_.new_message_id();
  envelope->causation = message_ == nullptr ? 0 : message_->id;
  // Only what was forwarded or published is a hop: a sender that names its recipient may go on for
  // ever (ping-pong, a loop through its own mailbox), an event storm may not. A new chain begins with
  // a timer's fire, paced by time and not by a loop, and with what is born outside: a reader whose
  // next line is let in by an acknowledgement goes round in no circle.
  const bool edge = (request.flags & ACTORD_SEND_EDGE) != 0;
  const bool chained = message_ != nullptr && message_->kind != MessageKind::kTimer && !edge;
  envelope->hops = chained ? message_->hops : 0;
  envelope->correlation = edge ? services_.new_correlation() : correlation();
  envelope->notify = (request.flags & ACTORD_SEND_NOTIFY) != 0;
  envelope->lane = (request.flags & ACTORD_SEND_URGENT) != 0 ? Lane::kUrgent : Lane::kUser;
  envelope->token = request.token;
  if (request.expires_in_ms != 0)
    envelope->deadline_ms = later_ms(services_.now_ms(), request.expires_in_ms);
  if (!request.key.empty()) envelope->with_extra().key = request.key;
  return envelope;
}

actord_status TurnContext::send(const SendRequest& request) {
  auto envelope = make_envelope(request, true);
  if (!envelope) return envelope.error().code;
  const Bytes& payload = (*envelope)->payload;  // the envelope stays where it is
  return record(SendEffect{std::move(envelope).value()}, &payload);
}

actord_status TurnContext::reply(const SendRequest& request) {
  if (message_ == nullptr || message_->reply_to.is_nobody()) return ACTORD_E_NOT_FOUND;
  auto envelope = make_envelope(request, false);
  if (!envelope) return envelope.error().code;
  (*envelope)->to = message_->reply_to;
  if (message_->ask != 0) {
    (*envelope)->kind = MessageKind::kReply;
    (*envelope)->ask = message_->ask;
    (*envelope)->token = message_->ask;
    (*envelope)->notify = false;
  }
  const Bytes& payload = (*envelope)->payload;  // the envelope stays where it is
  return record(SendEffect{std::move(envelope).value()}, &payload);
}

actord_status TurnContext::forward(ActorRef to, std::string_view to_path) {
  if (message_ == nullptr) return ACTORD_E_WRONG_PHASE;
  if (to.is_nobody() && !ActorPath::parse(to_path)) return ACTORD_E_INVALID;
  auto envelope = std::make_unique<Envelope>();
  envelope->kind = message_->kind == MessageKind::kUser ? MessageKind::kUser : message_->kind;
  if (envelope->kind != MessageKind::kUser) return ACTORD_E_INVALID;
  envelope->lane = message_->lane;
  envelope->to = to;
  envelope->from = message_->from;
  envelope->reply_to = message_->reply_to;
  envelope->ask = message_->ask;
  envelope->token = message_->token;
  envelope->notify = message_->notify;
  envelope->deadline_ms = message_->deadline_ms;
  envelope->id = services_.new_message_id();
  envelope->causation = message_->id;
  envelope->correlation = correlation();
  envelope->hops = message_->hops + 1;
  envelope->type = message_->type;
  envelope->content_type = message_->content_type;
  envelope->payload = message_->payload;
  if (message_->extra != nullptr) {
    envelope->with_extra().topic = message_->extra->topic;
    envelope->with_extra().key = message_->extra->key;
  }
  if (to.is_nobody()) envelope->with_extra().to_path = to_path;
  return record(SendEffect{std::move(envelope)});
}

actord_status TurnContext::publish(std::string_view topic, const SendRequest& request) {
  if (!Topic::parse(topic)) return ACTORD_E_INVALID;
  auto envelope = make_envelope(request, false);
  if (!envelope) return envelope.error().code;
  (*envelope)->with_extra().topic = topic;
  ++(*envelope)->hops;
  const Bytes& payload = (*envelope)->payload;  // the envelope stays where it is
  return record(PublishEffect{std::move(envelope).value()}, &payload);
}

actord_status TurnContext::ask(const SendRequest& request, uint64_t timeout_ms, uint64_t* ask) {
  if (phase_ == TurnPhase::kStop) return ACTORD_E_WRONG_PHASE;
  auto envelope = make_envelope(request, true);
  if (!envelope) return envelope.error().code;
  const uint64_t clamped = std::clamp<uint64_t>(timeout_ms, 1, limits::kAskTimeoutMsMax);
  const uint64_t number = ask_counter_ + 1;
  (*envelope)->ask = number;
  (*envelope)->reply_to = self_;
  (*envelope)->notify = false;
  (*envelope)->deadline_ms = services_.now_ms() + clamped;
  const Bytes& payload = (*envelope)->payload;  // the envelope stays where it is
  const actord_status status = record(AskEffect{std::move(envelope).value(), clamped}, &payload);
  if (status != ACTORD_OK) return status;
  ask_counter_ = number;
  *ask = number;
  return ACTORD_OK;
}

actord_status TurnContext::cancel_ask(uint64_t ask) { return record(CancelAskEffect{ask}); }

// A rejected message is a dead letter of its own turn: an actor with a journal commits it together
// with its events, so it is there exactly as often as the turn is.
actord_status TurnContext::reject(const SendRequest* request, std::string_view text,
                                  DeadReason reason) {
  const bool an_actors_own = reason == DeadReason::kRejected ||
                             reason == DeadReason::kBreakerOpen || reason == DeadReason::kExpired;
  if (!an_actors_own) return ACTORD_E_INVALID;
  const bool current = request == nullptr;
  // A message has one end: what is rejected already cannot be rejected again.
  if (current && (message_ == nullptr || current_rejected_)) return ACTORD_E_WRONG_PHASE;
  // The letter and its sender's notice, or neither.
  if (effects_.list.size() + 2 > limits::kEffectsPerTurn) return ACTORD_E_LIMIT;
  EnvelopePtr made;
  if (!current) {
    auto envelope = make_envelope(*request, false);
    if (!envelope) return envelope.error().code;
    made = std::move(envelope).value();
  }
  const Envelope& subject = current ? *message_ : *made;
  DeadLetter letter;
  letter.unix_ms = services_.unix_ms();
  letter.reason = reason;
  letter.to = path_.text();
  letter.from = services_.path_of(subject.from);
  letter.type = subject.type.name();
  letter.topic = subject.extra == nullptr ? std::string() : subject.extra->topic;
  letter.content_type = subject.content_type.name();
  letter.error = text;
  letter.correlation = subject.correlation;
  letter.message_id = subject.id;
  letter.causation_id = subject.causation;
  letter.attempts = subject.attempt;
  letter.size = subject.payload.size();
  letter.payload = subject.payload;
  if (current) {
    current_rejected_ = true;
    if (auto notice = undeliverable_notice(subject, static_cast<int32_t>(reason), text)) {
      notice->id = services_.new_message_id();
      notice->with_extra().recipient = letter.to;
      const actord_status status = record(SendEffect{std::move(notice)});
      if (status != ACTORD_OK) return status;
    }
  }
  if (behavior_.persistent()) effects_.letters.push_back(letter);
  return record(DeadLetterEffect{std::move(letter), behavior_.persistent(), current});
}

actord_status TurnContext::set_timer(std::string_view key, uint64_t delay_ms, uint64_t period_ms,
                                     Bytes payload) {
  if (phase_ == TurnPhase::kStop) return ACTORD_E_WRONG_PHASE;
  if (key.empty() || key.size() > limits::kTypeNameBytes) return ACTORD_E_INVALID;
  if (payload.size() > limits::kPayloadBytes) return ACTORD_E_LIMIT;
  const Bytes kept = payload;
  return record(SetTimerEffect{std::string(key), delay_ms, period_ms, std::move(payload)}, &kept);
}

actord_status TurnContext::cancel_timer(std::string_view key) {
  return record(CancelTimerEffect{std::string(key)});
}

actord_status TurnContext::spawn(std::string_view name, std::string_view kind,
                                 std::string_view settings, std::string_view persistence_id,
                                 ActorRef* out) {
  if (phase_ == TurnPhase::kStop) return ACTORD_E_WRONG_PHASE;
  if (!ActorPath::valid_segment(name) || kind.empty()) return ACTORD_E_INVALID;
  if (path_.text().size() + 1 + name.size() > limits::kPathBytes) return ACTORD_E_LIMIT;
  if (path_.depth() >= limits::kPathDepth) return ACTORD_E_LIMIT;
  if (effects_.spawns >= limits::kSpawnsPerTurn) return ACTORD_E_LIMIT;
  auto ref = services_.reserve_child();
  if (!ref) return ref.error().code;
  const actord_status status = record(SpawnEffect{*ref, std::string(name), std::string(kind),
                                                  settings.empty() ? "{}" : std::string(settings),
                                                  std::string(persistence_id)});
  if (status != ACTORD_OK) {
    services_.release_child(*ref);
    return status;
  }
  ++effects_.spawns;
  *out = *ref;
  return ACTORD_OK;
}

actord_status TurnContext::stop(ActorRef child) {
  if (child == self_) {
    stop_self();
    return ACTORD_OK;
  }
  if (child.is_nobody()) return ACTORD_E_INVALID;
  return record(StopEffect{child});
}

actord_status TurnContext::watch(ActorRef other) {
  if (phase_ == TurnPhase::kStop) return ACTORD_E_WRONG_PHASE;
  if (other.is_nobody()) return ACTORD_E_INVALID;
  return record(WatchEffect{other, nullptr});
}

actord_status TurnContext::watch_with(ActorRef other, const SendRequest& notice) {
  if (phase_ == TurnPhase::kStop) return ACTORD_E_WRONG_PHASE;
  if (other.is_nobody()) return ACTORD_E_INVALID;
  auto envelope = make_envelope(notice, false);
  if (!envelope) return envelope.error().code;
  const Bytes& payload = (*envelope)->payload;  // the envelope stays where it is
  return record(WatchEffect{other, std::move(envelope).value()}, &payload);
}

actord_status TurnContext::suspend(ActorRef other, bool on) {
  return other.is_nobody() ? ACTORD_E_INVALID : record(SuspendEffect{other, on});
}

actord_status TurnContext::link(ActorRef other) {
  if (phase_ == TurnPhase::kStop) return ACTORD_E_WRONG_PHASE;
  if (other.is_nobody()) return ACTORD_E_INVALID;
  return record(LinkEffect{other});
}

actord_status TurnContext::unlink(ActorRef other) { return record(UnlinkEffect{other}); }

actord_status TurnContext::unwatch(ActorRef other) { return record(UnwatchEffect{other}); }

actord_status TurnContext::subscribe(std::string_view pattern) {
  if (phase_ == TurnPhase::kStop) return ACTORD_E_WRONG_PHASE;
  if (!TopicPattern::parse(pattern)) return ACTORD_E_INVALID;
  return record(SubscribeEffect{std::string(pattern)});
}

actord_status TurnContext::unsubscribe(std::string_view pattern) {
  return record(UnsubscribeEffect{std::string(pattern)});
}

actord_status TurnContext::tag(std::string_view tag) {
  if (phase_ == TurnPhase::kStop) return ACTORD_E_WRONG_PHASE;
  if (!valid_tag(tag)) return ACTORD_E_INVALID;
  return record(TagEffect{std::string(tag)});
}

actord_status TurnContext::untag(std::string_view tag) {
  return valid_tag(tag) ? record(UntagEffect{std::string(tag)}) : ACTORD_E_INVALID;
}

actord_status TurnContext::follow(std::string_view tag) {
  if (phase_ == TurnPhase::kStop) return ACTORD_E_WRONG_PHASE;
  if (!valid_tag(tag)) return ACTORD_E_INVALID;
  return record(FollowEffect{std::string(tag)});
}

actord_status TurnContext::unfollow(std::string_view tag) {
  return valid_tag(tag) ? record(UnfollowEffect{std::string(tag)}) : ACTORD_E_INVALID;
}

actord_status TurnContext::watch_file(std::string_view path) {
  if (phase_ == TurnPhase::kStop) return ACTORD_E_WRONG_PHASE;
  if (path.empty()) return ACTORD_E_INVALID;
  return record(WatchFileEffect{std::string(path)});
}

// One effect for all that a turn hands back, so that it comes back in the order named.
Result<UnstashEffect*> TurnContext::unstash_effect() {
  if (!unstash_) {
    const actord_status status = record(UnstashEffect{});
    if (status != ACTORD_OK) return Error{status, "too many effects"};
    unstash_ = effects_.list.size() - 1;
  }
  return &std::get<UnstashEffect>(effects_.list[*unstash_]);
}

actord_status TurnContext::unstash_all() {
  auto effect = unstash_effect();
  if (!effect) return effect.error().code;
  (*effect)->all = true;
  return ACTORD_OK;
}

actord_status TurnContext::unstash(uint64_t id) {
  if (id == 0) return ACTORD_E_INVALID;
  auto effect = unstash_effect();
  if (!effect) return effect.error().code;
  if ((*effect)->ids.size() >= limits::kStashMax) return ACTORD_E_LIMIT;
  (*effect)->ids.push_back(id);
  return ACTORD_OK;
}

actord_status TurnContext::forward_stashed(uint64_t id, ActorRef to, std::string_view to_path) {
  if (id == 0 || (to.is_nobody() && !ActorPath::parse(to_path))) return ACTORD_E_INVALID;
  return record(ForwardStashedEffect{id, to, std::string(to.is_nobody() ? to_path : "")});
}

actord_status TurnContext::reject_stashed(uint64_t id, std::string_view text) {
  if (id == 0) return ACTORD_E_INVALID;
  return record(RejectStashedEffect{id, std::string(text)});
}

actord_status TurnContext::persist(std::string_view type, uint32_t version, std::string_view body) {
  if (!behavior_.persistent()) return ACTORD_E_UNSUPPORTED;
  if (event_failure_.failed()) return event_failure_.status;
  if (body.size() > limits::kEventBytes || effects_.events.size() >= limits::kEventsPerTurn ||
      effects_.event_bytes + body.size() > limits::kTurnEventBytes) {
    return ACTORD_E_LIMIT;
  }
  const auto symbol = type.empty() ? std::nullopt : Symbol::intern(type);
  if (!symbol) return ACTORD_E_INVALID;
  EventRecord event;
  event.seq = last_seq_ + 1;
  event.type = *symbol;
  event.version = version;
  event.unix_ms = services_.unix_ms();
  event.correlation = correlation();
  event.causation = message_ == nullptr ? 0 : message_->id;
  event.body = Bytes(body);
  // Applied at once and through the same code as in hydration, so state is always the fold of events.
  const Outcome outcome = behavior_.apply_event(event);
  if (outcome.failed()) {
    event_failure_ = outcome;
    return outcome.status;
  }
  last_seq_ = event.seq;
  effects_.event_bytes += body.size();
  effects_.events.push_back(std::move(event));
  return ACTORD_OK;
}

actord_status TurnContext::snapshot() {
  if (!behavior_.persistent()) return ACTORD_E_UNSUPPORTED;
  effects_.snapshot = true;
  return ACTORD_OK;
}

}  // namespace actord::host
