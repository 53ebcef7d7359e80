#include "storage/data_dir.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace actord::host {
namespace {

struct NetworkFileSystem {
  uint64_t type;
  std::string_view name;
};
constexpr std::array<NetworkFileSystem, 14> kNetwork = {{
    {0x6969, "nfs"},
    {0x517b, "smb"},
    {0xff534d42, "cifs"},
    {0xfe534d42, "smb2"},
    {0x01021997, "9p"},
    {0x65735546, "fuse"},
    {0x00c36400, "ceph"},
    {0x5346414f, "afs"},
    {0x73757245, "coda"},
    {0x564c, "ncp"},
    {0x7461636f, "ocfs2"},
    {0x01161970, "gfs2"},
    {0x0bd00bd0, "lustre"},
    {0x786f4256, "vboxsf"},
}};

Result<void> make_dir(const std::string& path) {
  if (mkdir(path.c_str(), 0750) == 0 || errno == EEXIST) return {};
  const size_t slash = path.find_last_of('/');
  if (errno == ENOENT && slash != std::string::npos && slash > 0) {
    ACTORD_TRY(make_dir(path.substr(0, slash)));
    if (mkdir(path.c_str(), 0750) == 0 || errno == EEXIST) return {};
  }
  return system_error("cannot create the data directory " + path, errno);
}

}  // namespace

Result<void> prepare_data_dir(const std::string& path) {
  ACTORD_TRY(make_dir(path));
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return system_error("cannot look at " + path, errno);
  if (!S_ISDIR(status.st_mode)) {
    return Error{ACTORD_E_IO, path + " is not a directory; name another data directory"};
  }
  if (access(path.c_str(), R_OK | W_OK | X_OK) != 0)
    return system_error("cannot write to " + path, errno);
  struct statfs system {};
  if (statfs(path.c_str(), &system) != 0) return system_error("cannot look at " + path, errno);
  if (const auto name = network_file_system(static_cast<uint64_t>(system.f_type))) {
    return Error{ACTORD_E_IO,
                 path + " lies on a network file system (" + std::string(*name) +
                     "), where a commit cannot be trusted; put the data directory on a local disk"};
  }
  return {};
}

std::optional<std::string_view> network_file_system(uint64_t statfs_type) {
  for (const NetworkFileSystem& candidate : kNetwork) {
    if (candidate.type == (statfs_type & 0xffffffff)) return candidate.name;
  }
  return std::nullopt;
}

Result<void> sync_dir(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return system_error("cannot open " + path, errno);
  const int result = fsync(fd);
  const int number = errno;
  ::close(fd);
  if (result != 0) return system_error("cannot sync " + path, number);
  return {};
}

Error system_error(const std::string& doing, int number) {
  const std::string text = doing + ": " + std::strerror(number);
  switch (number) {
    case EACCES:
    case EPERM: return {ACTORD_E_PERMISSION, text + "; give this user the right to write there"};
    case EROFS:
      return {ACTORD_E_PERMISSION, text + "; mount it read-write, or name another data directory"};
    case ENOSPC:
    case EDQUOT: return {ACTORD_E_DISK_FULL, text + "; make room"};
    default: return {ACTORD_E_IO, text};
  }
}

}  // namespace actord::host
