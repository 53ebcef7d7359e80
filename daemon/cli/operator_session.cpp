#include "cli/operator_session.hpp"

#include <unistd.h>

#include <algorithm>
#include <cctype>

#include "base/limits.hpp"
#include "cli/fields.hpp"
#include "cli/human.hpp"

namespace actord::host {
namespace {

using nlohmann::json;

constexpr const char* kSystemSocket = "/run/actord/admin.sock";

Result<json> result_of(RpcResponse response) {
  if (const auto* failure = std::get_if<RpcFailure>(&response.outcome)) return error_of(*failure);
  return std::get<json>(std::move(response.outcome));
}

std::string shell_word(const std::string& text) {
  const bool plain = std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '/' || c == '.' || c == '_' || c == '-';
  });
  if (plain) return text;
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

bool names_a_command(const std::string& text) {
  return text.find("actorctl ") != std::string::npos || text.find("actord ") != std::string::npos;
}

}  // namespace

OperatorSession::OperatorSession(const GlobalOptions& options, Surroundings& surroundings)
    : options_(options),
      surroundings_(surroundings),
      paint_(surroundings.out_is_terminal && !options.no_color &&
             surroundings.no_colour_variable.empty()),
      error_paint_(surroundings.err_is_terminal && !options.no_color &&
                   surroundings.no_colour_variable.empty()),
      socket_(socket_path()) {}

// A user's own daemon goes before the machine's, if it has a socket.
std::string OperatorSession::socket_path() const {
  if (!options_.socket.empty()) return options_.socket;
  if (!surroundings_.socket_variable.empty()) return surroundings_.socket_variable;
  if (!surroundings_.runtime_directory.empty()) {
    std::string own = surroundings_.runtime_directory + "/actord/admin.sock";
    if (::access(own.c_str(), F_OK) == 0) return own;
  }
  return kSystemSocket;
}

Result<json> OperatorSession::call(const std::string& method, json params, uint64_t timeout_ms) {
  const uint64_t deadline = surroundings_.clock.now_ms() + timeout_ms;
  ACTORD_TRY(connect(deadline));
  ACTORD_TRY(request(++last_id_, method, std::move(params), deadline));
  ACTORD_TRY_ASSIGN(auto answer, response(deadline));
  return result_of(std::move(answer));
}

// The daemon takes the requests of one connection in order, so its answer to the second one means
// that it has taken the first.
Result<json> OperatorSession::begin(const std::string& method, json params, uint64_t timeout_ms,
                                    std::optional<Result<json>>* answer) {
  const uint64_t deadline = surroundings_.clock.now_ms() + timeout_ms;
  ACTORD_TRY(connect(deadline));
  const uint64_t begun = ++last_id_;
  ACTORD_TRY(request(begun, method, std::move(params), deadline));
  ACTORD_TRY(request(++last_id_, "status", json::object(), deadline));
  while (true) {
    ACTORD_TRY_ASSIGN(auto next, response(deadline));
    if (next.id != begun) return result_of(std::move(next));
    answer->emplace(result_of(std::move(next)));
  }
}

Result<uint64_t> OperatorSession::timeout_ms(uint64_t otherwise) const {
  if (options_.timeout.empty()) return otherwise;
  ACTORD_TRY_ASSIGN(const uint64_t ms, parse_duration(options_.timeout, "--timeout"));
  if (ms == 0 || ms > limits::kAskTimeoutMsMax)
    return Error{ACTORD_E_INVALID, "--timeout wants 1ms to 24h"};
  return ms;
}

Result<void> OperatorSession::connect(uint64_t deadline_ms) {
  if (client_) return {};
  auto connected =
      UnixClient::connect(socket_, limits::kControlFrameBytes, surroundings_.clock, deadline_ms);
  if (!connected) return unreachable(std::move(connected).error());
  reach_ = Reach::kConnected;
  client_.emplace(std::move(connected).value());
  return {};
}

