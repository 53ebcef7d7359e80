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
  // gone runs once, when the connection is closed; it may drop the session.
  Session(std::unique_ptr<UnixConnection> connection, Admin& admin, std::function<void()> gone);

  void begin();
  // Answers what is pending with E_CLOSED, then closes the connection when that is written.
  void end();

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
  std::function<void()> gone_;
  PeerCredentials peer_;
  uint64_t serial_ = 0;
  std::map<uint64_t, RpcRequest> pending_;
  bool peer_ended_ = false;
  bool ending_ = false;
};

}  // namespace actord::host
