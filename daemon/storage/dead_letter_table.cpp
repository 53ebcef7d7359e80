#include "storage/dead_letter_table.hpp"

#include <algorithm>

#include "base/limits.hpp"

namespace actord::host {

Result<DeadLetterWriter> DeadLetterWriter::open(Database& database, DeadLetterBounds bounds) {
  DeadLetterWriter letters(bounds);
  ACTORD_TRY_ASSIGN(letters.insert_,
                    database.prepare("INSERT INTO dead_letters(unix_ms, reason, recipient, sender, "
                                     "type, topic, content_type, error, correlation, "
                                     "message, causation, attempts, size, bytes, payload) "
                                     "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  ACTORD_TRY_ASSIGN(
      letters.oldest_,
      database.prepare("SELECT id, unix_ms, bytes FROM dead_letters ORDER BY id LIMIT 1"));
  ACTORD_TRY_ASSIGN(letters.delete_, database.prepare("DELETE FROM dead_letters WHERE id=?"));
  ACTORD_TRY_ASSIGN(const int64_t count, database.number("SELECT count(*) FROM dead_letters"));
  ACTORD_TRY_ASSIGN(const int64_t bytes, database.number("SELECT sum(bytes) FROM dead_letters"));
  letters.now_ = {static_cast<uint64_t>(count), static_cast<uint64_t>(bytes), 0};
  return letters;
}

Result<void> DeadLetterWriter::append(const DeadLetter& letter) {
  const uint64_t bytes = dead_letter_bytes(letter);
  const std::string correlation =
      letter.correlation.is_nil() ? std::string() : letter.correlation.text();
  insert_.bind(1, letter.unix_ms)
      .bind(2, static_cast<int64_t>(letter.reason))
      .bind(3, letter.to)
      .bind(4, letter.from);
  insert_.bind(5, letter.type)
      .bind(6, letter.topic)
      .bind(7, letter.content_type)
      .bind(8, letter.error);
  insert_.bind(9, correlation).bind(10, static_cast<int64_t>(letter.message_id));
  insert_.bind(11, static_cast<int64_t>(letter.causation_id)).bind(12, int64_t{letter.attempts});
  insert_.bind(13, static_cast<int64_t>(letter.size)).bind(14, static_cast<int64_t>(bytes));
  ACTORD_TRY(insert_.bind_blob(15, letter.payload.view()).run());
  ++now_.count;
  now_.bytes += bytes;
  return {};
}

Result<void> DeadLetterWriter::trim(int64_t now_unix_ms) {
  const int64_t oldest_ms = now_unix_ms - static_cast<int64_t>(bounds_.age_ms);
  while (true) {
    ACTORD_TRY_ASSIGN(const bool found, oldest_.next());
    if (!found) return {};
    const int64_t id = oldest_.number(0);
    const bool old = oldest_.number(1) < oldest_ms;
    const auto bytes = static_cast<uint64_t>(oldest_.number(2));
    oldest_.reset();
    if (!old && now_.count <= bounds_.count && now_.bytes <= bounds_.bytes) return {};
    ACTORD_TRY(delete_.bind(1, id).run());
    --now_.count;
    now_.bytes -= std::min(now_.bytes, bytes);
    ++now_.removed;
  }
}

Result<DeadLetterReader> DeadLetterReader::open(Database& database) {
  DeadLetterReader letters;
  ACTORD_TRY_ASSIGN(
      letters.select_,
      database.prepare("SELECT id, unix_ms, reason, recipient, sender, type, topic, content_type, "
                       "error, correlation, message, causation, "
                       "attempts, size, payload FROM dead_letters WHERE id BETWEEN ? AND ? AND "
                       "(?3='' OR recipient=?3) "
                       "AND (?4=0 OR reason=?4) AND unix_ms>=? ORDER BY id DESC LIMIT ?"));
  return letters;
}

Result<std::vector<DeadLetter>> DeadLetterReader::find(const DeadLetterFilter& filter) {
  select_.bind(1, filter.id ? static_cast<int64_t>(*filter.id) : 0);
  select_.bind(2, filter.id ? static_cast<int64_t>(*filter.id) : INT64_MAX);
  select_.bind(3, filter.to).bind(4, filter.reason ? static_cast<int64_t>(*filter.reason) : 0);
  select_.bind(5, filter.since_unix_ms);
  select_.bind(6, static_cast<int64_t>(std::min(filter.limit, limits::kDeadLettersPerQuery)));
  std::vector<DeadLetter> found;
  while (true) {
    ACTORD_TRY_ASSIGN(const bool more, select_.next());
    if (!more) return found;
    found.push_back(row());
  }
}

DeadLetter DeadLetterReader::row() const {
  DeadLetter letter;
  letter.id = static_cast<uint64_t>(select_.number(0));
  letter.unix_ms = select_.number(1);
  letter.reason = static_cast<DeadReason>(select_.number(2));
  letter.to = select_.text(3);
  letter.from = select_.text(4);
  letter.type = select_.text(5);
  letter.topic = select_.text(6);
  letter.content_type = select_.text(7);
  letter.error = select_.text(8);
  letter.correlation = Uuid::parse(select_.text(9)).value_or(Uuid());
  letter.message_id = static_cast<uint64_t>(select_.number(10));
  letter.causation_id = static_cast<uint64_t>(select_.number(11));
  letter.attempts = static_cast<uint32_t>(select_.number(12));
  letter.size = static_cast<uint64_t>(select_.number(13));
  letter.payload = Bytes(select_.blob(14));
  return letter;
}

}  // namespace actord::host
