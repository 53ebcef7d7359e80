// PluginFile: finding and opening the file of a plugin, and whether it may be trusted.
//
// A plugin has the daemon's full authority, so whoever may change the file, or a directory on the way
// to it, is the daemon. The rules:
//   - A name without '/' is searched in the plugin directories, in order, and nowhere else; it is
//     [A-Za-z0-9_][A-Za-z0-9._+-]{0,127} and ends in ".so". With a '/' it is a path, taken as it is.
//     With no directories at all a name is a path too: a person named the file on a command line.
//   - The file is regular, readable, owned by root or the daemon's user, not setuid or setgid, and not
//     writable by group or others. (An ACL that lets somebody else write shows up in the group bits.)
//     The x bit is not asked for.
//   - Each directory from the file up to "/" is owned by root or the daemon's user and not writable by
//     group or others, unless it is sticky: there nobody can replace what others own.
//   - A symbolic link (orders.so -> orders.so.1) is followed once, by name, to the real file; both ways
//     must pass the rules for directories. A searched name must end up in the directory it was found in.
// What passes is opened without following links, and from then on only the descriptor counts.
#pragma once

#include <string>
#include <vector>

#include "host/file_descriptor.hpp"
#include "host/plugin_problem.hpp"

namespace actord::host {

struct PluginRequest {
  std::string name;               // as declared in the topology; empty: any
  std::string path;               // file name to search, or a path; empty: NAME.so
  std::vector<std::string> dirs;  // where to search
  std::string sha256;             // pin, 64 hex digits; empty: any
};

struct PluginFile {
  FileDescriptor descriptor;
  std::string path;  // absolute, no links
  uint64_t size = 0;
};

Judged<PluginFile> open_plugin_file(const PluginRequest& request);

// Nothing if the directory and all above it are safely owned; else what is wrong and what to type.
std::string directory_fault(const std::string& directory);

}  // namespace actord::host
