#include "loop/unix_server.hpp"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "loop/handle.hpp"
#include "loop/unix_address.hpp"

namespace actord::host {
namespace {

constexpr size_t kReadBytes = 64 << 10;
constexpr int kBacklog = 64;

Error os_error(actord_status code, const std::string& what) {
  return Error{code, what + ": " + std::strerror(errno)};
}

}  // namespace

// ---- connection

struct UnixConnection::State {
  State(Loop& owner, uint64_t line_bytes_max, uint64_t queue_bytes_max)
      : loop(owner), reader(line_bytes_max), write_queue_bytes_max(queue_bytes_max) {}

  // One step each way:  open -> finishing -> shut;  open -> shut.
  enum class Phase { kOpen, kFinishing, kShut };

  struct Write {
    uv_write_t native;
    std::string bytes;
  };

  uv_pipe_t native{};
  Loop& loop;
  LineReader reader;
  uint64_t unfinished_since_ms = 0;
  const uint64_t write_queue_bytes_max;
  Events events;
  Phase phase = Phase::kOpen;
  uint64_t queued_bytes = 0;
  char buffer[kReadBytes];

  bool reading() const { return phase == Phase::kOpen; }

  void shut() {
    phase = Phase::kShut;
    close_and_delete(this);
  }

  // The owner hears of it and will destroy the connection, which shuts it; or has not started yet.
  void broken() {
    if (phase == Phase::kShut) return;
    phase = Phase::kFinishing;
    uv_read_stop(as_stream(&native));
    if (events.closed) std::exchange(events.closed, nullptr)();
  }

  void received(ssize_t count) {
    if (count > 0) {
      reader.feed({buffer, static_cast<size_t>(count)});
      hand_out_lines();
      note_unfinished();
    } else if (count == UV_EOF) {
      end_of_stream();
    } else if (count < 0) {
      broken();
    }
  }

  void note_unfinished() {
    if (reader.in_line()) {
      if (unfinished_since_ms == 0) unfinished_since_ms = loop.now_ms();
      if (reading() && events.unfinished) events.unfinished();
    } else {
      unfinished_since_ms = 0;
    }
  }

  void hand_out_lines() {
    while (reading()) {
      auto line = reader.next();
      if (!line) return;
      unfinished_since_ms = 0;
      events.line(std::move(*line));
    }
  }

  void end_of_stream() {
    if (auto line = reader.rest(); line && reading()) events.line(std::move(*line));
    if (phase == Phase::kShut) return;
    if (peer_is_gone()) return broken();
    if (reading()) events.ended();
  }

  // A peer that only shut its sending side may wait for answers; one that closed cannot read them.
  bool peer_is_gone() {
    pollfd fd{-1, 0, 0};
    uv_fileno(as_handle(&native), &fd.fd);
    return ::poll(&fd, 1, 0) == 1 && (fd.revents & POLLHUP) != 0;
  }

