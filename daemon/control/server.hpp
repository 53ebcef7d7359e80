// ControlServer: the control socket. Loop thread only.
//
// Access: the socket is 0660, so it belongs to root and the daemon's group; who asked for a change
// is taken from the kernel (SO_PEERCRED) and logged.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/limits.hpp"
#include "control/session.hpp"
#include "engine/admin.hpp"
#include "loop/loop.hpp"
#include "loop/timer.hpp"
#include "loop/unix_server.hpp"

namespace actord::host {

class ControlServer {
 public:
  // Errors: as UnixServer::listen. admin must outlive the server. frame_ms: how long a frame may take.
  static Result<std::unique_ptr<ControlServer>> listen(Loop& loop, const std::string& path,
                                                       Admin& admin,
                                                       uint64_t frame_ms = limits::kControlFrameMs);
  ~ControlServer();  // closes what is left, without answers

  // Takes no more connections, answers pending requests with E_CLOSED, closes each connection when
  // its answers are written (at the latest after kControlCloseMs), then posts done. Once.
  void shutdown(std::function<void()> done);

  size_t sessions() const { return sessions_.size(); }

 private:
  struct Client {
    std::shared_ptr<Session> session;
    uint64_t used = 0;  // order of the last use
  };

  ControlServer(Loop& loop, Admin& admin, uint64_t frame_ms);
  void accept(std::unique_ptr<UnixConnection> connection);
  bool make_room();
  void bound_unfinished();
  void close_overdue();
  void drop(uint64_t id, const char* why);
  void session_gone(uint64_t id);
  void finish_shutdown();

  Loop& loop_;
  Admin& admin_;
  std::unique_ptr<UnixServer> server_;
  uint64_t next_id_ = 1;
  const uint64_t frame_ms_;
  uint64_t uses_ = 0;
  std::map<uint64_t, Client> sessions_;
  std::function<void()> done_;  // set: shutting down
  Timer patience_;
  Timer overdue_;  // armed while a frame is unfinished
};

}  // namespace actord::host
