#include "loop/unix_client.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "loop/unix_address.hpp"

namespace actord::host {
namespace {

constexpr int kWaitMsMax = 60'000;  // of one poll; the loop around it looks at the deadline again
constexpr int kBacklogRetryMs = 10;

Error connect_error(const std::string& path, int reason) {
  const std::string text = "cannot connect to " + path + ": " + std::strerror(reason);
  switch (reason) {
    case ENOENT:
    case ENOTDIR: return {ACTORD_E_NOT_FOUND, text};
    case ECONNREFUSED: return {ACTORD_E_CLOSED, text + " (no daemon listens on it)"};
    case EACCES:
    case EPERM: return {ACTORD_E_PERMISSION, text};
    case EAGAIN: return {ACTORD_E_TIMEOUT, text + " (the daemon does not accept connections)"};
    default: return {ACTORD_E_IO, text};
  }
}

Error stream_error(int reason) {
  if (reason == EPIPE || reason == ECONNRESET) {
    return {ACTORD_E_CLOSED, "the daemon closed the connection before it answered"};
  }
  return {ACTORD_E_IO,
          std::string("the connection to the daemon failed: ") + std::strerror(reason)};
}

}  // namespace

Result<UnixClient> UnixClient::connect(const std::string& path, uint64_t line_bytes_max,
                                       Clock& clock, uint64_t deadline_ms) {
  ACTORD_TRY_ASSIGN(const sockaddr_un address, unix_address(path));
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0)
    return Error{ACTORD_E_IO, std::string("cannot make a socket: ") + std::strerror(errno)};
  UnixClient client(fd, line_bytes_max, clock);
  // A Unix socket connects at once or, with EAGAIN, not yet: the backlog is full.
  while (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    if (errno == EINTR) continue;
    if (errno != EAGAIN || clock.now_ms() >= deadline_ms) return connect_error(path, errno);
    ::poll(nullptr, 0, kBacklogRetryMs);
  }
  return client;
}

UnixClient::UnixClient(UnixClient&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), clock_(other.clock_), reader_(std::move(other.reader_)) {}

UnixClient::~UnixClient() {
  if (fd_ >= 0) ::close(fd_);
}

Result<void> UnixClient::write_line(std::string_view line, uint64_t deadline_ms) {
  return write(std::string(line) + '\n', deadline_ms);
}

Result<void> UnixClient::write(std::string_view bytes, uint64_t deadline_ms) {
  for (size_t sent = 0; sent < bytes.size();) {
    const ssize_t count = ::send(fd_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (count >= 0) {
      sent += static_cast<size_t>(count);
    } else if (errno == EAGAIN) {
      ACTORD_TRY(wait_for(POLLOUT, deadline_ms));
    } else if (errno != EINTR) {
      return stream_error(errno);
    }
  }
  return {};
}

Result<std::string> UnixClient::read_line(uint64_t deadline_ms) {
  char buffer[64 << 10];
  while (true) {
    if (auto line = reader_.next()) {
      if (line->oversize)
        return Error{ACTORD_E_LIMIT, "the daemon's answer is longer than a frame may be"};
      return std::move(line->text);
    }
    const ssize_t count = ::recv(fd_, buffer, sizeof(buffer), 0);
    if (count > 0) {
      reader_.feed({buffer, static_cast<size_t>(count)});
    } else if (count == 0) {
      return stream_error(ECONNRESET);
    } else if (errno == EAGAIN) {
      ACTORD_TRY(wait_for(POLLIN, deadline_ms));
    } else if (errno != EINTR) {
      return stream_error(errno);
    }
  }
}

Result<void> UnixClient::wait_for(short events, uint64_t deadline_ms) {
  const uint64_t now = clock_->now_ms();
  if (now >= deadline_ms) return Error{ACTORD_E_TIMEOUT, "the daemon did not answer in time"};
  pollfd fd{fd_, events, 0};
  const auto wait_ms = static_cast<int>(std::min<uint64_t>(deadline_ms - now, kWaitMsMax));
  ::poll(&fd, 1, wait_ms);  // whatever it says, the caller tries again
  return {};
}

}  // namespace actord::host
