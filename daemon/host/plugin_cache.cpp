#include "host/plugin_cache.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <filesystem>

#include "base/limits.hpp"
#include "host/plugin_file.hpp"
#include "host/sha256.hpp"

namespace actord::host {
namespace {

constexpr size_t kSha256Digits = 64;

namespace fs = std::filesystem;

constexpr size_t kChunkBytes = 1u << 20;

Error io_error(const std::string& what, const std::string& path) {
  return Error{ACTORD_E_IO, what + " " + path + ": " + std::strerror(errno)};
}

Result<void> prepare_directory(const std::string& directory) {
  std::error_code error;
  fs::create_directories(fs::path(directory).parent_path(), error);
  if (error) return Error{ACTORD_E_IO, "cannot create " + directory + ": " + error.message()};
  if (mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST)
    return io_error("cannot create", directory);
  struct stat status {};
  if (lstat(directory.c_str(), &status) != 0) return io_error("cannot read", directory);
  if (!S_ISDIR(status.st_mode))
    return Error{ACTORD_E_IO, directory + " is not a directory; remove it"};
  if (status.st_uid != geteuid()) {
    return Error{ACTORD_E_PERMISSION,
                 directory + " belongs to another user; remove it, the daemon makes it anew"};
  }
  if ((status.st_mode & 077) != 0) {
    return Error{ACTORD_E_PERMISSION,
                 directory + " must be the daemon's alone; type: chmod 700 " + directory};
  }
  return {};
}

// Reads all of `from`; what was read goes to `to` (-1: nowhere) and into the hash.
Result<std::string> copy_and_hash(int from, int to, const std::string& path) {
  Sha256 hash;
  std::string chunk(kChunkBytes, '\0');
  for (;;) {
    const ssize_t got = ::read(from, chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return io_error("cannot read", path);
    if (got == 0) return hash.hex();
    hash.update(std::string_view(chunk.data(), static_cast<size_t>(got)));
    for (ssize_t put = 0; to >= 0 && put < got;) {
      const ssize_t n = ::write(to, chunk.data() + put, static_cast<size_t>(got - put));
      if (n < 0 && errno != EINTR) return io_error("cannot write a copy of", path);
      if (n > 0) put += n;
    }
  }
}

bool intact(const std::string& copy, const std::string& sha256) {
  const FileDescriptor descriptor(::open(copy.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!descriptor.valid()) return false;
  const auto found = copy_and_hash(descriptor.get(), -1, copy);
  return found.has_value() && *found == sha256;
}

Result<void> sync_directory(const std::string& directory) {
  const FileDescriptor descriptor(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!descriptor.valid() || fsync(descriptor.get()) != 0)
    return io_error("cannot sync", directory);
  return {};
}

// Order: the copy is complete and on disk before it gets its name, so a name never stands for half.
Result<void> write_copy(int from, const PluginInfo& info, const std::string& temporary) {
  ::unlink(temporary.c_str());  // of a process that died here
  const FileDescriptor to(
      ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!to.valid()) return io_error("cannot create", temporary);
  ACTORD_TRY_ASSIGN(const std::string found, copy_and_hash(from, to.get(), info.file));
  if (found != info.sha256) {
    return Error{ACTORD_E_PLUGIN,
                 info.file + " changed between check and load (now " + found + "); reload again"};
  }
  if (fchmod(to.get(), 0400) != 0 || fsync(to.get()) != 0)
    return io_error("cannot finish", temporary);
  return {};
}

}  // namespace

Result<std::string> cache_plugin(const PluginInfo& info, const std::string& cache_dir) {
  ACTORD_TRY(prepare_directory(cache_dir));
  const std::string copy = cache_dir + "/" + info.id + "-" + info.sha256 + ".so";
  if (intact(copy, info.sha256)) return copy;

  auto opened = open_plugin_file({info.id, info.file, {}, {}});
  if (auto* problem = std::get_if<PluginProblem>(&opened))
    return Error{ACTORD_E_PLUGIN, std::move(problem->text)};
  const std::string temporary = cache_dir + "/." + info.sha256 + ".part";
  if (auto written = write_copy(std::get<PluginFile>(opened).descriptor.get(), info, temporary);
      !written) {
    ::unlink(temporary.c_str());
    return std::move(written).error();
  }
  if (::rename(temporary.c_str(), copy.c_str()) != 0) return io_error("cannot rename", temporary);
  ACTORD_TRY(sync_directory(cache_dir));
  return copy;
}

void prune_plugin_cache(const std::string& cache_dir, const std::set<std::string>& in_use) {
  struct Copy {
    fs::file_time_type changed;
    fs::path path;
  };
  std::vector<Copy> copies;
  std::error_code error;
  for (fs::directory_iterator at(cache_dir, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().stem().string();
    const std::string sha256 = name.substr(name.size() - std::min(name.size(), kSha256Digits));
    if (at->path().extension() != ".so" || in_use.count(sha256) != 0) continue;
    std::error_code ignored;
    copies.push_back({at->last_write_time(ignored), at->path()});
  }
  if (copies.size() <= limits::kPluginCopiesKept) return;
  std::sort(copies.begin(), copies.end(),
            [](const Copy& a, const Copy& b) { return a.changed > b.changed; });
  for (size_t i = limits::kPluginCopiesKept; i < copies.size(); ++i)
    ::unlink(copies[i].path.c_str());
}

}  // namespace actord::host
