#include "runtime/router.hpp"

#include <algorithm>
#include <unordered_set>

#include "base/assert.hpp"
#include "base/limits.hpp"

namespace actord::host {
namespace {

EnvelopePtr copy_of(const Envelope& envelope) {
  auto copy = std::make_unique<Envelope>();
  copy->kind = envelope.kind;
  copy->lane = envelope.lane;
  copy->notify = envelope.notify;
  copy->from_outside = envelope.from_outside;
  copy->hops = envelope.hops;
  copy->attempt = envelope.attempt;
  copy->from = envelope.from;
  copy->reply_to = envelope.reply_to;
  copy->ask = envelope.ask;
  copy->token = envelope.token;
  copy->deadline_ms = envelope.deadline_ms;
  copy->id = envelope.id;
  copy->causation = envelope.causation;
  copy->correlation = envelope.correlation;
  copy->type = envelope.type;
  copy->content_type = envelope.content_type;
  copy->payload = envelope.payload;
  if (envelope.extra != nullptr) copy->extra = std::make_unique<EnvelopeExtra>(*envelope.extra);
  return copy;
}

}  // namespace

void Router::locate(Envelope& envelope) {
  if (envelope.to.is_nobody() && envelope.extra != nullptr && !envelope.extra->to_path.empty())
    envelope.to = registry_.find(envelope.extra->to_path);
}

void Router::route(EnvelopePtr envelope) {
  counters_.accepted();
  if (envelope->to.is_nobody() && envelope->extra != nullptr && !envelope->extra->to_path.empty()) {
    locate(*envelope);
    if (envelope->to.is_nobody()) {
      const std::string text = "no actor has the path " + envelope->extra->to_path;
      dead_letters_.take(std::move(envelope), DeadReason::kNoSuchActor, text);
      return;
    }
  }
  queue(std::move(envelope), {});
}

void Router::queue(EnvelopePtr envelope, std::string_view path) {
  if (envelope->to == kOutside) {
    counters_.handled();
    outside_(std::move(envelope));
    return;
  }
  if (envelope->hops > limits::kHopsMax) {
    dead_letters_.take(std::move(envelope), DeadReason::kHopLimit,
                       "published or forwarded more than 100 times: it goes in a circle");
    return;
  }
  ActorCell* const cell = registry_.cell(envelope->to);
  if (cell == nullptr) {
    dead_letters_.take(std::move(envelope), DeadReason::kNoSuchActor, "no such actor",
                       std::string(path));
    return;
  }
  EnvelopeQueue evicted;
  const PushResult pushed = cell->mailbox.push(envelope->to.incarnation, envelope, evicted);
  if (pushed == PushResult::kQueuedWake) scheduler_.schedule(*cell);
  if (envelope != nullptr) refused(std::move(envelope), pushed, path);
  while (EnvelopePtr oldest = evicted.pop_front()) {
    dead_letters_.take(std::move(oldest), DeadReason::kDroppedOldest,
                       "dropped to make room for a newer message");
  }
}

void Router::refused(EnvelopePtr envelope, PushResult why, std::string_view path) {
  const bool notice = envelope->kind != MessageKind::kUser && envelope->kind != MessageKind::kReply;
  if (notice) {
    counters_.voided();  // to one who is no more
  } else if (why == PushResult::kFull) {
    dead_letters_.take(std::move(envelope), DeadReason::kMailboxFull, "the mailbox is full",
                       std::string(path));
  } else if (why == PushResult::kClosed) {
    dead_letters_.take(std::move(envelope), DeadReason::kStopped, "the actor has stopped",
                       std::string(path));
  } else {
    dead_letters_.take(std::move(envelope), DeadReason::kStaleIncarnation,
                       "the actor this reference meant has ended", std::string(path));
  }
}

size_t Router::publish(EnvelopePtr envelope) { return fan_out(std::move(envelope), true); }

size_t Router::publish_if_heard(EnvelopePtr envelope) {
  return fan_out(std::move(envelope), false);
}

// The broker names each subscriber once; a path and the actor that lives there are one recipient.
std::vector<Router::Recipient> Router::recipients_of(const Topic& topic) {
  std::vector<Subscriber> subscribers = broker_.match(topic);
  const bool by_path = std::any_of(subscribers.begin(), subscribers.end(),
                                   [](const Subscriber& one) { return one.ref.is_nobody(); });
  std::vector<Recipient> recipients;
  recipients.reserve(subscribers.size());
  std::unordered_set<ActorRef, ActorRefHash> seen;
  for (Subscriber& one : subscribers) {
    const ActorRef ref = one.ref.is_nobody() ? registry_.find(one.path) : one.ref;
    if (by_path && !ref.is_nobody() && !seen.insert(ref).second) continue;
    recipients.push_back({ref, std::move(one.path)});
  }
  return recipients;
}

size_t Router::fan_out(EnvelopePtr envelope, bool expect_listener) {
  const auto topic = Topic::parse(envelope->extra->topic);
  ACTORD_ASSERT(topic.has_value());  // checked when it was recorded
  const std::vector<Recipient> recipients = recipients_of(*topic);
  if (recipients.empty()) {
    if (!expect_listener) return 0;
    counters_.accepted();
    const std::string to = envelope->extra->topic;
    dead_letters_.take(std::move(envelope), DeadReason::kNoSubscriber,
                       "nobody subscribes to this topic", to);
    return 0;
  }
  for (size_t i = 0; i < recipients.size(); ++i) {
    const bool last = i + 1 == recipients.size();
    EnvelopePtr copy = last ? nullptr : copy_of(*envelope);
    if (last) copy.swap(envelope);
    counters_.accepted();
    copy->to = recipients[i].ref;
    if (copy->to.is_nobody()) {
      dead_letters_.take(std::move(copy), DeadReason::kNoSuchActor, "the subscriber is not running",
                         recipients[i].path);
    } else {
      queue(std::move(copy), recipients[i].path);
    }
  }
  return recipients.size();
}

void Router::post_notice(EnvelopePtr envelope) {
  ActorCell* const cell = registry_.cell(envelope->to);
  if (cell == nullptr) return;
  counters_.accepted();
  EnvelopeQueue evicted;  // notices do not count, so nothing is ever dropped for them
  switch (cell->mailbox.push(envelope->to.incarnation, envelope, evicted)) {
    case PushResult::kQueuedWake: scheduler_.schedule(*cell); return;
    case PushResult::kQueued: return;
    default: counters_.voided();
  }
}

actord_status Router::post(ActorRef to, EnvelopePtr envelope) {
  ActorCell* const cell = registry_.cell(to);
  if (cell == nullptr) return ACTORD_E_CLOSED;
  envelope->to = to;
  // Accepted before it can be seen: its end must never be counted before its beginning.
  counters_.accepted();
  switch (cell->mailbox.push_or_full(to.incarnation, envelope)) {
    case PushResult::kQueuedWake: scheduler_.schedule(*cell); return ACTORD_OK;
    case PushResult::kQueued: return ACTORD_OK;
    case PushResult::kFull: counters_.voided(); return ACTORD_E_FULL;
    case PushResult::kClosed:
    case PushResult::kStale: break;
  }
  counters_.voided();
  return ACTORD_E_CLOSED;
}

}  // namespace actord::host
