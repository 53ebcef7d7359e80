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

void Mailbox::adopt(const MailboxOptions& options) {
  capacity_ = options.capacity;
  bytes_max_ = options.bytes;
  overflow_ = options.overflow;
  high_water_ = options.high_water;
  if (user_.has_rules() || !options.types.empty()) user_.set_rules(options.types);
}

void Mailbox::open(uint64_t incarnation, std::shared_ptr<const ActorStart> start) {
  const MutexLock lock(mutex_);
  ACTORD_ASSERT(!open_ && user_.empty() && urgent_.empty() && tasks_.empty());
  incarnation_ = incarnation;
  open_ = true;
  refusing_ = false;
  accepting_ = false;
  scheduled_ = false;
  woken_ = false;
  calls_ = false;
  load_ = {};
  high_ = false;
  highest_ = superseded_ = 0;
  adopt(start->options.mailbox);
  start_ = std::move(start);
}

void Mailbox::close(EnvelopeQueue& rest) {
  const MutexLock lock(mutex_);
  open_ = false;
  tasks_.clear();
  while (EnvelopePtr envelope = urgent_.pop_front()) rest.push_back(std::move(envelope));
  while (EnvelopePtr envelope = user_.pop()) rest.push_back(std::move(envelope));
  load_ = {};
  start_ = nullptr;
}

