#include "runtime/dead_letters.hpp"

#include "base/limits.hpp"
#include "base/log.hpp"

namespace actord::host {
namespace {

// Groups that are remembered at once; beyond it single lines are written, never lost.
constexpr size_t kFloodGroups = 10'000;

std::string payload_head(const DeadLetter& letter) {
  std::string head(letter.payload.view().substr(0, limits::kDeadLetterLogPayloadBytes));
  if (letter.payload.size() > head.size()) head += "...";
  return head;
}

}  // namespace

void DeadLetters::take(EnvelopePtr envelope, DeadReason reason, std::string_view error,
                       std::string to) {
  DeadLetter letter;
  letter.unix_ms = clock_.unix_ms();
  letter.reason = reason;
  letter.to = !to.empty() ? std::move(to) : registry_.path_of(envelope->to);
  if (letter.to.empty() && envelope->extra != nullptr) letter.to = envelope->extra->to_path;
  letter.from = registry_.path_of(envelope->from);
  letter.type = envelope->type.name();
  if (envelope->extra != nullptr) {
    letter.topic = envelope->extra->topic;
    if (letter.type.empty()) letter.type = envelope->extra->key;  // a timer's name
  }
  letter.content_type = envelope->content_type.name();
  letter.error = error;
  letter.correlation = envelope->correlation;
  letter.message_id = envelope->id;
  letter.causation_id = envelope->causation;
  letter.attempts = envelope->attempt;
  letter.size = envelope->payload.size();
  letter.payload = envelope->payload;
  EnvelopePtr notice = undeliverable_notice(*envelope, static_cast<int32_t>(reason), error);
  if (notice != nullptr) notice->with_extra().recipient = letter.to;
  end(std::move(letter), false);
  if (notice != nullptr) exits_.notify(std::move(notice));
}

void DeadLetters::take_rejected(DeadLetter letter, bool stored) { end(std::move(letter), stored); }

void DeadLetters::end(DeadLetter letter, bool stored) {
  // Its reason first: where nothing is in flight any more, every dead letter has one.
  by_reason_[static_cast<size_t>(letter.reason)].fetch_add(1, std::memory_order_relaxed);
  counters_.dead();
  if (may_log(letter)) write_line(letter);
  // A dead letter of the dead-letter topic itself must not breed more of them.
  if (letter.topic != kDeadLetterTopic) exits_.publish(letter);
  if (!stored) log_.append_dead_letter(std::move(letter));
}

bool DeadLetters::may_log(const DeadLetter& letter) {
  const uint64_t now = clock_.now_ms();
  std::string group =
      letter.to + '\n' + letter.type + '\n' + std::string(dead_reason_name(letter.reason));
  const MutexLock lock(mutex_);
  if (floods_.size() >= kFloodGroups && !floods_.contains(group)) return true;
  Flood& flood = floods_[group];
  if (flood.seen == 0) {
    flood = {now, 0, letter.to, letter.type, letter.reason};
  }
  return ++flood.seen <= limits::kDeadLetterLogBurst;
}

void DeadLetters::summarise(uint64_t now_ms, bool all) {
  const MutexLock lock(mutex_);
  std::erase_if(floods_, [&](const auto& item) {
    const Flood& flood = item.second;
    if (!all && now_ms - flood.began_ms < limits::kDeadLetterLogIntervalMs) return false;
    if (flood.seen > limits::kDeadLetterLogBurst) {
      log::warn(
          "dead_letter.summary",
          "more dead letters of one kind; these lines were not written, the letters are stored",
          {{"to", flood.to},
           {"type", flood.type},
           {"reason", dead_reason_name(flood.reason)},
           {"hidden", flood.seen - limits::kDeadLetterLogBurst},
           {"in_ms", now_ms - flood.began_ms}});
    }
    return true;
  });
}

uint64_t DeadLetters::total() const {
  uint64_t sum = 0;
  for (const auto& count : by_reason_) sum += count.load(std::memory_order_relaxed);
  return sum;
}

void DeadLetters::write_line(const DeadLetter& letter) {
  log::warn("dead_letter", "dead letter",
            {{"reason", dead_reason_name(letter.reason)},
             {"to", letter.to},
             {"from", letter.from},
             {"type", letter.type},
             {"topic", letter.topic},
             {"error", letter.error},
             {"message_id", letter.message_id},
             {"correlation", letter.correlation.text()},
             {"causation_id", letter.causation_id},
             {"attempts", letter.attempts},
             {"size", letter.size},
             {"payload", payload_head(letter)}});
}

}  // namespace actord::host
