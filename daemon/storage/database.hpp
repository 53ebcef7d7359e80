// Database and Statement: SQLite's handles as objects. A connection and its statements belong to one
// thread.
//
// Failures come back as Error. Three codes steer what happens next: E_DISK_FULL (nothing was written,
// try again), E_EXISTS (a constraint), and everything else, which for a writer is final.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/status.hpp"

namespace actord::host {

struct DatabaseOptions {
  std::string vfs = "unix-excl";  // keeps every other process out, and needs no shared memory file
  bool query_only = false;
  int busy_timeout_ms = 500;
};

class Statement;

class Database {
 public:
  // Creates the file when missing, unless query_only. E_LOCKED: another process has it open.
  static Result<Database> open(const std::string& file, const DatabaseOptions& options);
  Database(Database&& other) noexcept;
  Database& operator=(Database&& other) noexcept;
  ~Database();

  Result<void> execute(const char* sql);
  Result<Statement> prepare(std::string_view sql);
  Result<int64_t> number(const char* sql);    // first column of the first row; 0 when there is none
  Result<std::string> text(const char* sql);  // likewise; empty when there is none
  bool in_transaction() const;
  int64_t last_row() const;
  sqlite3* handle() const { return handle_; }
  Error error(int code, std::string_view doing) const;

 private:
  Database(sqlite3* handle, std::string file) : handle_(handle), file_(std::move(file)) {}
  sqlite3* handle_;
  std::string file_;
};

// Prepared once, run many times: bind..., then run() or next() until false; next() resets by itself
// at the end, reset() before it.
class Statement {
 public:
  Statement() = default;
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&& other) noexcept;
  ~Statement();

  // Bound text and blobs must live until the statement is reset.
  Statement& bind(int place, int64_t number);
  Statement& bind(int place, std::string_view text);
  Statement& bind_blob(int place, std::string_view bytes);
  Statement& bind_null(int place);

  Result<void> run();
  Result<bool> next();
  void reset();

  // The row that next() found; views are valid until the next call.
  int64_t number(int column) const;
  std::string_view text(int column) const;
  std::string_view blob(int column) const;
  bool is_null(int column) const;

 private:
  friend class Database;
  Statement(const Database& database, sqlite3_stmt* handle)
      : connection_(database.handle()), handle_(handle) {}
  sqlite3* connection_ = nullptr;
  sqlite3_stmt* handle_ = nullptr;
};

}  // namespace actord::host
