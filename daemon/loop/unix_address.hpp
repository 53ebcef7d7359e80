// The address of a Unix socket.
#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>
#include <string>

#include "base/status.hpp"

namespace actord::host {

// E_INVALID for an empty path, one with a NUL, or one longer than the kernel takes (107 bytes).
inline Result<sockaddr_un> unix_address(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.find('\0') != std::string::npos) {
    return Error{ACTORD_E_INVALID, "the path of a socket must not be empty or contain NUL"};
  }
  if (path.size() >= sizeof(address.sun_path)) {
    return Error{ACTORD_E_INVALID, "socket path " + path + " is " + std::to_string(path.size()) +
                                       " bytes long, the kernel takes " +
                                       std::to_string(sizeof(address.sun_path) - 1) +
                                       "; use a shorter one"};
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

}  // namespace actord::host
