#include "storage/schema.hpp"

#include <array>

#include "base/assert.hpp"

namespace actord::host {
namespace {

// Events carry the store's running number as rowid, so bodies are appended at the right edge and the
// global order is free; the unique index finds one actor's events and is the second line behind the
// fence. A row with flags = 1 is a gap: numbers given out whose events are lost.
// An actor's floor: events up to floor_seq were deleted; floor_chain is the checksum of the last.
constexpr const char* kVersion1 = R"sql(
CREATE TABLE meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE actors(id INTEGER PRIMARY KEY, persistence_id TEXT UNIQUE NOT NULL, kind TEXT NOT NULL,
  epoch INTEGER NOT NULL, floor_seq INTEGER NOT NULL DEFAULT 0, floor_chain INTEGER NOT NULL DEFAULT 0);
CREATE TABLE types(id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL);
CREATE TABLE events(gseq INTEGER PRIMARY KEY, actor INTEGER NOT NULL, seq INTEGER NOT NULL,
  epoch INTEGER NOT NULL, type INTEGER NOT NULL, version INTEGER NOT NULL, unix_ms INTEGER NOT NULL,
  correlation BLOB, causation INTEGER, flags INTEGER NOT NULL, crc INTEGER NOT NULL, body BLOB NOT NULL);
CREATE UNIQUE INDEX events_actor ON events(actor, seq);
CREATE TABLE snapshots(id INTEGER PRIMARY KEY, actor INTEGER NOT NULL, seq INTEGER NOT NULL,
  state_version INTEGER NOT NULL, unix_ms INTEGER NOT NULL, chain INTEGER NOT NULL,
  crc INTEGER NOT NULL, body BLOB NOT NULL, UNIQUE(actor, seq));
CREATE TABLE dead_letters(id INTEGER PRIMARY KEY AUTOINCREMENT, unix_ms INTEGER NOT NULL,
  reason INTEGER NOT NULL, recipient TEXT NOT NULL, sender TEXT NOT NULL, type TEXT NOT NULL,
  topic TEXT NOT NULL, content_type TEXT NOT NULL, error TEXT NOT NULL, correlation TEXT NOT NULL,
  message INTEGER NOT NULL, causation INTEGER NOT NULL, attempts INTEGER NOT NULL,
  size INTEGER NOT NULL, bytes INTEGER NOT NULL, payload BLOB NOT NULL);
)sql";

// Where each journal ends, written in the transaction of its newest event: rows deleted at its end leave
// no hole that a reader could see. (Gaps of version 1 have a checksum without their flag, and are
// refused; nothing but a lost journal end made one.)
constexpr const char* kVersion2 = R"sql(
ALTER TABLE actors ADD COLUMN head_seq INTEGER NOT NULL DEFAULT 0;
UPDATE actors SET head_seq = max(floor_seq,
  ifnull((SELECT max(seq) FROM events WHERE events.actor = actors.id), 0));
)sql";

// steps[n] leads from version n to n + 1.
constexpr std::array<const char*, kSchemaVersion> kSteps = {kVersion1, kVersion2};

}  // namespace

Result<int64_t> check_schema(Database& database, const std::string& file) {
  ACTORD_TRY_ASSIGN(const int64_t application, database.number("PRAGMA application_id"));
  ACTORD_TRY_ASSIGN(const int64_t version, database.number("PRAGMA user_version"));
  if (application != kApplicationId) {
    ACTORD_TRY_ASSIGN(const int64_t tables, database.number("SELECT count(*) FROM sqlite_schema"));
    if (application == 0 && version == 0 && tables == 0) return int64_t{0};
    return Error{ACTORD_E_CORRUPT, file +
                                       " is a database of another program, not an actord store; "
                                       "give actord a data directory of its own"};
  }
  if (version < 1) {
    return Error{ACTORD_E_CORRUPT,
                 file + " calls itself an actord store of schema " + std::to_string(version) +
                     ", which there never was: its header was changed or damaged; nothing was "
                     "changed here. Restore a backup"};
  }
  if (version > kSchemaVersion) {
    return Error{ACTORD_E_NEWER,
                 file + " has schema " + std::to_string(version) + ", this actord knows up to " +
                     std::to_string(kSchemaVersion) +
                     "; nothing was changed: start the actord that wrote it, or a newer one"};
  }
  return version;
}

Result<void> migrate_schema(Database& database, int64_t from) {
  ACTORD_ASSERT(from >= 0 && from <= kSchemaVersion);
  for (int64_t version = from; version < kSchemaVersion; ++version) {
    const std::string step = std::string("BEGIN IMMEDIATE;") +
                             kSteps[static_cast<size_t>(version)] +
                             "PRAGMA application_id=" + std::to_string(kApplicationId) +
                             ";PRAGMA user_version=" + std::to_string(version + 1) + ";COMMIT;";
    ACTORD_TRY(database.execute(step.c_str()));
  }
  return {};
}

}  // namespace actord::host
