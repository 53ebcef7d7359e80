#include "host/plugin_file.hpp"

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <optional>

#include "base/limits.hpp"
#include "base/text.hpp"

namespace actord::host {
namespace {

namespace fs = std::filesystem;

std::string octal(mode_t mode) {
  char text[16];
  std::snprintf(text, sizeof text, "%04o", static_cast<unsigned>(mode & 07777));
  return text;
}

std::string user_name(uid_t uid) {
  passwd entry{};
  passwd* found = nullptr;
  char buffer[4096];
  if (getpwuid_r(uid, &entry, buffer, sizeof buffer, &found) == 0 && found != nullptr)
    return found->pw_name;
  return "uid " + std::to_string(uid);
}

bool safe_owner(uid_t uid) { return uid == 0 || uid == geteuid(); }

std::string owner_fault(const std::string& path, uid_t uid) {
  std::string wanted = "root";
  if (geteuid() != 0) wanted += " or " + user_name(geteuid());
  return path + " belongs to " + user_name(uid) + ", it must belong to " + wanted +
         "; if its content is right: chown root " + path;
}

std::string writer_fault(const std::string& path, mode_t mode) {
  const char* who = (mode & S_IWOTH) != 0 ? "everybody" : "its group";
  return path + " can be changed by " + who + " (mode " + octal(mode) + "); type: chmod go-w " +
         path;
}

PluginProblem missing(std::string text) { return {"E202", std::move(text)}; }

bool valid_file_name(std::string_view name) {
  if (name.size() < 4 || name.size() > 128 || name.substr(name.size() - 3) != ".so") return false;
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  const auto rest = [&](char c) { return plain(c) || c == '.' || c == '-' || c == '+'; };
  return plain(name.front()) && std::all_of(name.begin(), name.end(), rest);
}

// Absolute and free of "..": the chain of directories to be checked is the chain that is walked.
std::string absolute(const std::string& path) {
  std::error_code ignored;
  return fs::absolute(path, ignored).lexically_normal().string();
}

std::string real(const std::string& path) {
  std::error_code ignored;
  return fs::canonical(path, ignored).string();
}

bool exists(const std::string& path) {
  struct stat status {};
  return lstat(path.c_str(), &status) == 0;
}

std::optional<std::string> file_fault(const std::string& path, const struct stat& status) {
  if (!S_ISREG(status.st_mode)) return path + " is not a regular file";
  if (!safe_owner(status.st_uid)) return owner_fault(path, status.st_uid);
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) return writer_fault(path, status.st_mode);
  if ((status.st_mode & (S_ISUID | S_ISGID)) != 0) {
    return path + " is setuid or setgid (mode " + octal(status.st_mode) + "); type: chmod ug-s " +
           path;
  }
  if (static_cast<uint64_t>(status.st_size) > limits::kPluginFileBytes)
    return path + " is larger than 512 MiB";
  return std::nullopt;
}

Judged<PluginFile> open_path(const std::string& named, const std::string& inside) {
  std::error_code error;
  const std::string path = fs::canonical(named, error).string();
  if (error) return missing(named + " cannot be opened: " + error.message());
  if (!inside.empty() && fs::path(path).parent_path().string() != real(inside)) {
    return missing(named + " is a link out of " + inside + " (to " + path +
                   "); copy the file there, or name the target by its path");
  }
  for (const auto& way : {named, path}) {
    const std::string fault = directory_fault(fs::path(way).parent_path().string());
    if (!fault.empty())
      return missing(fs::path(named).filename().string() + " is not safe to load: " + fault);
  }
  // O_NONBLOCK: a FIFO put there must not hang the check.
  FileDescriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!descriptor.valid()) return missing(path + " cannot be opened: " + std::strerror(errno));
  struct stat status {};
  if (fstat(descriptor.get(), &status) != 0)
    return missing(path + " cannot be read: " + std::strerror(errno));
  if (const auto fault = file_fault(path, status)) {
    return missing(fs::path(named).filename().string() + " is not safe to load: " + *fault);
  }
  return PluginFile{std::move(descriptor), path, static_cast<uint64_t>(status.st_size)};
}

}  // namespace

std::string directory_fault(const std::string& directory) {
  for (fs::path at = absolute(directory);; at = at.parent_path()) {
    // stat, not lstat: a directory that is a link counts as what it leads to (/lib -> usr/lib).
    struct stat status {};
    if (stat(at.c_str(), &status) != 0)
      return at.string() + " cannot be read: " + std::strerror(errno);
    if (!safe_owner(status.st_uid)) return owner_fault(at.string(), status.st_uid);
    const bool open_to_others = (status.st_mode & (S_IWGRP | S_IWOTH)) != 0;
    if (open_to_others && (status.st_mode & S_ISVTX) == 0)
      return writer_fault(at.string(), status.st_mode);
    if (at == at.parent_path()) return {};
  }
}

Judged<PluginFile> open_plugin_file(const PluginRequest& request) {
  const std::string wanted = request.path.empty() ? request.name + ".so" : request.path;
  if (wanted.find('/') != std::string::npos || request.dirs.empty()) {
    const std::string path = absolute(wanted);
    if (!exists(path))
      return missing(wanted + " not found" + (path == wanted ? "" : " (" + path + ")"));
    return open_path(path, "");
  }
  if (!valid_file_name(wanted)) {
    return missing("\"" + wanted +
                   "\" is no plugin file name: letters, digits, '.', '_', '+' and '-', " +
                   "ending in .so; write a path with / for anything else");
  }
  for (const auto& dir : request.dirs) {
    const std::string path = absolute(dir + "/" + wanted);
    if (exists(path)) return open_path(path, dir);
  }
  return missing(wanted + " not found; searched: " + joined(request.dirs));
}

}  // namespace actord::host
