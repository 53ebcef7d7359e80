#include "core/envelope.hpp"

#include "actord/abi.h"

namespace actord::host {

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
