// Daemon: the process around the engine: loop, signals, control socket, exit code.
#pragma once

#include <memory>
#include <string>

#include "base/clock.hpp"
#include "control/server.hpp"
#include "engine/engine.hpp"
#include "engine/host_admin.hpp"
#include "loop/file_watcher.hpp"
#include "loop/loop.hpp"
#include "loop/signals.hpp"
#include "loop/timer.hpp"

namespace actord::host {

class Daemon {
 public:
  // Runs until it is told to end. The exit code.
  static int run(const std::string& config_file, Checked checked, const EnvLookup& env);

 private:
  Daemon() = default;
  int main(const std::string& config_file, Checked checked, const EnvLookup& env);
  EnginePorts ports(const EnvLookup& env);
  Result<void> start_services(const std::string& socket);
  void stop_services(int exit_code);
  void later(uint64_t delay_ms, std::function<void()> function);
  void wake_at(uint64_t due_ms);
  void rearm();
  void terminate();
  void debug_for_a_while();

  SystemClock clock_;
  Loop loop_;
  Signals signals_{loop_};
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<HostAdmin> admin_;
  std::unique_ptr<ControlServer> server_;
  std::unique_ptr<FileWatcher> files_;
  std::unique_ptr<Timer> debug_over_;  // puts the log's level back
  std::unique_ptr<Timer> wake_;        // the runtime's one timer
  uint64_t wake_due_ms_ = UINT64_MAX;
  std::map<uint64_t, std::unique_ptr<Timer>> laters_;
  uint64_t last_later_ = 0;
  int terminations_ = 0;
  int exit_code_ = 0;
};

}  // namespace actord::host