  void written(uint64_t bytes, int error) {
    queued_bytes -= bytes;
    if (error != 0) return broken();
    if (phase == Phase::kFinishing && queued_bytes == 0) broken();
  }
};

UnixConnection::~UnixConnection() { state_->shut(); }

void UnixConnection::start(Events events) {
  state_->events = std::move(events);
  uv_read_start(
      as_stream(&state_->native),
      [](uv_handle_t* handle, size_t, uv_buf_t* buffer) {
        auto* state = static_cast<State*>(handle->data);
        *buffer = uv_buf_init(state->buffer, sizeof(state->buffer));
      },
      [](uv_stream_t* stream, ssize_t count, const uv_buf_t*) {
        static_cast<State*>(stream->data)->received(count);
      });
}

void UnixConnection::write_line(std::string line) {
  if (!uv_is_writable(as_stream(&state_->native))) return;
  line += '\n';
  if (state_->queued_bytes > 0 &&
      state_->queued_bytes + line.size() > state_->write_queue_bytes_max) {
    return state_->broken();
  }
  auto* write = new State::Write{{}, std::move(line)};
  write->native.data = write;
  state_->queued_bytes += write->bytes.size();
  const uv_buf_t buffer =
      uv_buf_init(write->bytes.data(), static_cast<unsigned>(write->bytes.size()));
  const int error = uv_write(
      &write->native, as_stream(&state_->native), &buffer, 1, [](uv_write_t* done, int status) {
        const std::unique_ptr<State::Write> owned(static_cast<State::Write*>(done->data));
        static_cast<State*>(done->handle->data)->written(owned->bytes.size(), status);
      });
  if (error != 0) {
    const std::unique_ptr<State::Write> owned(write);
    state_->written(write->bytes.size(), error);
  }
}

void UnixConnection::finish() {
  if (state_->phase != State::Phase::kOpen) return;
  state_->phase = State::Phase::kFinishing;
  uv_read_stop(as_stream(&state_->native));
  if (state_->queued_bytes == 0) state_->broken();
}

uint64_t UnixConnection::unfinished_bytes() const { return state_->reader.buffered(); }

uint64_t UnixConnection::unfinished_since_ms() const { return state_->unfinished_since_ms; }

PeerCredentials UnixConnection::peer() const {
  uv_os_fd_t fd = -1;
  ucred credentials{};
  socklen_t size = sizeof(credentials);
  if (uv_fileno(as_handle(&state_->native), &fd) != 0 ||
      ::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) {
    return {};
  }
  return {credentials.pid, credentials.uid, credentials.gid};
}

// ---- server

struct UnixServer::State {
  uv_pipe_t native;
  Loop& loop;
  Options options;
  Accepted accepted;
};

namespace {

// Whether path may be bound: free, or left behind by a daemon that is gone.
Result<void> clear_stale_socket(const std::string& path, const sockaddr_un& address) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) return {};
  if (!S_ISSOCK(info.st_mode)) {
    return Error{ACTORD_E_EXISTS,
                 path + " exists and is no socket; remove it or name another socket"};
  }
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return os_error(ACTORD_E_IO, "cannot make a socket");
  const bool answered =
      ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  const int reason = answered ? 0 : errno;
  ::close(fd);
  if (reason != ECONNREFUSED) {
    return Error{ACTORD_E_EXISTS, answered || reason == EAGAIN
                                      ? "another daemon listens on " + path +
                                            "; ask it: actorctl --socket " + path + " status"
                                      : "cannot tell whether a daemon listens on " + path + ": " +
                                            std::strerror(reason)};
  }
  if (::unlink(path.c_str()) != 0)
    return os_error(ACTORD_E_IO, "cannot remove the stale socket " + path);
  return {};
}

Result<void> make_parent(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos || slash == 0) return {};
  const std::string parent = path.substr(0, slash);
  if (::mkdir(parent.c_str(), 0750) == 0 || errno == EEXIST) return {};
  return os_error(ACTORD_E_IO, "cannot make " + parent + " for the control socket");
}

// Order: the mode is set before listen, so nobody can connect while it is still the umask's.
Result<void> bind_and_listen(uv_pipe_t* pipe, const UnixServer::Options& options,
                             uv_connection_cb connected) {
  const std::string what = "cannot listen on " + options.path;
  if (const int error = uv_pipe_bind(pipe, options.path.c_str()); error != 0) {
    return uv_error(ACTORD_E_IO, what, error);
  }
  if (::chmod(options.path.c_str(), options.mode) != 0) return os_error(ACTORD_E_IO, what);
  if (const int error = uv_listen(as_stream(pipe), kBacklog, connected); error != 0) {
    return uv_error(ACTORD_E_IO, what, error);
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<UnixServer>> UnixServer::listen(Loop& loop, Options options,
                                                       Accepted accepted) {
  ACTORD_TRY_ASSIGN(const sockaddr_un address, unix_address(options.path));
  ACTORD_TRY(make_parent(options.path));
  ACTORD_TRY(clear_stale_socket(options.path, address));
  auto* state = new State{{}, loop, std::move(options), std::move(accepted)};
  ACTORD_ASSERT(uv_pipe_init(loop.native(), &state->native, 0) == 0);
  state->native.data = state;
  std::unique_ptr<UnixServer> server(new UnixServer(state));
  ACTORD_TRY(bind_and_listen(&state->native, state->options, [](uv_stream_t* stream, int error) {
    if (error == 0) accept_one(*static_cast<State*>(stream->data));
  }));
  return server;
}

UnixServer::~UnixServer() { close_and_delete(state_); }

void UnixServer::accept_one(State& state) {
  auto* connection = new UnixConnection::State(state.loop, state.options.line_bytes_max,
                                               state.options.write_queue_bytes_max);
  ACTORD_ASSERT(uv_pipe_init(state.loop.native(), &connection->native, 0) == 0);
  connection->native.data = connection;
  std::unique_ptr<UnixConnection> owner(new UnixConnection(connection));
  if (uv_accept(as_stream(&state.native), as_stream(&connection->native)) != 0) return;
  state.accepted(std::move(owner));
}

}  // namespace actord::host
