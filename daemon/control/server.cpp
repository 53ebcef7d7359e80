#include "control/server.hpp"

#include <utility>
#include <vector>

#include "base/assert.hpp"
#include "base/limits.hpp"

namespace actord::host {

Result<std::unique_ptr<ControlServer>> ControlServer::listen(Loop& loop, const std::string& path,
                                                             Admin& admin) {
  std::unique_ptr<ControlServer> control(new ControlServer(loop, admin));
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

ControlServer::ControlServer(Loop& loop, Admin& admin)
    : loop_(loop), admin_(admin), patience_(loop, [this] {
        sessions_.clear();
        finish_shutdown();
      }) {}

ControlServer::~ControlServer() = default;

void ControlServer::accept(std::unique_ptr<UnixConnection> connection) {
  if (sessions_.size() >= limits::kControlConnections) {
    // Small and first on its connection, so it is written before the connection goes.
    connection->write_line(serialise(RpcResponse{
        nullptr, failure_of({ACTORD_E_LIMIT,
                             "the daemon has " + std::to_string(limits::kControlConnections) +
                                 " control connections open; close one and try again"})}));
    return;
  }
  const uint64_t id = next_id_++;
  const auto session =
      std::make_shared<Session>(std::move(connection), admin_, [this, id] { session_gone(id); });
  sessions_.emplace(id, session);
  session->begin();
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
  for (const auto& [id, session] : sessions_) ending.push_back(session);
  for (const auto& session : ending) session->end();
  if (sessions_.empty()) finish_shutdown();
}

void ControlServer::finish_shutdown() {
  patience_.cancel();
  if (done_) loop_.post(std::exchange(done_, nullptr));
}

}  // namespace actord::host
