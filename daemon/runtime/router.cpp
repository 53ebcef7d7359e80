#include "runtime/router.hpp"

#include <unordered_set>

#include "base/assert.hpp"
#include "base/limits.hpp"

namespace actord::host {
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
  const ActorRef to = envelope->to;
  Displaced displaced;
  const PushResult pushed = cell->mailbox.push(to.incarnation, envelope, displaced);
  if (pushed == PushResult::kQueuedWake) scheduler_.schedule(*cell);
  if (envelope != nullptr) refused(std::move(envelope), pushed, displaced.full, path);
  end_displaced(to, displaced);
}

void Router::end_displaced(ActorRef to, Displaced& displaced) {
  if (displaced.superseded != nullptr) counters_.superseded();
  while (EnvelopePtr oldest = displaced.dropped.pop_front()) {
    dead_letters_.take(std::move(oldest), DeadReason::kDroppedOldest,
                       "dropped to make room for a newer message");
  }
  if (displaced.rose) alarms_.high(to);
}

void Router::refused(EnvelopePtr envelope, PushResult why, std::string_view full,
                     std::string_view path) {
  const bool notice = envelope->kind != MessageKind::kUser && envelope->kind != MessageKind::kReply;
  if (notice) {
    counters_.voided();  // to one who is no more
  } else if (why == PushResult::kFull) {
    dead_letters_.take(std::move(envelope), DeadReason::kMailboxFull, full, std::string(path));
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

// A path and the actor that lives there are one recipient. The broker names each subscriber once, unless
// filters have a say: then its oldest subscription that lets the message through, or holds it, has it.
Router::Audience Router::audience_of(const Topic& topic, const Envelope& envelope) {
  std::vector<Listener> listeners = broker_.match(topic);
  Audience audience;
  audience.listens = !listeners.empty();
  audience.recipients.reserve(listeners.size());
  bool filtered = false, twice = false;  // twice: one may be named more than once
  for (const Listener& one : listeners) {
    filtered = filtered || one.filter != nullptr;
    twice = twice || filtered || one.ref.is_nobody();
  }
  ConditionSubject subject(envelope);
  std::unordered_set<ActorRef, ActorRefHash> seen;
  std::unordered_set<std::string> seen_absent;
  for (Listener& one : listeners) {
    const ActorRef ref = one.ref.is_nobody() ? registry_.find(one.path) : one.ref;
    const bool absent = filtered && ref.is_nobody();
    if (twice && (absent ? seen_absent.contains(one.path) : seen.contains(ref))) continue;
    const auto verdict =
        one.filter == nullptr ? Filters::Verdict::kLet : filters_.judge(one.filter, subject);
    if (verdict == Filters::Verdict::kKeptBack) continue;
    if (absent) seen_absent.insert(one.path);
    if (twice && !ref.is_nobody()) seen.insert(ref);
    if (verdict == Filters::Verdict::kHeld) {
      ++audience.held;
    } else {
      audience.recipients.push_back({ref, std::move(one.path)});
    }
  }
  return audience;
}

void Router::hand_over(EnvelopePtr copy, ActorRef to, const std::string& path) {
  copy->to = to;
  if (to.is_nobody()) {
    dead_letters_.take(std::move(copy), DeadReason::kNoSuchActor, "the subscriber is not running",
                       path);
  } else {
    queue(std::move(copy), path);
  }
}

void Router::deliver_held(EnvelopePtr copy, const Subscriber& subscriber) {
  const bool by_path = subscriber.ref.is_nobody();
  hand_over(std::move(copy), by_path ? registry_.find(subscriber.path) : subscriber.ref,
            subscriber.path);
}

size_t Router::fan_out(EnvelopePtr envelope, bool expect_listener) {
  const auto topic = Topic::parse(envelope->extra->topic);
  ACTORD_ASSERT(topic.has_value());  // checked when it was recorded
  const Audience audience = audience_of(*topic, *envelope);
  const std::vector<Recipient>& recipients = audience.recipients;
  if (!audience.listens) {
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
    hand_over(std::move(copy), recipients[i].ref, recipients[i].path);
  }
  return recipients.size() + audience.held;
}

void Router::post_notice(EnvelopePtr envelope) {
  ActorCell* const cell = registry_.cell(envelope->to);
  if (cell == nullptr) return;
  counters_.accepted();
  Displaced nothing;  // notices do not count, so nothing is ever dropped for them
  switch (cell->mailbox.push(envelope->to.incarnation, envelope, nothing)) {
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
  Displaced displaced;
  const PushResult pushed = cell->mailbox.push_or_full(to.incarnation, envelope, displaced);
  if (pushed == PushResult::kQueuedWake) scheduler_.schedule(*cell);
  end_displaced(to, displaced);
  switch (pushed) {
    case PushResult::kQueuedWake:
    case PushResult::kQueued: return ACTORD_OK;
    case PushResult::kFull: counters_.voided(); return ACTORD_E_FULL;
    case PushResult::kClosed:
    case PushResult::kStale: break;
  }
  counters_.voided();
  return ACTORD_E_CLOSED;
}

}  // namespace actord::host
