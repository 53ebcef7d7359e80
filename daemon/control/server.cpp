#include "control/server.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/assert.hpp"
#include "base/limits.hpp"
#include "base/log.hpp"

namespace actord::host {

Result<std::unique_ptr<ControlServer>> ControlServer::listen(Loop& loop, const std::string& path,
                                                             Admin& admin, uint64_t frame_ms) {
  std::unique_ptr<ControlServer> control(new ControlServer(loop, admin, frame_ms));
  UnixServer::Options options;
  options.path = path;
  options.line_bytes_max = limits::kControlFrameBytes;
  options.write_queue_bytes_max = limits::kControlWriteQueueBytes;
  ACTORD_TRY_ASSIGN(
      control->server_,
      UnixServer::listen(loop, std::move(options),
                         [self = control.get()](std::unique_ptr<UnixConnection> connection) {
                           self->accept(std::move(connection));
                         }));
  return control;
}

ControlServer::ControlServer(Loop& loop, Admin& admin, uint64_t frame_ms)
    : loop_(loop),
      admin_(admin),
      frame_ms_(frame_ms),
      patience_(loop,
                [this] {
                  sessions_.clear();
                  finish_shutdown();
                }),
      overdue_(loop, [this] { close_overdue(); }) {}

ControlServer::~ControlServer() = default;

void ControlServer::accept(std::unique_ptr<UnixConnection> connection) {
  if (sessions_.size() >= limits::kControlConnections && !make_room()) {
    // Small and first on its connection, so it is written before the connection goes.
    connection->write_line(serialise(RpcResponse{
        nullptr, failure_of({ACTORD_E_LIMIT,
                             "the daemon has " + std::to_string(limits::kControlConnections) +
                                 " control connections open, and each waits for an answer; close "
                                 "one and try again"})}));
    return;
  }
  const uint64_t id = next_id_++;
  Session::Owner owner;
  owner.gone = [this, id] { session_gone(id); };
  owner.used = [this, id] {
    if (const auto it = sessions_.find(id); it != sessions_.end()) it->second.used = ++uses_;
  };
  owner.unfinished = [this] { bound_unfinished(); };
  const auto session = std::make_shared<Session>(std::move(connection), admin_, std::move(owner));
  sessions_.emplace(id, Client{session, ++uses_});
  session->begin();
}

// Closes the connection that has been idle longest. False: none is idle.
bool ControlServer::make_room() {
  auto idlest = sessions_.end();
  for (auto it = sessions_.begin(); it != sessions_.end(); ++it) {
    if (it->second.session->waits_for_answer()) continue;
    if (idlest == sessions_.end() || it->second.used < idlest->second.used) idlest = it;
  }
  if (idlest == sessions_.end()) return false;
  drop(idlest->first, "idle longest, and a new one came when all were taken");
  return true;
}

// The one whose frame began first goes: an honest frame is over soon.
void ControlServer::bound_unfinished() {
  uint64_t bytes = 0, oldest = 0, oldest_since_ms = UINT64_MAX;
  for (const auto& [id, client] : sessions_) {
    const UnixConnection& connection = client.session->connection();
    if (connection.unfinished_bytes() == 0) continue;
    bytes += connection.unfinished_bytes();
    if (connection.unfinished_since_ms() >= oldest_since_ms) continue;
    oldest = id;
    oldest_since_ms = connection.unfinished_since_ms();
  }
  if (!overdue_.armed()) overdue_.arm(frame_ms_);
  if (bytes > limits::kControlUnfinishedBytes) drop(oldest, "too many bytes of unfinished frames");
}

void ControlServer::close_overdue() {
  std::vector<uint64_t> overdue;
  uint64_t next_ms = UINT64_MAX;
  for (const auto& [id, client] : sessions_) {
    const uint64_t since_ms = client.session->connection().unfinished_since_ms();
    if (since_ms == 0) continue;
    const uint64_t due_ms = since_ms + frame_ms_;
    if (due_ms <= loop_.now_ms())
      overdue.push_back(id);
    else
      next_ms = std::min(next_ms, due_ms);
  }
  for (const uint64_t id : overdue) drop(id, "its frame did not end in time");
  if (next_ms != UINT64_MAX) overdue_.arm(next_ms - loop_.now_ms());
}

void ControlServer::drop(uint64_t id, const char* why) {
  const auto node = sessions_.extract(id);
  const PeerCredentials peer = node.mapped().session->connection().peer();
  log::warn("control.closed", "a control connection was closed",
            {{"why", why}, {"uid", peer.uid}, {"pid", peer.pid}});
}

void ControlServer::session_gone(uint64_t id) {
  sessions_.erase(id);
  if (done_ && sessions_.empty()) finish_shutdown();
}

void ControlServer::shutdown(std::function<void()> done) {
  ACTORD_ASSERT(server_ != nullptr);
  server_.reset();
  done_ = std::move(done);
  patience_.arm(limits::kControlCloseMs);
  std::vector<std::shared_ptr<Session>> ending;  // a session may leave the map while it ends
  for (const auto& [id, client] : sessions_) ending.push_back(client.session);
  for (const auto& session : ending) session->end();
  if (sessions_.empty()) finish_shutdown();
}

void ControlServer::finish_shutdown() {
  patience_.cancel();
  if (done_) loop_.post(std::exchange(done_, nullptr));
}

}  // namespace actord::host
