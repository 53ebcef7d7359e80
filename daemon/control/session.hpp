// Session: one connection to the control socket. Loop thread only.
//
// Requests run at once and are answered when the engine replies, in any order. A reply that comes
// after the session ended, or a second one, finds nothing and is dropped.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>

#include "control/protocol.hpp"
#include "engine/admin.hpp"
#include "loop/unix_server.hpp"

namespace actord::host {

class Session : public std::enable_shared_from_this<Session> {
 public:
  struct Owner {
    std::function<void()> gone;        // once, when the connection is closed; may drop the session
    std::function<void()> used;        // a frame came, or an answer was written
    std::function<void()> unfinished;  // a part of a frame came; may drop the session
  };
  Session(std::unique_ptr<UnixConnection> connection, Admin& admin, Owner owner);

  void begin();
  // Answers what is pending with E_CLOSED, then closes the connection when that is written.
  void end();

  bool waits_for_answer() const { return !pending_.empty(); }
  const UnixConnection& connection() const { return *connection_; }

 private:
  void take(LineReader::Line line);
  void run(RpcRequest request);
  // Held apart from id: a peer may use an id twice.
  void answer(uint64_t serial, Result<nlohmann::json> outcome);
  void write(const RpcResponse& response);
  void peer_ended();
  void closed();

  const std::unique_ptr<UnixConnection> connection_;
  Admin& admin_;
  Owner owner_;
  PeerCredentials peer_;
  uint64_t serial_ = 0;
  std::map<uint64_t, RpcRequest> pending_;
  bool peer_ended_ = false;
  bool ending_ = false;
};

}  // namespace actord::host
