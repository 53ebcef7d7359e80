// OperatorSession: what a verb works with: the options every verb takes, where to write, and the
// daemon. Data goes to out, talk to err.
#pragma once

#include <cstdint>
#include <istream>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>
#include <string>

#include "base/clock.hpp"
#include "base/exit_code.hpp"
#include "cli/paint.hpp"
#include "control/protocol.hpp"
#include "loop/unix_client.hpp"

namespace actord::host {

// The world of the process, passed in so that tests have their own.
struct Surroundings {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  std::string socket_variable;     // $ACTORD_SOCKET
  std::string runtime_directory;   // $XDG_RUNTIME_DIR
  std::string no_colour_variable;  // $NO_COLOR
  Clock& clock;
};

struct GlobalOptions {
  std::string socket;
  std::string timeout;  // empty: the verb's own
  bool json = false;
  bool quiet = false;
  bool no_color = false;
};

class OperatorSession {
 public:
  OperatorSession(const GlobalOptions& options, Surroundings& surroundings);

  // One request, one answer. Connects at the first call.
  Result<nlohmann::json> call(const std::string& method, nlohmann::json params,
                              uint64_t timeout_ms);
  // Starts a request that is known to have begun when the status it returns has arrived. When the
  // request was answered by then, that is in *answer.
  Result<nlohmann::json> begin(const std::string& method, nlohmann::json params,
                               uint64_t timeout_ms, std::optional<Result<nlohmann::json>>* answer);

  // --timeout, or the verb's own. E_INVALID when it is no duration.
  Result<uint64_t> timeout_ms(uint64_t otherwise) const;

  // Says what went wrong and what to type next; returns the exit code. next: unless the text names a
  // command itself; empty: chosen by the code.
  int fail(const Error& error, const std::string& next = "");
  void say(const std::string& talk);  // to err, unless --quiet
  // Text of ours that names commands: they carry --socket when the user gave one, so that they reach
  // the same daemon. What comes from the environment is there for the next command, too.
  std::string with_socket(const std::string& text) const;
  void print_json(const nlohmann::json& value);  // one line to out

  std::ostream& out() { return surroundings_.out; }
  std::istream& in() { return surroundings_.in; }
  int64_t now_unix_ms() { return surroundings_.clock.unix_ms(); }
  bool wants_json() const { return options_.json; }
  bool quiet() const { return options_.quiet; }
  const Paint& paint() const { return paint_; }

 private:
  enum class Reach { kUntried, kConnected, kUnreachable };

  Result<void> connect(uint64_t deadline_ms);
  Result<void> request(uint64_t id, const std::string& method, nlohmann::json params,
                       uint64_t deadline_ms);
  Result<RpcResponse> response(uint64_t deadline_ms);
  std::string socket_path() const;
  std::string next_step(const Error& error) const;
  ExitCode exit_code(const Error& error) const;
  Error unreachable(Error error);

  const GlobalOptions& options_;
  Surroundings& surroundings_;
  const Paint paint_;
  const Paint error_paint_;
  const std::string socket_;
  Reach reach_ = Reach::kUntried;
  std::optional<UnixClient> client_;
  uint64_t last_id_ = 0;
};

}  // namespace actord::host
