#include "storage/commit_queue.hpp"

#include <chrono>

#include "base/limits.hpp"
#include "storage/dead_letter_bounds.hpp"

namespace actord::host {
namespace {

uint64_t unit_bytes(const TurnUnit& unit) {
  uint64_t bytes = unit.snapshot ? unit.snapshot->body.size() : 0;
  for (const EventRecord& event : unit.events) bytes += event.body.size();
  for (const DeadLetter& letter : unit.letters) bytes += dead_letter_bytes(letter);
  return bytes;
}

}  // namespace

Lsn CommitQueue::push_unit(TurnUnit unit) {
  for (DeadLetter& letter : unit.letters) cut_dead_letter(letter);
  const uint64_t rows = unit.events.size() + unit.letters.size();
  const uint64_t bytes = unit_bytes(unit);
  MutexLock lock(mutex_);
  const Lsn lsn = ++last_lsn_;
  push(UnitRequest{lsn, std::move(unit)}, rows, bytes);
  return lsn;
}

bool CommitQueue::push_open(OpenRequest request) {
  MutexLock lock(mutex_);
  if (closed_) return false;
  push(std::move(request), 1, 0);
  return true;
}

bool CommitQueue::push_letter(DeadLetter letter) {
  cut_dead_letter(letter);
  const uint64_t bytes = dead_letter_bytes(letter);
  MutexLock lock(mutex_);
  if (closed_ || letters_ >= limits::kDeadLettersQueued ||
      letter_bytes_ + bytes > limits::kDeadLetterQueueBytes) {
    return false;
  }
  ++letters_;
  letter_bytes_ += bytes;
  push(std::move(letter), 1, bytes);
  return true;
}

void CommitQueue::push_damage(DamageReport report) {
  MutexLock lock(mutex_);
  push(std::move(report), 1, 0);
}

void CommitQueue::push(CommitRequest request, uint64_t rows, uint64_t bytes) {
  entries_.push_back({std::move(request), rows, bytes});
  if (waiting_) wake_.notify_all();
}

std::vector<CommitRequest> CommitQueue::take() {
  std::unique_lock<std::mutex> lock(mutex_.native());
  waiting_ = true;
  wake_.wait(lock, [this] { return closed_ || !entries_.empty(); });
  waiting_ = false;
  std::vector<CommitRequest> group;
  uint64_t rows = 0, bytes = 0;
  while (!entries_.empty()) {
    Entry& entry = entries_.front();
    if (!group.empty() &&
        (rows + entry.rows > limits::kGroupEvents || bytes + entry.bytes > limits::kGroupBytes))
      break;
    rows += entry.rows;
    bytes += entry.bytes;
    if (std::holds_alternative<DeadLetter>(entry.request)) {
      --letters_;
      letter_bytes_ -= entry.bytes;
    }
    group.push_back(std::move(entry.request));
    entries_.pop_front();
  }
  return group;
}

bool CommitQueue::empty() const {
  MutexLock lock(mutex_);
  return entries_.empty();
}

void CommitQueue::close() {
  MutexLock lock(mutex_);
  closed_ = true;
  wake_.notify_all();
}

bool CommitQueue::pause(uint64_t ms) {
  std::unique_lock<std::mutex> lock(mutex_.native());
  return !wake_.wait_for(lock, std::chrono::milliseconds(ms), [this] { return closed_; });
}

}  // namespace actord::host
