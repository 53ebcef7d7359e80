#include "storage/database.hpp"

#include <utility>

#include "base/assert.hpp"

namespace actord::host {
namespace {

actord_status status_of(int code) {
  switch (code & 0xff) {
    case SQLITE_FULL: return ACTORD_E_DISK_FULL;
    case SQLITE_CONSTRAINT: return ACTORD_E_EXISTS;
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return ACTORD_E_LOCKED;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return ACTORD_E_CORRUPT;
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_READONLY: return ACTORD_E_PERMISSION;
    default: return ACTORD_E_IO;
  }
}

Error error_of(sqlite3* connection, int code, std::string_view file, std::string_view doing) {
  std::string text(doing);
  if (!file.empty()) text.append(" ").append(file);
  text.append(": ").append(connection != nullptr ? sqlite3_errmsg(connection)
                                                 : sqlite3_errstr(code));
  text.append(" (SQLite code ").append(std::to_string(code));
  const int os = connection != nullptr ? sqlite3_system_errno(connection) : 0;
  if ((code & 0xff) == SQLITE_IOERR && os != 0) text.append(", errno ").append(std::to_string(os));
  text.append(")");
  return {status_of(code), std::move(text)};
}

}  // namespace

Result<Database> Database::open(const std::string& file, const DatabaseOptions& options) {
  const int flags =
      SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_READWRITE | (options.query_only ? 0 : SQLITE_OPEN_CREATE);
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(file.c_str(), &handle, flags, options.vfs.c_str());
  Database database(handle, file);
  if (code != SQLITE_OK) return database.error(code, "cannot open");
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, options.busy_timeout_ms);
  // Checkpoints are asked for, never implied: not by a commit, and not by the last close.
  sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  sqlite3_wal_autocheckpoint(handle, 0);
  ACTORD_TRY(database.execute("PRAGMA trusted_schema=OFF"));
  if (options.query_only) ACTORD_TRY(database.execute("PRAGMA query_only=1"));
  return database;
}

Database::Database(Database&& other) noexcept
    : handle_(std::exchange(other.handle_, nullptr)), file_(std::move(other.file_)) {}

Database& Database::operator=(Database&& other) noexcept {
  std::swap(handle_, other.handle_);
  std::swap(file_, other.file_);
  return *this;
}

Database::~Database() {
  if (handle_ != nullptr) sqlite3_close_v2(handle_);
}

Result<void> Database::execute(const char* sql) {
  const int code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return error(code, "cannot use");
  return {};
}

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return error(code, "cannot use");
  return Statement(*this, statement);
}

Result<int64_t> Database::number(const char* sql) {
  ACTORD_TRY_ASSIGN(Statement statement, prepare(sql));
  ACTORD_TRY_ASSIGN(const bool found, statement.next());
  return found ? statement.number(0) : 0;
}

Result<std::string> Database::text(const char* sql) {
  ACTORD_TRY_ASSIGN(Statement statement, prepare(sql));
  ACTORD_TRY_ASSIGN(const bool found, statement.next());
  return found ? std::string(statement.text(0)) : std::string();
}

bool Database::in_transaction() const { return sqlite3_get_autocommit(handle_) == 0; }
int64_t Database::last_row() const { return sqlite3_last_insert_rowid(handle_); }

Error Database::error(int code, std::string_view doing) const {
  return error_of(handle_, code, file_, doing);
}

Statement::Statement(Statement&& other) noexcept
    : connection_(other.connection_), handle_(std::exchange(other.handle_, nullptr)) {}

Statement& Statement::operator=(Statement&& other) noexcept {
  std::swap(connection_, other.connection_);
  std::swap(handle_, other.handle_);
  return *this;
}

Statement::~Statement() { sqlite3_finalize(handle_); }

Statement& Statement::bind(int place, int64_t number) {
  ACTORD_ASSERT(sqlite3_bind_int64(handle_, place, number) == SQLITE_OK);
  return *this;
}

Statement& Statement::bind(int place, std::string_view text) {
  // A null pointer would bind NULL: an empty view must stay an empty text.
  const char* data = text.data() == nullptr ? "" : text.data();
  ACTORD_ASSERT(sqlite3_bind_text64(handle_, place, data, text.size(), SQLITE_STATIC,
                                    SQLITE_UTF8) == SQLITE_OK);
  return *this;
}

Statement& Statement::bind_blob(int place, std::string_view bytes) {
  const char* data = bytes.data() == nullptr ? "" : bytes.data();
  ACTORD_ASSERT(sqlite3_bind_blob64(handle_, place, data, bytes.size(), SQLITE_STATIC) ==
                SQLITE_OK);
  return *this;
}

Statement& Statement::bind_null(int place) {
  ACTORD_ASSERT(sqlite3_bind_null(handle_, place) == SQLITE_OK);
  return *this;
}

Result<void> Statement::run() {
  ACTORD_TRY_ASSIGN(const bool row, next());
  if (row) reset();
  return {};
}

Result<bool> Statement::next() {
  const int code = sqlite3_step(handle_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) {
    sqlite3_reset(handle_);
    return false;
  }
  const char* file = sqlite3_db_filename(connection_, "main");
  Error error = error_of(connection_, code, file != nullptr ? file : "", "cannot use");
  sqlite3_reset(handle_);
  return error;
}

void Statement::reset() { sqlite3_reset(handle_); }

int64_t Statement::number(int column) const { return sqlite3_column_int64(handle_, column); }

std::string_view Statement::text(int column) const {
  const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(handle_, column));
  if (data == nullptr) return {};
  return {data, static_cast<size_t>(sqlite3_column_bytes(handle_, column))};
}

std::string_view Statement::blob(int column) const {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(handle_, column));
  if (data == nullptr) return {};
  return {data, static_cast<size_t>(sqlite3_column_bytes(handle_, column))};
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(handle_, column) == SQLITE_NULL;
}

}  // namespace actord::host
