#include "storage/store_files.hpp"

#include <sys/stat.h>

#include <cerrno>

#include "storage/data_dir.hpp"

namespace actord::host {
namespace {

Error out_of_place(const std::string& file, const std::string& what) {
  return {ACTORD_E_IO, file + " " + what +
                           " while it was in use, so what is stored would be lost; put the data "
                           "directory back as it was, or restore a backup, and start again"};
}

}  // namespace

StoreFiles::StoreFiles(const std::string& data_dir)
    : database(data_dir + "/actord.db"),
      wal(database + "-wal"),
      mark(data_dir + "/actord.mark"),
      lock(data_dir + "/actord.lock") {}

Result<void> StoreFiles::remember() {
  for (size_t i = 0; i < places_.size(); ++i) {
    struct stat info {};
    const std::string& file = *names()[i];
    if (::stat(file.c_str(), &info) != 0) return system_error("cannot look at " + file, errno);
    places_[i] = {info.st_dev, info.st_ino};
  }
  return {};
}

Result<void> StoreFiles::check() const {
  for (size_t i = 0; i < places_.size(); ++i) {
    struct stat info {};
    const std::string& file = *names()[i];
    if (::stat(file.c_str(), &info) != 0) {
      if (errno == ENOENT || errno == ENOTDIR) return out_of_place(file, "was removed or moved");
      return system_error("cannot look at " + file, errno);
    }
    if (info.st_dev != places_[i].device || info.st_ino != places_[i].number) {
      return out_of_place(file, "was replaced by another file");
    }
  }
  return {};
}

}  // namespace actord::host