void Mailbox::refuse(EnvelopeQueue& rest) {
  const MutexLock lock(mutex_);
  refusing_ = true;
  const auto hand_over = [&](EnvelopePtr envelope) {
    if (envelope->counts) load_.of(*envelope).remove(*envelope);
    envelope->counts = false;
    rest.push_back(std::move(envelope));
  };
  while (EnvelopePtr envelope = urgent_.pop_front()) hand_over(std::move(envelope));
  while (EnvelopePtr envelope = user_.pop()) hand_over(std::move(envelope));
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

bool Mailbox::at_high_water(double part) {
  if (high_water_ <= 0) return false;
  const double share = part * high_water_;
  const auto reached = [&](uint64_t load, uint64_t max) {
    return static_cast<double>(load) >= share * static_cast<double>(max);
  };
  const bool few = load_.user.messages < limits::kHighWaterMessagesMin;
  return (!few && reached(load_.user.messages, capacity_)) || reached(load_.user.bytes, bytes_max_);
}

PushResult Mailbox::queue(EnvelopePtr& envelope, Displaced& displaced) {
  envelope->counts = envelope->kind == MessageKind::kUser;
  const bool user = envelope->lane == Lane::kUser;
  if (envelope->counts) {
    load_.of(*envelope).add(*envelope);
    highest_ = std::max(highest_, load_.user.messages);
    if (!high_ && user && at_high_water(1)) displaced.rose = high_ = true;
  }
  if (user) {
    user_.push(std::move(envelope));
  } else {
    urgent_.push_back(std::move(envelope));
  }
  if (!user || user_.has_rules()) calls_.store(true, std::memory_order_release);
  return woken_result();
}

// The newer one of a key is where the older one was.
PushResult Mailbox::take_place(EnvelopePtr& envelope, const Envelope& rival, Displaced& displaced) {
  const uint64_t bytes = load_.user.bytes - rival.weight() + envelope->weight();
  if (bytes > bytes_max_ && load_.user.messages > 1) {
    displaced.full = bound_reached(*envelope);
    return PushResult::kFull;
  }
  envelope->counts = true;
  load_.user.add(*envelope);
  displaced.superseded = user_.supersede(std::move(envelope));
  load_.user.remove(*displaced.superseded);
  displaced.superseded->counts = false;
  ++superseded_;
  return woken_result();
}

std::string Mailbox::bound_reached(const Envelope& envelope) {
  if (envelope.lane != Lane::kUser) return "its urgent lane is full";
  if (const TypeRule* const type = user_.full_type(envelope))
    return std::to_string(type->capacity) + " of type " + type->type +
           " wait already (mailbox.types)";
  if (load_.user.messages >= capacity_)
    return "the mailbox is full: " + std::to_string(capacity_) + " messages (mailbox.capacity)";
  return "the mailbox is full: " + std::to_string(load_.user.bytes) + " of " +
         std::to_string(bytes_max_) + " bytes (mailbox.bytes)";
}

bool Mailbox::drop_one(const TypeRule* type, Displaced& displaced) {
  EnvelopePtr oldest = user_.evict(type);
  if (oldest == nullptr) return false;
  load_.user.remove(*oldest);
  oldest->counts = false;
  displaced.dropped.push_back(std::move(oldest));
  return true;
}

// False: all that counts is in the hands of a running turn, so the newest has to go after all.
bool Mailbox::make_room(const Envelope& envelope, Displaced& displaced) {
  if (overflow_ == Overflow::kReject || envelope.lane != Lane::kUser) return false;
  if (const TypeRule* const type = user_.full_type(envelope)) {
    if (!drop_one(type, displaced)) return false;
  }
  while (!has_room(envelope)) {
    if (!drop_one(nullptr, displaced)) return false;
  }
  return true;
}

PushResult Mailbox::push(uint64_t incarnation, EnvelopePtr& envelope, Displaced& displaced) {
  const MutexLock lock(mutex_);
  if (incarnation != incarnation_) return PushResult::kStale;
  if (!open_ || refusing_) return PushResult::kClosed;
  const bool user = envelope->lane == Lane::kUser;
  if (const Envelope* const rival = user ? user_.rival(*envelope) : nullptr)
    return take_place(envelope, *rival, displaced);
  const bool fits = has_room(*envelope) && (!user || user_.full_type(*envelope) == nullptr);
  if (!fits && !make_room(*envelope, displaced)) {
    displaced.full = bound_reached(*envelope);
    return PushResult::kFull;
  }
  return queue(envelope, displaced);
}

PushResult Mailbox::push_or_full(uint64_t incarnation, EnvelopePtr& envelope,
                                 Displaced& displaced) {
  const MutexLock lock(mutex_);
  if (incarnation != incarnation_) return PushResult::kStale;
  if (!open_ || refusing_) return PushResult::kClosed;
  const bool user = envelope->lane == Lane::kUser;
  if (const Envelope* const rival = user ? user_.rival(*envelope) : nullptr)
    return take_place(envelope, *rival, displaced);
  if (has_room(*envelope) && (!user || user_.full_type(*envelope) == nullptr))
    return queue(envelope, displaced);
  displaced.full = bound_reached(*envelope);
  return PushResult::kFull;
}

void Mailbox::inherit(ActorRef self, EnvelopeQueue& messages) {
  const MutexLock lock(mutex_);
  EnvelopeQueue left;
  Displaced nothing;
  while (EnvelopePtr envelope = messages.pop_front()) {
    if (has_room(*envelope)) {
      envelope->to = self;
      queue(envelope, nothing);
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
  calls_.store(true, std::memory_order_release);
  return woken_result();
}

PushResult Mailbox::wake(uint64_t incarnation) {
  const MutexLock lock(mutex_);
  if (incarnation != incarnation_) return PushResult::kStale;
  if (!open_) return PushResult::kClosed;
  woken_ = true;
  return woken_result();
}

void Mailbox::take(uint32_t max, Work& work, EnvelopeQueue& urgent, EnvelopeQueue& user) {
  const MutexLock lock(mutex_);
  work.tasks.clear();
  std::swap(work.tasks, tasks_);
  work.woken = woken_;
  woken_ = false;
  calls_.store(false, std::memory_order_relaxed);
  if (!accepting_) return;
  // As many as a batch: what the strand holds is not handed over to an heir (ActorTree::abandon).
  while (!urgent_.empty() && urgent.size() < limits::kBatchMessages)
    urgent.push_back(urgent_.pop_front());
  const bool one_by_one = user_.has_rules();
  for (uint32_t taken = 0; taken < (one_by_one ? std::min(max, 1u) : max); ++taken) {
    EnvelopePtr envelope = user_.pop();
    if (envelope == nullptr) break;
    user.push_back(std::move(envelope));
  }
  const bool left = !urgent_.empty() || (one_by_one && !user_.empty());
  if (left) calls_.store(true, std::memory_order_relaxed);
}

void Mailbox::set_accepting(bool accepting) {
  const MutexLock lock(mutex_);
  accepting_ = accepting;
  if (accepting && (!urgent_.empty() || (user_.has_rules() && !user_.empty())))
    calls_.store(true, std::memory_order_relaxed);
}

// An idle mailbox holds nothing, so nothing may count: a run must not end with work unreported.
RunEnd Mailbox::finish_run(const LaneLoad& done, bool more) {
  const MutexLock lock(mutex_);
  count_off(load_.user, done.user);
  count_off(load_.urgent, done.urgent);
  const bool calm = high_ && !at_high_water(0.5);
  if (calm) high_ = false;
  if (open_ && (more || runnable())) return {true, calm};
  scheduled_ = false;
  return {false, calm};
}

void Mailbox::set_options(std::shared_ptr<const ActorStart> start) {
  const MutexLock lock(mutex_);
  adopt(start->options.mailbox);
  start_ = std::move(start);
}

MailboxDepth Mailbox::depth() {
  const MutexLock lock(mutex_);
  return {urgent_.size() + user_.size(), load_.user.bytes + load_.urgent.bytes, highest_,
          superseded_, high_};
}

std::shared_ptr<const ActorStart> Mailbox::start_of(uint64_t incarnation) {
  const MutexLock lock(mutex_);
  return incarnation == incarnation_ ? start_ : nullptr;
}

}  // namespace actord::host
