#include "app/daemon.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

#include "app/config_search.hpp"
#include "app/state_dump.hpp"
#include "base/exit_code.hpp"
#include "base/log.hpp"

namespace actord::host {
namespace {

constexpr uint64_t kDebugMs = 10 * 60 * 1'000;

int exit_code_of_start(const Error& error) {
  switch (error.code) {
    case ACTORD_E_PERMISSION: return kExitPermission;
    case ACTORD_E_LOCKED:
    case ACTORD_E_EXISTS:
    case ACTORD_E_INVALID: return kExitCannotCreate;
    default: return kExitStore;
  }
}

// Law 9: what is durable is on disk, and nothing more may be promised. No destructor may run.
[[noreturn]] void die_of_store(const Error& error) {
  log::error("store.failed",
             "the store failed; the host ends at once and recovers from its journal",
             {{"error", error.text}});
  ::_exit(kExitStore);
}

// The last folder on the way; whether it is there is for the socket to find out.
void make_socket_folder(const std::string& socket) {
  const size_t slash = socket.find_last_of('/');
  if (slash != std::string::npos && slash > 0) ::mkdir(socket.substr(0, slash).c_str(), 0750);
}

}  // namespace

int Daemon::run(const std::string& config_file, Checked checked, const EnvLookup& env) {
  Daemon daemon;
  return daemon.main(config_file, std::move(checked), env);
}

int Daemon::main(const std::string& config_file, Checked checked, const EnvLookup& env) {
  wake_ = std::make_unique<Timer>(loop_, [this] {
    wake_due_ms_ = UINT64_MAX;
    engine_->fire_due();
    rearm();
  });
  std::string socket = checked.spec->admin_socket;
  if (socket.empty()) socket = default_socket(env);
  auto opened = Engine::open(ports(env), config_file, std::move(checked));
  if (!opened) {
    log::error("host.start_failed", opened.error().text);
    return exit_code_of_start(opened.error());
  }
  engine_ = std::move(opened).value();
  admin_ = std::make_unique<HostAdmin>(*engine_);
  if (const auto started = start_services(socket); !started) {
    log::error("host.start_failed", started.error().text, {{"socket", socket}});
    return started.error().code == ACTORD_E_PERMISSION ? kExitPermission : kExitCannotCreate;
  }
  engine_->boot();
  loop_.run();
  // Worker threads may be stuck in an abandoned actor: then nothing may be torn down under them.
  if (exit_code_ == kExitTimeout) ::_exit(kExitTimeout);
  laters_.clear();
  server_.reset();
  admin_.reset();
  engine_.reset();
  return exit_code_;
}

EnginePorts Daemon::ports(const EnvLookup& env) {
  return {
      .clock = clock_,
      .env = env,
      .reader = disk_reader(),
      .post = [this](std::function<void()> function) { loop_.post(std::move(function)); },
      .later = [this](uint64_t delay_ms,
                      std::function<void()> function) { later(delay_ms, std::move(function)); },
      .wake_at = [this](uint64_t due_ms) { loop_.post([this, due_ms] { wake_at(due_ms); }); },
      .finished = [this](int exit_code) { stop_services(exit_code); },
      .fatal = [](const Error& error) { die_of_store(error); },
  };
}

Result<void> Daemon::start_services(const std::string& socket) {
  ACTORD_TRY(signals_.on(SIGTERM, [this] { terminate(); }));
  ACTORD_TRY(signals_.on(SIGINT, [this] { terminate(); }));
  ACTORD_TRY(
      signals_.on(SIGHUP, [this] { engine_->reload(false, [](const Result<ReloadReport>&) {}); }));
  ACTORD_TRY(signals_.on(
      SIGUSR1, [this] { dump_state(*admin_, engine_->spec().host.data_dir + "/state.json"); }));
  ACTORD_TRY(signals_.on(SIGUSR2, [this] { debug_for_a_while(); }));
  files_ = std::make_unique<FileWatcher>(
      loop_, [this](const std::string& path) { engine_->file_changed(path); });
  engine_->file_watches().connect(
      {[this](const std::string& path) {
         if (const auto added = files_->add(path); !added)
           log::warn("file_watch.failed", added.error().text, {{"file", path}});
       },
       [this](const std::string& path) { files_->remove(path); }});
  make_socket_folder(socket);
  ACTORD_TRY_ASSIGN(server_, ControlServer::listen(loop_, socket, *admin_));
  log::info("control.listening", "control socket is open", {{"socket", socket}});
  return {};
}

// Third request: whoever asks that often means it.
void Daemon::terminate() {
  if (++terminations_ >= 3) ::_exit(kExitTimeout);
  engine_->shutdown();
}

void Daemon::debug_for_a_while() {
  if (!debug_over_) {
    debug_over_ = std::make_unique<Timer>(loop_, [this] {
      log::set_level(engine_->spec().logging.level);
      log::info("log.level", "the log is back at its level");
    });
  }
  log::set_level(log::Level::kDebug);
  log::info("log.level", "the log is at debug for 10 minutes (SIGUSR2)");
  debug_over_->arm(kDebugMs);
}

void Daemon::stop_services(int exit_code) {
  exit_code_ = exit_code;
  server_->shutdown([this] { loop_.stop(); });
}

void Daemon::later(uint64_t delay_ms, std::function<void()> function) {
  const uint64_t id = ++last_later_;
  auto timer = std::make_unique<Timer>(loop_, [this, id, function = std::move(function)] {
    const auto keep = std::move(laters_.at(id));  // this function lives in it
    laters_.erase(id);
    function();
  });
  timer->arm(delay_ms);
  laters_.emplace(id, std::move(timer));
}

void Daemon::wake_at(uint64_t due_ms) {
  if (due_ms >= wake_due_ms_) return;
  wake_due_ms_ = due_ms;
  const uint64_t now = clock_.now_ms();
  wake_->arm(due_ms > now ? due_ms - now : 0);
}

void Daemon::rearm() {
  if (const auto due = engine_->runtime().timers().next_due()) wake_at(*due);
}

}  // namespace actord::host
