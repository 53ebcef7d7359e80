#include "runtime/mailbox.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "base/limits.hpp"

namespace actord::host {
namespace {

void count_off(LaneLoad::Load& load, const LaneLoad::Load& done) {
  ACTORD_ASSERT(done.messages <= load.messages);
  ACTORD_ASSERT(done.bytes <= load.bytes);
  load.messages -= done.messages;
  load.bytes -= done.bytes;
}

}  // namespace

void Mailbox::open(uint64_t incarnation, std::shared_ptr<const ActorStart> start) {
  const MutexLock lock(mutex_);
  ACTORD_ASSERT(!open_ && user_.empty() && urgent_.empty() && tasks_.empty());
  incarnation_ = incarnation;
  open_ = true;
  refusing_ = false;
  accepting_ = false;
  scheduled_ = false;
  woken_ = false;
  load_ = {};
  high_water_ = 0;
  capacity_ = start->options.mailbox.capacity;
  bytes_max_ = start->options.mailbox.bytes;
  overflow_ = start->options.mailbox.overflow;
  start_ = std::move(start);
}

void Mailbox::close(EnvelopeQueue& rest) {
  const MutexLock lock(mutex_);
  open_ = false;
  tasks_.clear();
  while (EnvelopePtr envelope = urgent_.pop_front()) rest.push_back(std::move(envelope));
  while (EnvelopePtr envelope = user_.pop_front()) rest.push_back(std::move(envelope));
  load_ = {};
  start_ = nullptr;
}

void Mailbox::refuse(EnvelopeQueue& rest) {
  const MutexLock lock(mutex_);
  refusing_ = true;
  for (EnvelopeQueue* lane : {&urgent_, &user_}) {
    while (EnvelopePtr envelope = lane->pop_front()) {
      if (envelope->counts) load_.of(*envelope).remove(*envelope);
      envelope->counts = false;
      rest.push_back(std::move(envelope));
    }
  }
}

bool Mailbox::has_room(const Envelope& envelope) {
  if (envelope.kind != MessageKind::kUser) return true;
  const LaneLoad::Load& load = load_.of(envelope);
  const bool user = envelope.lane == Lane::kUser;
  return load.messages < (user ? capacity_ : limits::kUrgentMessagesMax) &&
         (load.messages == 0 ||
          load.bytes + envelope.weight() <= (user ? bytes_max_ : limits::kUrgentBytesMax));
}

bool Mailbox::runnable() const {
  return woken_ || !tasks_.empty() || (accepting_ && (!urgent_.empty() || !user_.empty()));
}

PushResult Mailbox::woken_result() {
  if (scheduled_ || !runnable()) return PushResult::kQueued;
  scheduled_ = true;
  return PushResult::kQueuedWake;
}

PushResult Mailbox::queue(EnvelopePtr& envelope) {
  envelope->counts = envelope->kind == MessageKind::kUser;
  if (envelope->counts) {
    load_.of(*envelope).add(*envelope);
    high_water_ = std::max(high_water_, load_.user.messages);
  }
  (envelope->lane == Lane::kUser ? user_ : urgent_).push_back(std::move(envelope));
  return woken_result();
}

EnvelopePtr Mailbox::evict_oldest() {
  // Notices that do not count are stepped over, in order.
  EnvelopeQueue before;
  EnvelopePtr oldest;
  while (EnvelopePtr envelope = user_.pop_front()) {
    if (envelope->counts) {
      oldest = std::move(envelope);
      break;
    }
    before.push_back(std::move(envelope));
  }
  user_.prepend(before);
  if (oldest != nullptr) {
    load_.user.remove(*oldest);
    oldest->counts = false;
  }
  return oldest;
}

PushResult Mailbox::push(uint64_t incarnation, EnvelopePtr& envelope, EnvelopeQueue& evicted) {
  const MutexLock lock(mutex_);
  if (incarnation != incarnation_) return PushResult::kStale;
  if (!open_ || refusing_) return PushResult::kClosed;
  if (!has_room(*envelope)) {
    if (overflow_ == Overflow::kReject || envelope->lane != Lane::kUser) return PushResult::kFull;
    while (!has_room(*envelope)) {
      EnvelopePtr oldest = evict_oldest();
      // All that counts is in the hands of a running turn: then the newest has to go after all.
      if (oldest == nullptr) return PushResult::kFull;
      evicted.push_back(std::move(oldest));
    }
  }
  return queue(envelope);
}

PushResult Mailbox::push_or_full(uint64_t incarnation, EnvelopePtr& envelope) {
  const MutexLock lock(mutex_);
  if (incarnation != incarnation_) return PushResult::kStale;
  if (!open_ || refusing_) return PushResult::kClosed;
  if (!has_room(*envelope)) return PushResult::kFull;
  return queue(envelope);
}

void Mailbox::inherit(ActorRef self, EnvelopeQueue& messages) {
  const MutexLock lock(mutex_);
  EnvelopeQueue left;
  while (EnvelopePtr envelope = messages.pop_front()) {
    if (has_room(*envelope)) {
      envelope->to = self;
      queue(envelope);
    } else {
      left.push_back(std::move(envelope));
    }
  }
  messages.prepend(left);
}

PushResult Mailbox::push_task(uint64_t incarnation, SystemTask task) {
  const MutexLock lock(mutex_);
  if (incarnation != incarnation_) return PushResult::kStale;
  if (!open_) return PushResult::kClosed;
  tasks_.push_back(std::move(task));
  return woken_result();
}

PushResult Mailbox::wake(uint64_t incarnation) {
  const MutexLock lock(mutex_);
  if (incarnation != incarnation_) return PushResult::kStale;
  if (!open_) return PushResult::kClosed;
  woken_ = true;
  return woken_result();
}

void Mailbox::take(uint32_t max, Work& work, EnvelopeQueue& out) {
  const MutexLock lock(mutex_);
  work.tasks.clear();
  std::swap(work.tasks, tasks_);
  work.woken = woken_;
  woken_ = false;
  if (!accepting_) return;
  for (uint32_t taken = 0; taken < max; ++taken) {
    EnvelopePtr envelope = urgent_.pop_front();
    if (envelope == nullptr) envelope = user_.pop_front();
    if (envelope == nullptr) break;
    out.push_back(std::move(envelope));
  }
}

void Mailbox::set_accepting(bool accepting) {
  const MutexLock lock(mutex_);
  accepting_ = accepting;
}

// An idle mailbox holds nothing, so nothing may count: a run must not end with work unreported.
bool Mailbox::finish_run(const LaneLoad& done, bool more) {
  const MutexLock lock(mutex_);
  count_off(load_.user, done.user);
  count_off(load_.urgent, done.urgent);
  if (open_ && (more || runnable())) return true;
  scheduled_ = false;
  return false;
}

void Mailbox::set_options(std::shared_ptr<const ActorStart> start) {
  const MutexLock lock(mutex_);
  capacity_ = start->options.mailbox.capacity;
  bytes_max_ = start->options.mailbox.bytes;
  overflow_ = start->options.mailbox.overflow;
  start_ = std::move(start);
}

MailboxDepth Mailbox::depth() {
  const MutexLock lock(mutex_);
  return {urgent_.size() + user_.size(), load_.user.bytes + load_.urgent.bytes, high_water_};
}

std::shared_ptr<const ActorStart> Mailbox::start_of(uint64_t incarnation) {
  const MutexLock lock(mutex_);
  return incarnation == incarnation_ ? start_ : nullptr;
}

}  // namespace actord::host
