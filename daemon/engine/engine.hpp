// Engine: one running host. Boot, reload and shutdown, and everything that belongs to them.
//
// All members run on the loop thread. The engine knows no loop: what it needs of one is passed in.
//
//   boot ----> kStarting --(eager set up)--> kRunning --shutdown--> kDraining --(quiet, or time is up)
//                                               ^  |                             --> kStopping --> done
//                                  reload, rollback
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/check.hpp"
#include "engine/file_watches.hpp"
#include "engine/new_builds.hpp"
#include "engine/reconcile.hpp"
#include "host/plugin_factory.hpp"
#include "runtime/runtime.hpp"

namespace actord::host {

struct EnginePorts {
  Clock& clock;
  EnvLookup env;
  SourceReader reader;
  std::function<void(std::function<void()>)> post;                      // to the loop; any thread
  std::function<void(uint64_t delay_ms, std::function<void()>)> later;  // loop thread
  std::function<void(uint64_t due_ms)> wake_at;  // then call fire_due; any thread
  std::function<void(int exit_code)> finished;   // once, loop thread
  std::function<void(const Error&)> fatal;       // law 9; any thread; does not return
};

struct ReloadReport {
  Plan plan;
  bool unchanged = false;
  uint64_t generation = 0;
  ActorsByPlugin old_builds;  // run code of a build that is not the newest
};

struct LastReload {
  bool happened = false, ok = false;
  std::string text;
  int64_t unix_ms = 0;
};

class Engine {
 public:
  enum class Phase : uint8_t { kStarting, kRunning, kDraining, kStopping };

  // checked.spec is present. Opens the store; nothing runs yet.
  static Result<std::unique_ptr<Engine>> open(EnginePorts ports, std::string config_file,
                                              Checked checked);
  ~Engine();

  void boot();
  void fire_due() { runtime_->fire_due(); }
  // Replies once. E_CONFIG: text holds the diagnostics, and what ran goes on. E_BUSY, E_CLOSED.
  void reload(bool dry_run, std::function<void(Result<ReloadReport>)> done);
  // What a reload of this file (empty: the running one) would do.
  Result<ReloadReport> plan_for(const std::string& file);
  // First call: drain, then stop. Second: stop now. ports.finished gets the exit code.
  void shutdown();
  // A supervision policy ends the host: the exit code says so.
  void stop_because(const std::string& reason);

  Phase phase() const { return phase_; }
  const Spec& spec() const { return spec_; }
  const KindCatalog& catalog() const { return catalog_; }  // of the plugins as they are loaded
  const std::string& config_file() const { return config_file_; }
  uint64_t generation() const { return generation_; }
  int64_t loaded_unix_ms() const { return loaded_unix_ms_; }
  uint64_t started_ms() const { return started_ms_; }
  uint64_t hydrated_ms() const { return hydrated_ms_; }
  bool file_differs() const;
  const LastReload& last_reload() const { return last_reload_; }
  Runtime& runtime() { return *runtime_; }
  DurableLog& log() { return *log_; }
  FileWatches& file_watches() { return file_watches_; }
  void file_changed(const std::string& path);
  EnginePorts& ports() { return ports_; }

  // Calls done(true) as soon as reached() holds, done(false) after timeout_ms. Looks at every change.
  void when(std::function<bool()> reached, uint64_t timeout_ms, std::function<void(bool)> done);

 private:
  struct Waiter {
    uint64_t id;
    std::function<bool()> reached;
    std::function<void(bool)> done;
  };

  Engine(EnginePorts ports, std::string config_file, Checked checked,
         std::unique_ptr<DurableLog> log);
  RuntimeExits runtime_exits();
  Checked check(const std::string& file) const;
  void changed();
  void settle_waiters();
  void booted(Reconcile::Outcome outcome);
  void announce_when_ready();
  void show_progress();
  void watch_catch_up();
  void summarise_dead_letters();
  void watch_turns();
  void applied(Checked desired, std::shared_ptr<ReloadReport> report, Reconcile::Outcome outcome,
               std::function<void(Result<ReloadReport>)> done);
  void rolled_back(const Checked& failed, const std::string& text,
                   std::function<void(Result<ReloadReport>)> done);
  void remember(bool ok, std::string text);
  Plan plan_to(const Checked& desired) const;
  ActorsByPlugin old_builds(const KindCatalog& catalog, const Plan& plan);
  void take_over(Checked desired);
  void drain_on();
  void stop_everything();
  void finish(int exit_code);
  void name_those_left();

  EnginePorts ports_;
  const std::string config_file_;
  Spec spec_;  // what runs
  KindCatalog catalog_;
  std::vector<SourceFile> files_;
  std::unique_ptr<DurableLog> log_;
  PluginFactory factory_;
  FileWatches file_watches_;
  std::unique_ptr<Runtime> runtime_;
  std::unique_ptr<Reconcile> reconcile_;
  std::atomic<bool> change_posted_{false};
  Phase phase_ = Phase::kStarting;
  bool finished_ = false;
  bool cut_short_ = false;
  int stop_exit_code_ = 0;
  uint64_t generation_ = 0;
  int64_t loaded_unix_ms_ = 0;
  uint64_t started_ms_ = 0, hydrated_ms_ = 0, drain_until_ms_ = 0, stop_until_ms_ = 0;
  uint64_t shown_handled_ = 0;
  LastReload last_reload_;
  uint64_t last_waiter_ = 0;
  std::vector<Waiter> waiters_;
};

}  // namespace actord::host
