// Journal: event records as rows, and rows as verified records.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/durable_log.hpp"
#include "storage/database.hpp"

namespace actord::host {

// Appends, on the writing connection and inside its transaction.
class JournalWriter {
 public:
  static Result<JournalWriter> open(Database& database);

  Result<void> append(int64_t store_id, uint32_t epoch, const EventRecord& event,
                      uint32_t checksum);
  // The numbers up to `seq` were given out, and their events are lost: they are never used again.
  Result<void> append_gap(int64_t store_id, uint32_t epoch, uint64_t seq, uint32_t checksum);
  // Of the event `seq`; nothing when there is none.
  Result<std::optional<uint32_t>> checksum_at(int64_t store_id, uint64_t seq);

  uint64_t newest() const { return newest_; }  // running number of the store's newest event
  uint32_t newest_checksum() const { return newest_checksum_; }

  void begin();
  void roll_back();

 private:
  explicit JournalWriter(Database& database) : database_(&database) {}
  Result<int64_t> type_id(std::string_view name);
  Result<void> insert(int64_t store_id, uint32_t epoch, const EventRecord& event, int64_t flags,
                      uint32_t checksum);

  Database* database_;
  Statement insert_, insert_type_, checksum_at_;
  std::unordered_map<std::string, int64_t> types_;
  uint64_t newest_ = 0, newest_before_ = 0;
  uint32_t newest_checksum_ = 0, newest_checksum_before_ = 0;
  std::vector<std::string> new_types_;  // since begin()
};

// Reads and verifies, on the reading connection.
class JournalReader {
 public:
  static Result<JournalReader> open(Database& database);
  // As DurableLog::read.
  Result<EventBatch> read(int64_t store_id, uint64_t after, uint32_t chain);

 private:
  Result<Symbol> type_name(int64_t id);
  Result<void> read_row(int64_t store_id, uint64_t& expected, EventBatch& batch);
  Error corrupt(int64_t store_id, uint64_t expected, uint64_t found, std::string_view what);

  Statement select_, select_type_, select_name_;
  std::unordered_map<int64_t, Symbol> types_;
};

}  // namespace actord::host
