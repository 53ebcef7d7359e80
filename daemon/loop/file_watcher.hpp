// FileWatcher: tells when a file was written, created, renamed or removed. Loop thread only.
//
// It watches the directory of a file, not the file, so that an editor's rename and a rotation are
// seen. Changes of one path within kFileChangeCoalesceMs come as one. A path that is a symbolic link
// is reported at any change in its directory (its target may be swapped through another link), a
// path that is a directory at any change inside it. It is a hint: nothing is reported on file
// systems without inotify. A directory that went away is watched again when it is back.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "base/status.hpp"
#include "loop/loop.hpp"
#include "loop/timer.hpp"

namespace actord::host {

class FileWatcher {
 public:
  using Changed = std::function<void(const std::string& path)>;

  // changed gets the path as it was added. It may add and remove paths.
  FileWatcher(Loop& loop, Changed changed);
  ~FileWatcher();
  FileWatcher(const FileWatcher&) = delete;
  FileWatcher& operator=(const FileWatcher&) = delete;

  // The file need not exist, its directory must: else E_NOT_FOUND. Adds are counted.
  Result<void> add(const std::string& path);
  void remove(const std::string& path);  // takes one add back; unknown paths are fine

 private:
  struct Directory;
  struct Watched {
    std::string directory;
    std::string name;  // in the directory; empty: the directory itself
    uint64_t adds = 0;
  };

  Result<void> open(Directory& directory);
  void event(Directory& directory, const std::string& name);
  void reopen(Directory& directory);
  void report();
  void retry();
  void tell_later(const std::string& path);

  Loop& loop_;
  const Changed changed_;
  Timer coalesce_;
  Timer retry_;
  std::map<std::string, Watched> watched_;                         // by path
  std::map<std::string, std::unique_ptr<Directory>> directories_;  // by path
  std::set<std::string> pending_;                                  // paths to report
};

}  // namespace actord::host
