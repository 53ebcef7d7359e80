#include "storage/journal.hpp"

#include <array>

#include "base/limits.hpp"
#include "storage/chain.hpp"
#include "storage/schema.hpp"

namespace actord::host {
namespace {

constexpr size_t kUuidBytes = 16;

std::array<char, kUuidBytes> encode_uuid(const Uuid& uuid) {
  std::array<char, kUuidBytes> bytes;
  for (size_t i = 0; i < 8; ++i) {
    bytes[i] = static_cast<char>(uuid.hi >> (56 - 8 * i));
    bytes[8 + i] = static_cast<char>(uuid.lo >> (56 - 8 * i));
  }
  return bytes;
}

Uuid decode_uuid(std::string_view bytes) {
  Uuid uuid;
  if (bytes.size() != kUuidBytes) return uuid;
  for (size_t i = 0; i < 8; ++i) {
    uuid.hi = uuid.hi << 8 | static_cast<unsigned char>(bytes[i]);
    uuid.lo = uuid.lo << 8 | static_cast<unsigned char>(bytes[8 + i]);
  }
  return uuid;
}

}  // namespace

Result<JournalWriter> JournalWriter::open(Database& database) {
  JournalWriter journal(database);
  ACTORD_TRY_ASSIGN(journal.insert_,
                    database.prepare("INSERT INTO events(gseq, actor, seq, epoch, type, version, "
                                     "unix_ms, correlation, causation, flags, crc, body) "
                                     "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  ACTORD_TRY_ASSIGN(journal.insert_type_, database.prepare("INSERT INTO types(name) VALUES(?)"));
  ACTORD_TRY_ASSIGN(journal.checksum_at_,
                    database.prepare("SELECT crc FROM events WHERE actor=? AND seq=?"));
  ACTORD_TRY_ASSIGN(Statement types, database.prepare("SELECT id, name FROM types"));
  while (true) {
    ACTORD_TRY_ASSIGN(const bool found, types.next());
    if (!found) break;
    journal.types_[std::string(types.text(1))] = types.number(0);
  }
  // Numbers are never used again, also when the newest events were deleted: then meta holds the floor.
  ACTORD_TRY_ASSIGN(const int64_t newest, database.number(kNewestEventSql));
  ACTORD_TRY_ASSIGN(const int64_t checksum,
                    database.number("SELECT crc FROM events ORDER BY gseq DESC LIMIT 1"));
  journal.newest_ = static_cast<uint64_t>(newest);
  journal.newest_checksum_ = static_cast<uint32_t>(checksum);
  return journal;
}

Result<void> JournalWriter::append(int64_t store_id, uint32_t epoch, const EventRecord& event,
                                   uint32_t checksum) {
  return insert(store_id, epoch, event, 0, checksum);
}

Result<void> JournalWriter::append_gap(int64_t store_id, uint32_t epoch, uint64_t seq,
                                       uint32_t checksum) {
  EventRecord gap;
  gap.seq = seq;
  return insert(store_id, epoch, gap, static_cast<int64_t>(kGapFlag), checksum);
}

Result<void> JournalWriter::insert(int64_t store_id, uint32_t epoch, const EventRecord& event,
                                   int64_t flags, uint32_t checksum) {
  ACTORD_TRY_ASSIGN(const int64_t type, type_id(event.type.name()));
  const auto correlation = encode_uuid(event.correlation);
  insert_.bind(1, static_cast<int64_t>(newest_ + 1))
      .bind(2, store_id)
      .bind(3, static_cast<int64_t>(event.seq));
  insert_.bind(4, int64_t{epoch})
      .bind(5, type)
      .bind(6, int64_t{event.version})
      .bind(7, event.unix_ms);
  if (event.correlation.is_nil()) {
    insert_.bind_null(8);
  } else {
    insert_.bind_blob(8, {correlation.data(), correlation.size()});
  }
  insert_.bind(9, static_cast<int64_t>(event.causation))
      .bind(10, flags)
      .bind(11, int64_t{checksum});
  insert_.bind_blob(12, event.body.view());
  ACTORD_TRY(insert_.run());
  ++newest_;
  newest_checksum_ = checksum;
  return {};
}

Result<int64_t> JournalWriter::type_id(std::string_view name) {
  std::string key(name);
  if (const auto known = types_.find(key); known != types_.end()) return known->second;
  ACTORD_TRY(insert_type_.bind(1, name).run());
  const int64_t id = database_->last_row();
  types_[key] = id;
  new_types_.push_back(std::move(key));
  return id;
}

Result<std::optional<uint32_t>> JournalWriter::checksum_at(int64_t store_id, uint64_t seq) {
  ACTORD_TRY_ASSIGN(const bool found,
                    checksum_at_.bind(1, store_id).bind(2, static_cast<int64_t>(seq)).next());
  if (!found) return std::optional<uint32_t>();
  const auto checksum = static_cast<uint32_t>(checksum_at_.number(0));
  checksum_at_.reset();
  return std::optional(checksum);
}

void JournalWriter::begin() {
  newest_before_ = newest_;
  newest_checksum_before_ = newest_checksum_;
  new_types_.clear();
}

void JournalWriter::roll_back() {
  newest_ = newest_before_;
  newest_checksum_ = newest_checksum_before_;
  for (const std::string& name : new_types_) types_.erase(name);
  new_types_.clear();
}

Result<JournalReader> JournalReader::open(Database& database) {
  JournalReader journal;
  ACTORD_TRY_ASSIGN(
      journal.select_,
      database.prepare(
          "SELECT seq, type, version, unix_ms, correlation, causation, flags, crc, body "
          "FROM events WHERE actor=? AND seq>? ORDER BY seq"));
  ACTORD_TRY_ASSIGN(journal.select_type_, database.prepare("SELECT name FROM types WHERE id=?"));
  ACTORD_TRY_ASSIGN(journal.select_name_,
                    database.prepare("SELECT persistence_id FROM actors WHERE id=?"));
  return journal;
}

Result<EventBatch> JournalReader::read(int64_t store_id, uint64_t after, uint32_t chain) {
  EventBatch batch{.events = {}, .done = false, .chain = chain};
  uint64_t bytes = 0, expected = after + 1;
  select_.bind(1, store_id).bind(2, static_cast<int64_t>(after));
  while (batch.events.size() < limits::kHydrationBatchEvents &&
         bytes < limits::kHydrationBatchBytes) {
    ACTORD_TRY_ASSIGN(const bool found, select_.next());
    if (!found) {
      batch.done = true;
      return batch;
    }
    const size_t before = batch.events.size();
    if (auto row = read_row(store_id, expected, batch); !row) {
      select_.reset();
      return std::move(row).error();
    }
    if (batch.events.size() > before) bytes += batch.events.back().body.size();
  }
  select_.reset();
  return batch;
}

Result<void> JournalReader::read_row(int64_t store_id, uint64_t& expected, EventBatch& batch) {
  const auto seq = static_cast<uint64_t>(select_.number(0));
  const auto flags = static_cast<uint64_t>(select_.number(6));
  const bool gap = (flags & kGapFlag) != 0;
  if (seq != expected && !gap) return corrupt(store_id, expected, seq, "");
  ACTORD_TRY_ASSIGN(const Symbol type, type_name(select_.number(1)));
  const auto version = static_cast<uint32_t>(select_.number(2));
  const std::string_view body = select_.blob(8);
  const uint32_t checksum = event_checksum(batch.chain, seq, type.name(), version, body, flags);
  if (checksum != static_cast<uint32_t>(select_.number(7))) {
    return corrupt(store_id, expected, seq, " with a wrong checksum");
  }
  batch.chain = checksum;
  expected = seq + 1;
  if (gap) return {};
  batch.events.push_back({.seq = seq,
                          .type = type,
                          .version = version,
                          .unix_ms = select_.number(3),
                          .correlation = decode_uuid(select_.blob(4)),
                          .causation = static_cast<uint64_t>(select_.number(5)),
                          .body = Bytes(body)});
  return {};
}

// An id without a name answers the empty name; the checksum then tells.
Result<Symbol> JournalReader::type_name(int64_t id) {
  if (const auto known = types_.find(id); known != types_.end()) return known->second;
  ACTORD_TRY_ASSIGN(const bool found, select_type_.bind(1, id).next());
  if (!found) return Symbol();
  const std::string name(select_type_.text(0));
  select_type_.reset();
  if (name.empty()) return Symbol();
  const std::optional<Symbol> symbol = Symbol::intern(name);
  if (!symbol)
    return Error{ACTORD_E_LIMIT,
                 "too many type names: '" + name + "' of a stored event does not fit"};
  types_[id] = *symbol;
  return *symbol;
}

Error JournalReader::corrupt(int64_t store_id, uint64_t expected, uint64_t found,
                             std::string_view what) {
  std::string name = std::to_string(store_id);
  if (auto row = select_name_.bind(1, store_id).next(); row.has_value() && *row) {
    name = select_name_.text(0);
    select_name_.reset();
  }
  return {ACTORD_E_CORRUPT,
          "journal of '" + name + "': expected event " + std::to_string(expected) +
              ", found event " + std::to_string(found) + std::string(what) +
              "; restore the store from a backup, or give the actor another persistence id"};
}

}  // namespace actord::host
