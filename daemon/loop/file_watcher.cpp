#include "loop/file_watcher.hpp"

#include <sys/stat.h>

#include "base/limits.hpp"
#include "base/log.hpp"
#include "loop/handle.hpp"

namespace actord::host {
namespace {

struct Place {
  std::string directory;
  std::string name;
};

bool is_directory(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

bool exists(const std::string& path) {
  struct stat info {};
  return ::lstat(path.c_str(), &info) == 0;
}

bool is_link(const std::string& path) {
  struct stat info {};
  return ::lstat(path.c_str(), &info) == 0 && S_ISLNK(info.st_mode);
}

Place place_of(const std::string& path) {
  if (is_directory(path)) return {path, ""};
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return {".", path};
  return {slash == 0 ? "/" : path.substr(0, slash), path.substr(slash + 1)};
}

std::string last_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

}  // namespace

struct FileWatcher::Directory {
  struct State {
    uv_fs_event_t native;
    FileWatcher& watcher;
    Directory& directory;
  };

  explicit Directory(std::string where) : path(std::move(where)) {}
  ~Directory() { close(); }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;

  void close() {
    if (state != nullptr) close_and_delete(std::exchange(state, nullptr));
  }

  const std::string path;
  State* state = nullptr;  // null: lost, and looked for again
};

FileWatcher::FileWatcher(Loop& loop, Changed changed)
    : loop_(loop),
      changed_(std::move(changed)),
      coalesce_(loop, [this] { report(); }),
      retry_(loop, [this] { retry(); }) {}

FileWatcher::~FileWatcher() = default;

Result<void> FileWatcher::add(const std::string& path) {
  if (const auto known = watched_.find(path); known != watched_.end()) {
    ++known->second.adds;
    return {};
  }
  const Place place = place_of(path);
  auto& directory = directories_[place.directory];
  if (directory == nullptr) {
    directory = std::make_unique<Directory>(place.directory);
    if (auto opened = open(*directory); !opened) {
      directories_.erase(place.directory);
      return Error{opened.error().code, "cannot watch " + path + ": " + opened.error().text};
    }
  }
  watched_[path] = Watched{place.directory, place.name, 1};
  return {};
}

void FileWatcher::remove(const std::string& path) {
  const auto known = watched_.find(path);
  if (known == watched_.end() || --known->second.adds > 0) return;
  const std::string directory = known->second.directory;
  watched_.erase(known);
  pending_.erase(path);
  for (const auto& [other, watched] : watched_) {
    if (watched.directory == directory) return;
  }
  directories_.erase(directory);
}

Result<void> FileWatcher::open(Directory& directory) {
  if (!is_directory(directory.path)) {
    return Error{ACTORD_E_NOT_FOUND, "there is no directory " + directory.path};
  }
  auto* state = new Directory::State{{}, *this, directory};
  ACTORD_ASSERT(uv_fs_event_init(loop_.native(), &state->native) == 0);
  state->native.data = state;
  const int error = uv_fs_event_start(
      &state->native,
      [](uv_fs_event_t* native, const char* name, int, int) {
        auto* from = static_cast<Directory::State*>(native->data);
        from->watcher.event(from->directory, name == nullptr ? "" : name);
      },
      directory.path.c_str(), 0);
  if (error != 0) {
    close_and_delete(state);
    return uv_error(ACTORD_E_IO, directory.path, error);
  }
  directory.state = state;
  return {};
}

void FileWatcher::event(Directory& directory, const std::string& name) {
  for (const auto& [path, watched] : watched_) {
    if (watched.directory != directory.path) continue;
    if (name.empty() || watched.name.empty() || watched.name == name || is_link(path))
      tell_later(path);
  }
  // inotify reports what happens to the directory itself under the directory's own name: it may be
  // gone, or another one may stand in its place.
  if (name == last_name(directory.path) && !exists(directory.path + '/' + name)) reopen(directory);
}

void FileWatcher::reopen(Directory& directory) {
  directory.close();
  for (const auto& [path, watched] : watched_) {
    if (watched.directory == directory.path) tell_later(path);
  }
  if (open(directory)) return;
  log::info("loop.watch_lost", "a watched directory is gone; looking for it",
            {{"directory", directory.path}});
  retry_.arm(limits::kFileWatchRetryMs);
}

void FileWatcher::retry() {
  bool missing = false;
  for (const auto& [place, directory] : directories_) {
    if (directory->state != nullptr) continue;
    if (!open(*directory)) {
      missing = true;
      continue;
    }
    for (const auto& [path, watched] : watched_) {
      if (watched.directory == place) tell_later(path);
    }
  }
  if (missing) retry_.arm(limits::kFileWatchRetryMs);
}

// The first change sets the time, so a file that is written all the time is still reported.
void FileWatcher::tell_later(const std::string& path) {
  pending_.insert(path);
  if (!coalesce_.armed()) coalesce_.arm(limits::kFileChangeCoalesceMs);
}

void FileWatcher::report() {
  std::set<std::string> paths;
  paths.swap(pending_);
  for (const auto& path : paths) {
    if (watched_.contains(path)) changed_(path);  // an earlier call may have removed it
  }
}

}  // namespace actord::host
