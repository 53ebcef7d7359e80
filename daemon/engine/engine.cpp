#include "engine/engine.hpp"

#include <algorithm>
#include <thread>

#include "base/assert.hpp"
#include "base/exit_code.hpp"
#include "base/limits.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "storage/memory_log.hpp"
#include "storage/sqlite_log.hpp"

namespace actord::host {
namespace {

constexpr uint64_t kProgressMs = 1'000;
constexpr uint64_t kQuietLookMs = 20;

Result<std::unique_ptr<DurableLog>> open_store(const Spec& spec, Clock& clock) {
  const DeadLetterBounds letters{spec.dead_letters.count, spec.dead_letters.age_ms,
                                 spec.dead_letters.bytes};
  if (spec.persistence_mode == PersistenceMode::kMemory) {
    return std::unique_ptr<DurableLog>(
        new MemoryLog(clock, {.forget = true, .dead_letters = letters}));
  }
  ACTORD_TRY_ASSIGN(
      auto log, SqliteLog::open({.data_dir = spec.host.data_dir, .dead_letters = letters}, clock));
  return std::unique_ptr<DurableLog>(std::move(log));
}

uint32_t worker_count(const Spec& spec) {
  if (spec.host.workers != 0) return spec.host.workers;
  return std::clamp<uint32_t>(std::thread::hardware_concurrency(), 1, limits::kWorkersMax);
}

}  // namespace

Result<std::unique_ptr<Engine>> Engine::open(EnginePorts ports, std::string config_file,
                                             Checked checked) {
  ACTORD_ASSERT(checked.spec.has_value());
  ACTORD_TRY_ASSIGN(auto log, open_store(*checked.spec, ports.clock));
  return std::unique_ptr<Engine>(
      new Engine(std::move(ports), std::move(config_file), std::move(checked), std::move(log)));
}

Engine::Engine(EnginePorts ports, std::string config_file, Checked checked,
               std::unique_ptr<DurableLog> log)
    : ports_(std::move(ports)),
      config_file_(std::move(config_file)),
      log_(std::move(log)),
      started_ms_(ports_.clock.now_ms()) {
  const uint32_t workers = worker_count(*checked.spec);
  runtime_ = std::make_unique<Runtime>(
      ports_.clock, Random::from_system(), *log_, factory_,
      [workers](WorkerPool::Run run) {
        auto pool = std::make_unique<WorkerPool>(workers, std::move(run));
        pool->start();
        return pool;
      },
      runtime_exits());
  reconcile_ =
      std::make_unique<Reconcile>(*runtime_, factory_, checked.spec->host.data_dir + "/plugins");
  take_over(std::move(checked));
}

// The runtime ends first: its threads use the factory's code and the log.
Engine::~Engine() {
  reconcile_.reset();
  runtime_.reset();
}

RuntimeExits Engine::runtime_exits() {
  RuntimeExits exits;
  exits.wake_at = ports_.wake_at;
  // Many changes make one look: the next one is posted only when the last has begun.
  exits.changed = [this] {
    if (!change_posted_.exchange(true)) ports_.post([this] { changed(); });
  };
  exits.stop_host = [this](std::string reason) {
    ports_.post([this, reason = std::move(reason)] { stop_because(reason); });
  };
  exits.log_failed = [this](Error error) { ports_.fatal(error); };
  exits.watch_file = [this](ActorRef ref, const std::string& path) {
    ports_.post([this, ref, path] { file_watches_.watch(ref, path); });
  };
  exits.unwatch_files = [this](ActorRef ref) {
    ports_.post([this, ref] { file_watches_.unwatch(ref); });
  };
  return exits;
}

Checked Engine::check(const std::string& file) const {
  return check_topology(file, ports_.env, ports_.reader);
}

void Engine::take_over(Checked desired) {
  spec_ = std::move(*desired.spec);
  catalog_ = std::move(desired.catalog);
  files_ = std::move(desired.files);
  loaded_unix_ms_ = ports_.clock.unix_ms();
  ++generation_;
}

bool Engine::file_differs() const {
  return std::any_of(files_.begin(), files_.end(), [&](const SourceFile& file) {
    const auto now = ports_.reader.read(file.name());
    return !now || SourceFile(file.name(), *now).text() != file.text();
  });
}

// ---- boot ----------------------------------------------------------------------------------------

void Engine::boot() {
  log::info(
      "host.start", "actord " ACTORD_VERSION " starts",
      {{"host", spec_.host.name}, {"config", config_file_}, {"store", log_->stats().location}});
  log::info("host.promise", log_->stats().promise);
  show_progress();
  summarise_dead_letters();
  watch_turns();
  reconcile_->begin(diff(Spec{}, spec_), catalog_, Reconcile::OnRefusal::kGoOn,
                    [this](Reconcile::Outcome outcome) { booted(std::move(outcome)); });
}

void Engine::booted(Reconcile::Outcome outcome) {
  // What failed to start is supervised like anything else; the rest of the host runs.
  for (const auto& problem : outcome.problems) log::error("host.start_problem", problem);
  // What is not loaded is not part of what runs, so that the next reload finds a difference.
  std::erase_if(spec_.plugins, [&](const PluginSpec& plugin) {
    return std::find(outcome.not_loaded.begin(), outcome.not_loaded.end(), plugin.name) !=
           outcome.not_loaded.end();
  });
  announce_when_ready();
}

void Engine::announce_when_ready() {
  when([this] { return runtime_->tree().counts().eager_pending == 0; }, UINT64_MAX,
       [this](bool) {
         if (phase_ != Phase::kStarting) return;
         phase_ = Phase::kRunning;
         hydrated_ms_ = ports_.clock.now_ms() - started_ms_;
         const TreeCounts counts = runtime_->tree().counts();
         const HydrationSums sums = runtime_->hydration_sums();
         log::info("host.ready", "ready",
                   {{"generation", generation_},
                    {"actors", counts.total},
                    {"running", counts.running},
                    {"parked", counts.parked},
                    {"hydrated_actors", sums.actors},
                    {"hydrated_events", sums.events},
                    {"took_ms", hydrated_ms_}});
         watch_catch_up();
       });
}

void Engine::show_progress() {
  ports_.later(kProgressMs, [this] {
    if (phase_ != Phase::kStarting) return;
    const TreeCounts counts = runtime_->tree().counts();
    log::info("host.progress", "hydrating",
              {{"running", counts.running},
               {"hydrating", counts.hydrating},
               {"starting", counts.starting + counts.waiting},
               {"events", runtime_->hydration_sums().events}});
    show_progress();
  });
}

// On a clock of its own: a host whose flood has ended may have no timer that fires.
void Engine::summarise_dead_letters() {
  ports_.later(limits::kDeadLetterLogIntervalMs, [this] {
    if (finished_) return;
    runtime_->dead_letters().summarise(ports_.clock.now_ms(), false);
    summarise_dead_letters();
  });
}

void Engine::watch_turns() {
  ports_.later(limits::kWatchdogMs, [this] {
    if (finished_) return;
    runtime_->watch();
    watch_turns();
  });
}

// After the start there is often a backlog: say how it shrinks, and when it is gone.
void Engine::watch_catch_up() {
  ports_.later(kProgressMs, [this] {
    if (phase_ != Phase::kRunning) return;
    const MessageSums sums = runtime_->counters().sums();
    const uint64_t handled = sums.handled - shown_handled_;
    shown_handled_ = sums.handled;
    // Fewer than this a second is daily business, not a backlog.
    constexpr uint64_t kBacklogRate = 100;
    const bool busy = handled >= kBacklogRate;
    log::info("host.catch_up", busy ? "catching up" : "caught up",
              {{"messages_handled", sums.handled},
               {"in_the_last_second", handled},
               {"in_flight", sums.in_flight()},
               {"events_stored", log_->stats().events}});
    if (busy) watch_catch_up();
  });
}

// ---- reload --------------------------------------------------------------------------------------

void Engine::remember(bool ok, std::string text) {
  last_reload_ = {true, ok, std::move(text), ports_.clock.unix_ms()};
}

Result<ReloadReport> Engine::plan_for(const std::string& file) {
  Checked desired = check(file.empty() ? config_file_ : file);
  if (!desired.spec) return Error{ACTORD_E_CONFIG, desired.report()};
  ReloadReport report;
  report.plan = plan_to(desired);
  report.old_builds = old_builds(desired.catalog, report.plan);
  return report;
}

ActorsByPlugin Engine::old_builds(const KindCatalog& catalog, const Plan& plan) {
  return actors_of_old_builds(runtime_->tree().list(), catalog, plan);
}

Plan Engine::plan_to(const Checked& desired) const {
  Plan plan = diff(spec_, *desired.spec);
  add_new_builds(plan, catalog_, desired.catalog, *desired.spec);
  return plan;
}

void Engine::reload(bool dry_run, std::function<void(Result<ReloadReport>)> done) {
  if (phase_ == Phase::kDraining || phase_ == Phase::kStopping) {
    return done(Error{ACTORD_E_CLOSED, "the host is shutting down"});
  }
  if (reconcile_->busy()) {
    return done(
        Error{ACTORD_E_BUSY, "another change is still being applied; see: actorctl status"});
  }
  Checked desired = check(config_file_);
  std::string refusal;
  auto report = std::make_shared<ReloadReport>();
  report->generation = generation_;
  if (!desired.spec) {
    refusal = desired.report();
  } else {
    report->plan = plan_to(desired);
    if (report->plan.refused.has_errors()) {
      refusal = render(report->plan.refused, desired.files, desired.counts);
    }
  }
  if (!refusal.empty()) {
    if (!dry_run) remember(false, refusal);
    log::error("reload.refused", "reload refused; the running generation goes on\n" + refusal,
               {{"generation", generation_}});
    return done(Error{ACTORD_E_CONFIG, refusal});
  }
  report->old_builds = old_builds(desired.catalog, report->plan);
  if (dry_run) return done(*report);
  report->unchanged = report->plan.empty();
  if (report->unchanged) {
    files_ = std::move(desired.files);
    remember(true, "no changes");
    log::info("reload.unchanged", "reload: no changes", {{"generation", generation_}});
    return done(*report);
  }
  // Kept by the callback, which outlives this call.
  auto kept = std::make_shared<Checked>(std::move(desired));
  reconcile_->begin(report->plan, kept->catalog, Reconcile::OnRefusal::kEnd,
                    [this, kept, report, done](Reconcile::Outcome outcome) {
                      applied(std::move(*kept), report, std::move(outcome), done);
                    });
}

void Engine::applied(Checked desired, std::shared_ptr<ReloadReport> report,
                     Reconcile::Outcome outcome, std::function<void(Result<ReloadReport>)> done) {
  if (!outcome.problems.empty()) {
    const std::string text = joined(outcome.problems, "\n");
    log::error("reload.failed", "reload failed and is rolled back\n" + text,
               {{"generation", generation_}});
    return rolled_back(desired, text, std::move(done));
  }
  take_over(std::move(desired));
  report->generation = generation_;
  report->old_builds = old_builds(catalog_, report->plan);
  remember(true, print(report->plan));
  log::info("reload.done", "new generation is live", {{"generation", generation_}});
  done(*report);
}

void Engine::rolled_back(const Checked& failed, const std::string& text,
                         std::function<void(Result<ReloadReport>)> done) {
  Plan back = diff(*failed.spec, spec_);
  add_new_builds(back, failed.catalog, catalog_, spec_);
  reconcile_->begin(std::move(back), catalog_, Reconcile::OnRefusal::kEnd,
                    [this, text, done](Reconcile::Outcome outcome) {
                      std::string all = text + "\nrolled back: generation " +
                                        std::to_string(generation_) + " goes on";
                      if (!outcome.problems.empty())
                        all += ", but\n" + joined(outcome.problems, "\n");
                      remember(false, all);
                      log::warn("reload.rolled_back", all, {{"generation", generation_}});
                      done(Error{ACTORD_E_CONFIG, all});
                    });
}

// ---- shutdown ------------------------------------------------------------------------------------

void Engine::shutdown() {
  if (phase_ == Phase::kStopping) return;
  if (phase_ == Phase::kDraining) {
    log::warn("host.drain_cut", "second request to stop: not waiting any longer");
    cut_short_ = true;
    stop_everything();
    return;
  }
  log::info("host.drain", "shutting down: finishing what is under way",
            {{"drain_ms", spec_.host.drain_ms}});
  phase_ = Phase::kDraining;
  drain_until_ms_ = ports_.clock.now_ms() + spec_.host.drain_ms;
  stop_until_ms_ = ports_.clock.now_ms() + spec_.host.deadline_ms;
  // Sources stop producing first; then what is queued can run dry.
  runtime_->announce_shutdown();
  drain_on();
}

void Engine::stop_because(const std::string& reason) {
  if (phase_ == Phase::kDraining || phase_ == Phase::kStopping) return;
  log::error("host.stopped_by_policy", "a supervision policy ends the host", {{"cause", reason}});
  stop_exit_code_ = kExitFailed;
  shutdown();
}

void Engine::drain_on() {
  if (phase_ != Phase::kDraining) return;
  if (runtime_->quiet()) {
    stop_everything();
  } else if (ports_.clock.now_ms() >= drain_until_ms_) {
    log::warn("host.drain_timeout", "messages are still under way; the rest becomes dead letters",
              {{"in_flight", runtime_->counters().sums().in_flight()}});
    cut_short_ = true;
    stop_everything();
  } else {
    ports_.later(kQuietLookMs, [this] { drain_on(); });
  }
}

void Engine::stop_everything() {
  phase_ = Phase::kStopping;
  runtime_->outside().cancel_all();
  runtime_->tree().stop_all();
  const uint64_t now = ports_.clock.now_ms();
  const uint64_t left = stop_until_ms_ > now ? stop_until_ms_ - now : 1;
  when([this] { return runtime_->tree().stopped(); }, left,
       [this](bool stopped) {
         if (!stopped) {
           cut_short_ = true;
           name_those_left();
         }
         finish(cut_short_ ? kExitTimeout : stop_exit_code_);
       });
}

void Engine::name_those_left() {
  for (const ActorView& actor : runtime_->tree().list()) {
    if (actor.incarnation == 0) continue;
    log::error(
        "actor.abandoned", "actor did not stop in time and is abandoned",
        {{"actor", actor.path}, {"state", actor.state}, {"mailbox", actor.mailbox.messages}});
  }
}

void Engine::finish(int exit_code) {
  if (std::exchange(finished_, true)) return;
  // A thread that is inside an abandoned actor may come back to what would be torn down.
  if (exit_code == kExitOk && runtime_->tree().lingering() > 0) exit_code = kExitTimeout;
  runtime_->dead_letters().summarise(ports_.clock.now_ms(), true);
  const MessageSums sums = runtime_->counters().sums();
  const auto closed = log_->close();
  if (!closed) {
    log::error("store.close_failed", closed.error().text);
    exit_code = kExitStore;
  }
  log::info("host.stop", "stopped",
            {{"exit_code", exit_code}, {"handled", sums.handled}, {"dead_letters", sums.dead}});
  ports_.finished(exit_code);
}

// ---- changes -------------------------------------------------------------------------------------

void Engine::changed() {
  change_posted_.store(false);
  reconcile_->advance();
  settle_waiters();
}

void Engine::when(std::function<bool()> reached, uint64_t timeout_ms,
                  std::function<void(bool)> done) {
  const uint64_t id = ++last_waiter_;
  waiters_.push_back({id, std::move(reached), std::move(done)});
  if (timeout_ms != UINT64_MAX) {
    ports_.later(timeout_ms, [this, id] {
      const auto it = std::find_if(waiters_.begin(), waiters_.end(),
                                   [&](const Waiter& w) { return w.id == id; });
      if (it == waiters_.end()) return;
      const Waiter waiter = std::move(*it);
      waiters_.erase(it);
      waiter.done(waiter.reached());
    });
  }
  settle_waiters();
}

void Engine::settle_waiters() {
  // done may add waiters or call this again: take one out, then call it, then look anew.
  for (size_t i = 0; i < waiters_.size();) {
    if (!waiters_[i].reached()) {
      ++i;
      continue;
    }
    const Waiter waiter = std::move(waiters_[i]);
    waiters_.erase(waiters_.begin() + static_cast<std::ptrdiff_t>(i));
    waiter.done(true);
    i = 0;
  }
}

void Engine::file_changed(const std::string& path) {
  for (const ActorRef watcher : file_watches_.watchers(path)) runtime_->file_changed(watcher, path);
}

}  // namespace actord::host
