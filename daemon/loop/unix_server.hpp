// UnixServer, UnixConnection: a Unix socket that speaks lines. Loop thread only.
//
// Life of a connection: accepted -> start() -> line()* -> ended() (the peer sends no more, but may
// still read) -> closed(). Destroying it at any point closes it, and nothing is called after that.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/status.hpp"
#include "loop/line_reader.hpp"
#include "loop/loop.hpp"

namespace actord::host {

struct PeerCredentials {
  pid_t pid = 0;
  uid_t uid = 0;
  gid_t gid = 0;
};

class UnixConnection {
 public:
  struct Events {
    std::function<void(LineReader::Line)> line;
    std::function<void()>
        ended;  // end of the peer's stream; a last line without newline came before
    std::function<void()> closed;  // broken or finished; once, the last call
    // A part of a line came; after the lines before it.
    std::function<void()> unfinished = {};
  };

  ~UnixConnection();
  UnixConnection(const UnixConnection&) = delete;
  UnixConnection& operator=(const UnixConnection&) = delete;

  void start(Events events);  // begins to read
  // Queues a line; the newline is added. When the peer does not read and the queue would exceed its
  // bound, the connection is given up: closed() follows.
  void write_line(std::string line);
  // Reads no more; closed() follows when all that was queued is written.
  void finish();
  // Of a line that has begun and not ended; zeros: none has.
  uint64_t unfinished_bytes() const;
  uint64_t unfinished_since_ms() const;  // the loop's time
  PeerCredentials peer() const;          // as of connect; zeros when the kernel does not say

 private:
  friend class UnixServer;
  struct State;
  explicit UnixConnection(State* state) : state_(state) {}
  State* const state_;
};

class UnixServer {
 public:
  struct Options {
    std::string path;
    uint32_t mode = 0660;
    uint64_t line_bytes_max = 0;
    uint64_t write_queue_bytes_max = 0;
  };
  using Accepted = std::function<void(std::unique_ptr<UnixConnection>)>;

  // A socket file nobody listens on (its daemon died) is replaced; one that answers is refused with
  // E_EXISTS, as is a file that is no socket. The parent directory is made if it is missing.
  static Result<std::unique_ptr<UnixServer>> listen(Loop& loop, Options options, Accepted accepted);
  ~UnixServer();  // stops listening and removes the socket file; connections live on
  UnixServer(const UnixServer&) = delete;
  UnixServer& operator=(const UnixServer&) = delete;

 private:
  struct State;
  explicit UnixServer(State* state) : state_(state) {}
  static void accept_one(State& state);
  State* const state_;
};

}  // namespace actord::host
