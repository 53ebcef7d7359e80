// FaultVfs: SQLite's own files, with faults in between: no space for writes, syncs that fail.
#pragma once

#include <sqlite3.h>

#include <atomic>

namespace actord::host {

class FaultVfs {
 public:
  static constexpr const char* kName = "actord-faults";

  static void install() {
    if (sqlite3_vfs_find(kName) != nullptr) return;
    vfs_ = *base();
    vfs_.zName = kName;
    vfs_.pNext = nullptr;
    vfs_.xOpen = open;
    sqlite3_vfs_register(&vfs_, 0);
  }
  static void reset() {
    full = false;
    sync_fails = false;
    write_fails = false;
  }

  static inline std::atomic<bool> full{false};         // write: no space left
  static inline std::atomic<bool> write_fails{false};  // write: input/output error
  static inline std::atomic<bool> sync_fails{false};   // also what "no space" at a sync looks like

 private:
  static sqlite3_vfs* base() { return sqlite3_vfs_find("unix-excl"); }
  static int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out) {
    const int code = base()->xOpen(base(), name, file, flags, out);
    if (code != SQLITE_OK || file->pMethods == nullptr) return code;
    for (Methods& methods : methods_) {
      if (methods.real == nullptr) {
        methods.real = file->pMethods;
        methods.faulty = *file->pMethods;
        methods.faulty.xWrite = write;
        methods.faulty.xSync = sync;
      }
      if (methods.real != file->pMethods) continue;
      file->pMethods = &methods.faulty;
      break;
    }
    return code;
  }
  static const sqlite3_io_methods& real(const sqlite3_file* file) {
    return *reinterpret_cast<const Methods*>(file->pMethods)->real;
  }
  static int write(sqlite3_file* file, const void* data, int size, sqlite3_int64 at) {
    if (full) return SQLITE_FULL;
    if (write_fails) return SQLITE_IOERR_WRITE;
    return real(file).xWrite(file, data, size, at);
  }
  static int sync(sqlite3_file* file, int flags) {
    return sync_fails ? SQLITE_IOERR_FSYNC : real(file).xSync(file, flags);
  }

  struct Methods {
    sqlite3_io_methods faulty;  // first: a file's pMethods leads back here
    const sqlite3_io_methods* real;
  };
  static inline sqlite3_vfs vfs_;
  static inline Methods
      methods_[4];  // databases and logs have different ones; set while one thread opens
};

}  // namespace actord::host