Result<void> OperatorSession::request(uint64_t id, const std::string& method, json params,
                                      uint64_t deadline_ms) {
  const std::string line = serialise(RpcRequest{id, false, method, std::move(params)});
  if (line.size() > limits::kControlFrameBytes) {
    return Error{ACTORD_E_LIMIT, "the request has " + bytes_text(line.size()) +
                                     ", the daemon takes at most " +
                                     bytes_text(limits::kControlFrameBytes)};
  }
  if (auto written = client_->write_line(line, deadline_ms); !written)
    return unreachable(std::move(written).error());
  return {};
}

Result<RpcResponse> OperatorSession::response(uint64_t deadline_ms) {
  auto line = client_->read_line(deadline_ms);
  if (!line) return unreachable(std::move(line).error());
  return parse_response(*line);
}

// A deadline is a timeout whoever was slow; everything else means there is no daemon to talk to.
Error OperatorSession::unreachable(Error error) {
  const bool told = error.code == ACTORD_E_TIMEOUT || error.code == ACTORD_E_PERMISSION ||
                    error.code == ACTORD_E_LIMIT || error.code == ACTORD_E_INVALID;
  if (!told) reach_ = Reach::kUnreachable;
  return error;
}

ExitCode OperatorSession::exit_code(const Error& error) const {
  return reach_ == Reach::kUnreachable ? kExitUnreachable : exit_code_of(error.code);
}

std::string OperatorSession::next_step(const Error& error) const {
  if (reach_ == Reach::kUnreachable) {
    return "systemctl status actord, or name its socket: actorctl --socket PATH status";
  }
  switch (error.code) {
    case ACTORD_E_INVALID: return "actorctl --help";
    case ACTORD_E_NOT_FOUND: return "actorctl ps";
    case ACTORD_E_PERMISSION: return "ls -l " + socket_ + ", then join its group or use sudo";
    case ACTORD_E_CONFIG:
    case ACTORD_E_PLUGIN: return "actord check";
    case ACTORD_E_TIMEOUT: return "actorctl status, or wait longer with --timeout";
    default: return "actorctl status";
  }
}

int OperatorSession::fail(const Error& error, const std::string& next) {
  const ExitCode code = exit_code(error);
  std::string step = next.empty() || reach_ == Reach::kUnreachable ? next_step(error) : next;
  if (names_a_command(error.text)) step.clear();
  step = with_socket(step);
  const std::string text = with_socket(error.text);
  if (wants_json()) {
    surroundings_.err << compact({{"error",
                                   {{"status", status_name(error.code)},
                                    {"text", text},
                                    {"next", step},
                                    {"exit", static_cast<int>(code)}}}})
                      << '\n';
    return code;
  }
  surroundings_.err << error_paint_(Colour::kRed, "actorctl:") << ' ' << printable_lines(text);
  if (error.text.empty()) surroundings_.err << status_meaning(error.code);
  if (error.text.empty() || error.text.back() != '\n') surroundings_.err << '\n';
  if (!step.empty()) surroundings_.err << "  next: " << step << '\n';
  return code;
}

void OperatorSession::say(const std::string& talk) {
  if (!quiet()) surroundings_.err << with_socket(talk) << '\n';
}

std::string OperatorSession::with_socket(const std::string& text) const {
  if (options_.socket.empty()) return text;
  constexpr std::string_view kProgram = "actorctl ", kOption = "--socket ";
  const std::string option = std::string(kOption) + shell_word(options_.socket) + " ";
  std::string result;
  size_t copied = 0;
  for (size_t at = text.find(kProgram); at != std::string::npos; at = text.find(kProgram, at + 1)) {
    const size_t end = at + kProgram.size();
    result += text.substr(copied, end - copied);
    if (text.compare(end, kOption.size(), kOption) != 0) result += option;
    copied = end;
  }
  return result + text.substr(copied);
}

void OperatorSession::print_json(const json& value) { out() << compact(value) << '\n'; }

}  // namespace actord::host
