#include "core/envelope.hpp"

#include "actord/abi.h"

namespace actord::host {

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

EnvelopePtr ask_timeout_notice(ActorRef asker, uint64_t ask) {
  auto failed = std::make_unique<Envelope>();
  failed->kind = MessageKind::kAskFailed;
  failed->to = asker;
  failed->ask = failed->token = ask;
  failed->reason = ACTORD_E_TIMEOUT;
  failed->with_extra().text = "no answer before the deadline";
  return failed;
}

EnvelopePtr undeliverable_notice(const Envelope& envelope, int32_t reason, std::string_view text) {
  const bool is_request = envelope.ask != 0 && envelope.kind == MessageKind::kUser;
  const ActorRef to = is_request ? envelope.reply_to : envelope.from;
  if ((!is_request && !envelope.notify) || to.is_nobody()) return nullptr;
  auto notice = std::make_unique<Envelope>();
  notice->kind = is_request ? MessageKind::kAskFailed : MessageKind::kUndelivered;
  notice->to = to;
  notice->from = envelope.to;
  notice->ask = is_request ? envelope.ask : 0;
  notice->token = is_request ? envelope.ask : envelope.token;
  notice->reason = reason;
  notice->correlation = envelope.correlation;
  notice->causation = envelope.id;
  notice->type = envelope.type;
  if (!text.empty()) notice->with_extra().text = text;
  return notice;
}

}  // namespace actord::host
