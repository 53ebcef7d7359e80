#include "storage/sqlite_log.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "base/assert.hpp"
#include "base/log.hpp"
#include "storage/data_dir.hpp"
#include "storage/schema.hpp"
#include "storage/store_files.hpp"

namespace actord::host {
namespace {

constexpr std::string_view kPromise =
    "strict: what was acknowledged survives the end of this process, and a power failure if the "
    "disk honours syncs";

uint64_t file_bytes(const std::string& file) {
  struct stat status {};
  return stat(file.c_str(), &status) == 0 ? static_cast<uint64_t>(status.st_size) : 0;
}

// SQLite would let everybody read what it creates; its other files take their mode from this one. And it
// opens for reading what it may not write, and would tell at the first commit only.
Result<void> create_private(const std::string& file) {
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
  if (fd < 0) return system_error("cannot open " + file, errno);
  ::close(fd);
  return {};
}

Result<Database> open_database(const StoreFiles& files, const SqliteLogOptions& options) {
  ACTORD_TRY(create_private(files.database));
  auto database = Database::open(files.database, {.vfs = options.vfs});
  // The first read takes the lock, so it is the one that tells of another process.
  if (database) {
    if (auto first = database->number("PRAGMA schema_version"); !first)
      database = std::move(first).error();
  }
  if (!database && database.error().code == ACTORD_E_LOCKED) {
    return Error{ACTORD_E_LOCKED, "another program has " + files.database +
                                      " open (sqlite3, or a backup tool?); stop it"};
  }
  return database;
}

// The evidence, once per loss: the same refusal at the next start copies nothing again.
std::string set_aside(const SqliteLogOptions& options, const StoreFiles& files, const Mark& mark) {
  const std::string dir = options.data_dir + "/damaged-" + std::to_string(mark.gseq);
  std::error_code error;
  if (!std::filesystem::create_directory(dir, error)) return dir;
  for (const std::string& file : {files.database, files.wal, files.mark}) {
    std::filesystem::copy_file(file, dir + "/" + std::filesystem::path(file).filename().string(),
                               error);
  }
  return dir;
}

// Before any write or checkpoint: SQLite drops a damaged WAL frame and all after it without a word.
Result<void> check_mark(Database& database, int64_t version, const SqliteLogOptions& options,
                        const StoreFiles& files, const Mark& mark) {
  int64_t head = 0, checksum = mark.event_crc;
  if (version > 0) {
    ACTORD_TRY_ASSIGN(head, database.number(kNewestEventSql));
    const std::string same = "SELECT count(*) FROM events WHERE gseq=" + std::to_string(mark.gseq) +
                             " AND crc<>" + std::to_string(mark.event_crc);
    ACTORD_TRY_ASSIGN(const int64_t different, database.number(same.c_str()));
    if (different != 0) checksum = -1;
  }
  const bool lost = static_cast<uint64_t>(head) < mark.gseq;
  if (!lost && checksum == mark.event_crc) return {};
  const std::string what =
      lost ? "committed events " + std::to_string(head + 1) + " to " + std::to_string(mark.gseq) +
                 " have vanished from "
           : "event " + std::to_string(mark.gseq) + " is not the one that was committed to ";
  const std::string copies = set_aside(options, files, mark);
  return Error{ACTORD_E_CORRUPT, what + files.database + "; copies are in " + copies +
                                     ". Restore a backup; or, to go on without them, remove " +
                                     files.mark};
}

Result<void> configure(Database& database) {
  ACTORD_TRY(database.execute("PRAGMA page_size=4096"));
  ACTORD_TRY_ASSIGN(const std::string mode, database.text("PRAGMA journal_mode=WAL"));
  if (mode != "wal")
    return Error{ACTORD_E_IO, "SQLite answers journal mode '" + mode + "' instead of 'wal'"};
  return database.execute(
      "PRAGMA synchronous=FULL; PRAGMA mmap_size=0; PRAGMA secure_delete=OFF; PRAGMA "
      "temp_store=MEMORY; "
      "PRAGMA foreign_keys=OFF; PRAGMA cache_size=-65536");
}

// The store's own name, given once.
Result<Uuid> store_uuid(Database& database, Uuid fresh) {
  const std::string insert =
      "INSERT OR IGNORE INTO meta(key, value) VALUES('store', '" + fresh.text() + "')";
  ACTORD_TRY_ASSIGN(const std::string known,
                    database.text("SELECT value FROM meta WHERE key='store'"));
  if (!known.empty()) return Uuid::parse(known).value_or(Uuid());
  ACTORD_TRY(database.execute(insert.c_str()));
  return fresh;
}

}  // namespace

Result<std::unique_ptr<SqliteLog>> SqliteLog::open(SqliteLogOptions options, Clock& clock) {
  StoreFiles files(options.data_dir);
  UuidSource uuids(clock, Random::from_system());
  const std::string boot_id = read_boot_id();

  ACTORD_TRY(prepare_data_dir(options.data_dir));
  ACTORD_TRY_ASSIGN(StoreLock lock, StoreLock::take(files.lock, uuids.next(), boot_id));
  ACTORD_TRY_ASSIGN(Database database, open_database(files, options));
  ACTORD_TRY_ASSIGN(const int64_t version, check_schema(database, files.database));
  ACTORD_TRY_ASSIGN(const std::optional<Mark> found, CommitMark::read(files.mark));
  Mark mark = found.value_or(Mark());
  if (found) ACTORD_TRY(check_mark(database, version, options, files, mark));

  // From here on the store is ours, sound as far as can be seen, and may be written.
  ACTORD_TRY(configure(database));
  ACTORD_TRY(migrate_schema(database, version));
  ACTORD_TRY_ASSIGN(mark.store, store_uuid(database, uuids.next()));
  mark.boot = Uuid::parse(boot_id).value_or(Uuid());
  ACTORD_TRY_ASSIGN(CommitMark mark_file, CommitMark::open(files.mark));
  ACTORD_TRY(sync_dir(options.data_dir));
  ACTORD_TRY(files.remember());
  ACTORD_TRY_ASSIGN(std::unique_ptr<StoreWriter> writer,
                    StoreWriter::open(std::move(database), std::move(mark_file),
                                      {options.dead_letters, mark, files}, clock));
  // Before serving: what survived a failed sync only in the page cache becomes durable now, or the
  // start fails.
  ACTORD_TRY(writer->checkpoint(StoreWriter::Checkpoint::kTruncate));
  ACTORD_TRY(writer->trim_dead_letters());

  ACTORD_TRY_ASSIGN(Database second,
                    Database::open(files.database, {.vfs = options.vfs, .query_only = true}));
  ACTORD_TRY_ASSIGN(std::unique_ptr<StoreReader> reader, StoreReader::open(std::move(second)));
  log::info("store.opened", kPromise,
            {{"file", files.database},
             {"sqlite", sqlite3_libversion()},
             {"schema", kSchemaVersion},
             {"newest_event", writer->journal().newest()}});
  return std::unique_ptr<SqliteLog>(
      new SqliteLog(files.database, std::move(lock),
                    std::make_unique<GroupCommit>(std::move(writer), clock), std::move(reader)));
}

SqliteLog::~SqliteLog() {
  if (!closed_) (void)close();
}

void SqliteLog::connect(Callbacks callbacks) {
  reader_->start([this](Error error) { writer_->report_damage(std::move(error)); });
  writer_->start(std::move(callbacks));
}

void SqliteLog::open(std::string persistence_id, std::string kind,
                     std::function<void(Result<OpenedActor>)> done) {
  writer_->open({std::move(persistence_id), std::move(kind), std::move(done)});
}

void SqliteLog::load_snapshot(int64_t store_id, uint64_t at_most,
                              std::function<void(Result<std::optional<LoadedSnapshot>>)> done) {
  reader_->load_snapshot(store_id, at_most, std::move(done));
}

void SqliteLog::read(int64_t store_id, uint64_t after, uint32_t chain,
                     std::function<void(Result<EventBatch>)> done) {
  reader_->read(store_id, after, chain, std::move(done));
}

void SqliteLog::dead_letters(DeadLetterFilter filter,
                             std::function<void(Result<std::vector<DeadLetter>>)> done) {
  reader_->dead_letters(std::move(filter), std::move(done));
}

StoreStats SqliteLog::stats() const {
  StoreStats stats = writer_->stats();
  stats.location = file_;
  stats.promise = kPromise;
  stats.bytes = file_bytes(file_);
  stats.wal_bytes = file_bytes(file_ + "-wal");
  return stats;
}

Result<void> SqliteLog::close() {
  ACTORD_ASSERT(!closed_);
  closed_ = true;
  writer_->stop();
  // Before the last checkpoint: a reader would keep it from emptying the write-ahead log.
  reader_->stop();
  auto result = writer_->close();
  lock_.release();
  return result;
}

}  // namespace actord::host
