#include "runtime/outside.hpp"

#include <vector>

namespace actord::host {
namespace {

// Names who did not take the message, which need not be who was asked: that one may have passed it on.
Error refusal(const Envelope& notice) {
  std::string text(dead_reason_name(static_cast<DeadReason>(notice.reason)));
  if (notice.extra != nullptr) {
    if (!notice.extra->recipient.empty()) text = notice.extra->recipient + ": " + text;
    if (!notice.extra->text.empty()) text += ": " + notice.extra->text;
  }
  return {ACTORD_FAIL_PERMANENT, std::move(text)};
}

}  // namespace

void Outside::ask(EnvelopePtr request, uint64_t deadline_ms, Done done) {
  {
    const MutexLock lock(mutex_);
    request->ask = ++last_;
    const TimerId timer = timers_.arm(deadline_ms, TimerPurpose::kEdgeAsk, kOutside, request->ask);
    pending_.emplace(request->ask, Pending{std::move(done), timer});
  }
  request->reply_to = kOutside;
  request->deadline_ms = deadline_ms;
  router_.route(std::move(request));
}

bool Outside::take(uint64_t ask, Pending& pending) {
  const MutexLock lock(mutex_);
  const auto it = pending_.find(ask);
  if (it == pending_.end()) return false;
  pending = std::move(it->second);
  pending_.erase(it);
  return true;
}

void Outside::reply(EnvelopePtr reply) {
  Pending pending;
  if (!take(reply->ask, pending)) return;  // too late, or nobody asked
  timers_.cancel(pending.timer);
  if (reply->kind == MessageKind::kAskFailed) {
    pending.done(refusal(*reply));
    return;
  }
  pending.done(OutsideReply{reply->type, reply->content_type, std::move(reply->payload)});
}

void Outside::timeout(uint64_t ask) {
  Pending pending;
  if (take(ask, pending)) pending.done(Error{ACTORD_E_TIMEOUT, "no answer before the deadline"});
}

void Outside::cancel_all() {
  std::vector<Pending> all;
  {
    const MutexLock lock(mutex_);
    for (auto& [ask, pending] : pending_) all.push_back(std::move(pending));
    pending_.clear();
  }
  for (Pending& pending : all) {
    timers_.cancel(pending.timer);
    pending.done(Error{ACTORD_E_CLOSED, "the host is shutting down"});
  }
}

}  // namespace actord::host
