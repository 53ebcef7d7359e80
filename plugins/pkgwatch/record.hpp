// Record: one line of dpkg's log, taken apart. The forms are those of dpkg(1), option --log:
//
//   DATE TIME startup TYPE COMMAND               archives: unpack, install;
//                                                packages: configure, triggers-only, remove, purge
//   DATE TIME status STATE PKG VERSION
//   DATE TIME ACTION PKG INSTALLED AVAILABLE     install upgrade configure trigproc disappear
//                                                remove purge
//   DATE TIME conffile FILE DECISION             install, keep (FILE may contain spaces)
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "actord/result.hpp"

namespace pkgwatch {

enum class Action : uint8_t {
  kStartup,
  kStatus,
  kInstall,
  kUpgrade,
  kConfigure,
  kTrigproc,
  kDisappear,
  kRemove,
  kPurge,
  kConffile,
  kUnparsed,  // no record at all
};
inline constexpr std::array<std::string_view, 11> kActionNames = {
    "startup",   "status", "install", "upgrade",  "configure", "trigproc",
    "disappear", "remove", "purge",   "conffile", "unparsed"};

constexpr std::string_view name_of(Action action) {
  return kActionNames[static_cast<std::size_t>(action)];
}
std::optional<Action> action_named(std::string_view name);

struct Record {
  Action action = Action::kUnparsed;
  std::string time;       // "2025-06-24 14:36:25"
  std::string package;    // "libc6:amd64"; empty for startup and conffile
  std::string state;      // of status
  std::string version;    // status: the version; actions: the version before
  std::string available;  // actions: the version after
  std::string subject;    // startup: "archives unpack"; conffile: the file and the decision
};

// The error says in a few words why the line is no record.
actord::Result<Record> parse_record(std::string_view line);

// "libc6" of "libc6:amd64": all architectures of a package belong together.
std::string_view package_name(std::string_view package);

}  // namespace pkgwatch
