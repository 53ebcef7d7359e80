// StoreFiles: the names of a store's files, and whether they still lead to the files that are open.
//
// A removed or moved file goes on to take what is written to it, and a sync of it succeeds; only its
// name tells that no start will find it again.
#pragma once

#include <sys/types.h>

#include <array>
#include <string>

#include "base/status.hpp"

namespace actord::host {

class StoreFiles {
 public:
  explicit StoreFiles(const std::string& data_dir);

  const std::string database, wal, mark, lock;

  // From now on the names have to lead to these files. When all of them are open.
  Result<void> remember();
  // E_IO names the file that is gone, or is another one, and what to do.
  Result<void> check() const;

 private:
  struct Place {
    dev_t device = 0;
    ino_t number = 0;
  };
  std::array<const std::string*, 4> names() const { return {&database, &wal, &mark, &lock}; }
  std::array<Place, 4> places_;
};

}  // namespace actord::host
