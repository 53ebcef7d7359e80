#include "runtime/mailbox_alarms.hpp"

#include "base/log.hpp"

namespace actord::host {

std::optional<FilledMailbox> MailboxAlarms::look(ActorRef ref) {
  ActorCell* const cell = registry_.cell(ref);
  const auto start = cell == nullptr ? nullptr : cell->mailbox.start_of(ref.incarnation);
  if (start == nullptr) return std::nullopt;
  const MailboxDepth depth = cell->mailbox.depth();
  const MailboxOptions& options = start->options.mailbox;
  return FilledMailbox{start->path.text(), depth.messages, options.capacity, depth.bytes,
                       options.bytes};
}

bool MailboxAlarms::forget(ActorRef ref) {
  if (count_.load(std::memory_order_acquire) == 0) return false;
  const MutexLock lock(mutex_);
  const bool known = high_.erase(ref) > 0;
  count_.store(high_.size(), std::memory_order_release);
  return known;
}

void MailboxAlarms::high(ActorRef ref) {
  {
    const MutexLock lock(mutex_);
    high_.insert(ref);
    count_.store(high_.size(), std::memory_order_release);
  }
  const auto filled = look(ref);
  if (!filled) return gone(ref);
  log::warn("mailbox.high", "a mailbox fills up; at its bound messages become dead letters",
            {{"actor", filled->path},
             {"messages", filled->messages},
             {"capacity", filled->capacity},
             {"bytes", filled->bytes},
             {"bytes_max", filled->bytes_max}});
  publish_(*filled, true);
}

void MailboxAlarms::calm(ActorRef ref) {
  if (!forget(ref)) return;
  const auto filled = look(ref);
  if (!filled) return;
  log::info("mailbox.normal", "the mailbox has room again",
            {{"actor", filled->path}, {"messages", filled->messages}});
  publish_(*filled, false);
}

void MailboxAlarms::gone(ActorRef ref) { forget(ref); }

std::vector<FilledMailbox> MailboxAlarms::now() {
  std::vector<ActorRef> refs;
  {
    const MutexLock lock(mutex_);
    refs.assign(high_.begin(), high_.end());
  }
  std::vector<FilledMailbox> found;
  for (const ActorRef ref : refs) {
    if (auto filled = look(ref)) found.push_back(std::move(*filled));
  }
  return found;
}

}  // namespace actord::host
