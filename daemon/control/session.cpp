#include "control/session.hpp"

#include <string>
#include <utility>

#include "base/limits.hpp"
#include "base/log.hpp"
#include "control/closest_name.hpp"
#include "control/command.hpp"

namespace actord::host {
namespace {

RpcResponse too_long() {
  return {nullptr, RpcFailure{kRpcInvalidRequest, "INVALID_REQUEST",
                              "the line is longer than a frame may be, " +
                                  std::to_string(limits::kControlFrameBytes) + " bytes"}};
}

bool is_blank(const std::string& text) {
  return text.find_first_not_of(" \t\r") == std::string::npos;
}

// Who wants what of whom. Payloads are not logged: they may be anything.
void log_command(std::string_view method, const nlohmann::json& params,
                 const PeerCredentials& peer) {
  for (const char* target : {"path", "topic"}) {
    const auto found = params.find(target);
    if (found == params.end() || !found->is_string()) continue;
    log::info("control.command", "an operator's command",
              {{"method", method},
               {target, found->get<std::string>().substr(0, limits::kPathBytes)},
               {"uid", peer.uid},
               {"pid", peer.pid}});
    return;
  }
  log::info("control.command", "an operator's command",
            {{"method", method}, {"uid", peer.uid}, {"pid", peer.pid}});
}

}  // namespace

Session::Session(std::unique_ptr<UnixConnection> connection, Admin& admin, Owner owner)
    : connection_(std::move(connection)),
      admin_(admin),
      owner_(std::move(owner)),
      peer_(connection_->peer()) {}

// Each event keeps the session alive until it returns: its owner may drop it in any of them.
void Session::begin() {
  connection_->start({
      [this](LineReader::Line line) {
        const auto self = shared_from_this();
        take(std::move(line));
      },
      [this] {
        const auto self = shared_from_this();
        peer_ended();
      },
      [this] {
        const auto self = shared_from_this();
        closed();
      },
      [this] {
        const auto self = shared_from_this();
        owner_.unfinished();
      },
  });
}

void Session::end() {
  const auto self = shared_from_this();
  ending_ = true;
  while (!pending_.empty()) {
    answer(pending_.begin()->first, Error{ACTORD_E_CLOSED, "the host is shutting down"});
  }
  connection_->finish();
}

void Session::take(LineReader::Line line) {
  owner_.used();
  if (line.oversize) return write(too_long());
  if (is_blank(line.text)) return;
  auto parsed = parse_request(line.text);
  if (const auto* refusal = std::get_if<RpcResponse>(&parsed)) return write(*refusal);
  run(std::move(std::get<RpcRequest>(parsed)));
}

void Session::run(RpcRequest request) {
  const uint64_t serial = ++serial_;
  const bool full = pending_.size() >= limits::kControlPendingRequests;
  const RpcRequest& kept = pending_.emplace(serial, std::move(request)).first->second;
  if (full) {
    return answer(serial,
                  Error{ACTORD_E_LIMIT, std::to_string(limits::kControlPendingRequests) +
                                            " requests of this connection wait for their answer; "
                                            "read answers first"});
  }
  const RpcCommand* command = find_command(kept.method);
  if (command == nullptr) {
    const std::string name = kept.method.substr(0, 64);
    RpcFailure failure{kRpcMethodNotFound, "METHOD_NOT_FOUND",
                       "there is no method \"" + name + "\"" + did_you_mean(name, command_names())};
    const auto node = pending_.extract(serial);
    if (!node.mapped().notification) write({node.mapped().id, std::move(failure)});
    return;
  }
  if (command->changes) log_command(command->method, kept.params, peer_);
  // The params are moved out, because the engine may reply within the call, which ends `kept`.
  const nlohmann::json params = std::move(pending_.at(serial).params);
  RpcParams checked(command->method, params);
  const AdminReply reply = [weak = weak_from_this(), serial](Result<nlohmann::json> outcome) {
    if (const auto self = weak.lock()) self->answer(serial, std::move(outcome));
  };
  if (auto called = command->run(admin_, checked, reply); !called) reply(std::move(called).error());
}

void Session::answer(uint64_t serial, Result<nlohmann::json> outcome) {
  const auto node = pending_.extract(serial);
  if (node.empty()) return;
  if (!node.mapped().notification) {
    if (outcome) {
      write({node.mapped().id, std::move(outcome).value()});
    } else {
      write({node.mapped().id, failure_of(outcome.error())});
    }
  }
  if (peer_ended_ && pending_.empty() && !ending_) end();
}

void Session::write(const RpcResponse& response) {
  owner_.used();
  connection_->write_line(serialise(response));
}

// The peer may have shut its sending side only (`echo .. | nc -U`) and wait for answers.
void Session::peer_ended() {
  peer_ended_ = true;
  if (pending_.empty()) end();
}

void Session::closed() {
  pending_.clear();
  if (owner_.gone) std::exchange(owner_.gone, nullptr)();
}

}  // namespace actord::host
