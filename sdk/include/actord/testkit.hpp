// The TestKit: a host for tests. One thread, a clock that moves when told, randomness from a seed, a
// store that survives crash(). It runs kinds compiled into the test or a built .so, by the same ABI
// as the daemon.
//
//   Kit kit;
//   kit.load("build/plugins/greeter.so");            // or kit.offer("greeter", Kind<Greeter>("Greeter"))
//   kit.add("/greeter", "greeter.Greeter", R"({"greeting":"ciao"})");
//   Probe& stats = kit.probe("/stats");               // an actor that only remembers what it gets
//   auto answer = kit.ask("/greeter", "greeter.Greet", R"({"name":"Ada"})");
//   kit.advance(500ms);                               // fires timers, runs what follows
//   kit.crash();                                      // everything volatile is gone
//   kit.restart();                                    // the actors added come back from the store
//
// A turn is a transaction here as well: its effects happen when it has succeeded and its events are
// committed. Commits are immediate unless hold_commits(true); then commit() makes the oldest waiting
// turn durable, and crash() forgets the rest. A failed turn makes its message a dead letter and the
// instance is made anew from the store, at once; after restarts_max failures the actor is parked. A parent
// that decides by code (child_failed) is asked first; a child whose start fails is parked without asking.
//
// Not here: backoff, mailbox limits, more than one thread.
#pragma once

#include <dlfcn.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "actord/abi.h"
#include "actord/bytes.hpp"
#include "actord/ext/ask.h"
#include "actord/ext/files.h"
#include "actord/ext/inlet.h"
#include "actord/ext/mailbox.h"
#include "actord/ext/persist.h"
#include "actord/ext/registry.h"
#include "actord/ext/spawn.h"
#include "actord/ext/stash.h"
#include "actord/ext/supervise.h"
#include "actord/ext/timers.h"
#include "actord/ext/topics.h"
#include "actord/ref.hpp"
#include "actord/status_name.hpp"
#include "actord/testkit/tag_board.hpp"

namespace actord::testkit {

// A message on its way, or one that arrived at a probe.
struct Mail {
  uint32_t kind = ACTORD_MSG_USER;
  std::string type, payload, content_type, topic, key, text, to_path;
  Ref to, from, reply_to;
  uint64_t id = 0, causation = 0, token = 0, deadline_ms = 0, ask = 0;
  int32_t reason = 0;
  uint32_t hops = 0, flags = 0;
  uint64_t timer_generation = 0;
};

struct DeadLetter {
  int32_t reason = 0;  // ACTORD_DEAD_*
  std::string text;
  std::string to_path;
  Mail mail;
};

struct LogLine {
  int32_t level = 0;
  std::string path;
  std::string text;
};

struct StoredEvent {
  uint64_t seq = 0;
  uint32_t version = 0;
  int64_t unix_ms = 0;
  std::string type, body;
};

struct Snapshot {
  uint64_t seq = 0;
  uint32_t version = 0;
  std::string body;
};

// What is durable of one actor.
struct Stored {
  std::vector<StoredEvent> events;
  std::optional<Snapshot> snapshot;
};

struct Probe {
  Ref ref;
  std::vector<Mail> mail;
};

class Kit;

namespace detail {

enum class Phase : uint8_t { kCreate, kApply, kRecovered, kStart, kReceive, kStop };

struct Cell {
  Ref ref;
  Ref parent;
  std::string path, kind_name, settings, store_id;
  const actord_kind* kind = nullptr;
  const actord_actor_persist* persist = nullptr;
  const actord_actor_supervise* supervise = nullptr;
  void* self = nullptr;
  std::deque<Mail> urgent, mailbox, stash;
  std::vector<std::string> patterns, files;
  std::vector<Ref> watchers, links;
  // Of the instance: whose end it is to be told of, and the message it wants then.
  std::vector<std::pair<Ref, std::optional<Mail>>> watching;
  uint64_t seq = 0;  // newest event recorded or applied
  uint64_t snapshot_seq = 0;
  uint64_t timer_generation = 0;
  std::map<std::string, uint64_t> timers;  // key -> generation of the armed one
  uint32_t held = 0;                       // turns that wait for their commit
  uint32_t restarts = 0;
  bool parked = false;
  bool suspended = false;  // has failed; its parent has not decided yet
  bool paused = false;     // by suspend(), until resume()
  std::string parked_because;
  std::unique_ptr<Probe> probe;
};

struct Turn {
  Kit& kit;
  Cell& cell;
  Phase phase;
  const Mail* mail = nullptr;
  std::vector<std::function<void()>> effects = {};
  std::vector<StoredEvent> events = {};
  std::vector<DeadLetter> letters = {};
  std::string error = {};
  actord_status event_status = ACTORD_OK;
  bool stop = false;
  bool snapshot = false;
  std::shared_ptr<std::vector<uint64_t>> unstashed = {};  // of its one unstash effect

  bool may_record() const { return phase >= Phase::kRecovered; }
};

struct Buffer {
  uint32_t references = 1;
  std::string bytes;
};

// Pattern: segments split by '.' or '/', '*' = zero or more segments, '?' = exactly one.
inline std::vector<std::string> segments_of(std::string_view text) {
  std::vector<std::string> segments(1);
  for (const char c : text) {
    if (c == '.' || c == '/') {
      segments.emplace_back();
    } else {
      segments.back() += c;
    }
  }
  return segments;
}
inline bool matches(const std::vector<std::string>& pattern, std::size_t p,
                    const std::vector<std::string>& topic, std::size_t t) {
  if (p == pattern.size()) return t == topic.size();
  if (pattern[p] == "*") {
    for (std::size_t rest = t; rest <= topic.size(); ++rest) {
      if (matches(pattern, p + 1, topic, rest)) return true;
    }
    return false;
  }
  return t < topic.size() && (pattern[p] == "?" || pattern[p] == topic[t]) &&
         matches(pattern, p + 1, topic, t + 1);
}

}  // namespace detail

class Kit {
 public:
  using Milliseconds = std::chrono::milliseconds;

  explicit Kit(uint64_t seed = 1) : random_(seed) { fill_tables(); }
  Kit(const Kit&) = delete;
  Kit& operator=(const Kit&) = delete;
  ~Kit() { crash(); }

  // ---- kinds ----

  // Adds the kinds of a plugin. Throws std::runtime_error with the loader's words.
  void load(const std::string& file) {
    void* library =
        ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);  // never closed, as in the daemon
    if (library == nullptr) throw std::runtime_error(::dlerror());
    void* symbol = ::dlsym(library, ACTORD_PLUGIN_ENTRY_SYMBOL);
    if (symbol == nullptr) throw std::runtime_error(file + " is no actord plugin");
    offer(*reinterpret_cast<actord_plugin_entry_fn>(symbol)());
  }
  void offer(const actord_plugin& plugin) {
    const auto* at = reinterpret_cast<const char*>(plugin.kinds);
    for (uint32_t i = 0; i < plugin.kind_count; ++i, at += plugin.kind_stride) {
      const auto* kind = reinterpret_cast<const actord_kind*>(at);
      kinds_[to_string(plugin.id) + "." + to_string(kind->name)] = kind;
    }
    if (plugin.init != nullptr) plugin.init(&api_);
  }
  void offer(const std::string& plugin, const actord_kind& kind) {
    own_kinds_.push_back(kind);
    kinds_[plugin + "." + to_string(kind.name)] = &own_kinds_.back();
  }
  // From now on get_extension answers NULL for id.
  void withhold(const std::string& id) { withheld_.insert(id); }

  // ---- the topology ----

  // Starts an actor as the topology would; it comes back with restart().
  Ref add(const std::string& path, const std::string& kind, const std::string& settings = "{}",
          const std::string& store_id = "") {
    declared_.push_back({path, kind, settings, store_id});
    return begin(reserve(), Ref(), path, kind, settings, store_id);
  }
  void subscribe(const std::string& pattern, const std::string& path) {
    subscriptions_.push_back({pattern, path});
  }
  // As `tags: [..]` of the topology; it comes back with restart().
  void tag(const std::string& path, const std::string& tag) {
    declared_tags_.emplace_back(path, tag);
    if (Cell* cell = find(path)) tags_.add(cell->ref, path, tag, true);
  }
  std::vector<Ref> tagged(const std::string& tag) const { return tags_.carriers(tag); }
  // An actor of the test's own: it handles nothing and remembers all. Valid until crash().
  Probe& probe(const std::string& path) {
    const Ref ref = reserve();
    detail::Cell& cell = new_cell(ref, Ref(), path);
    cell.probe = std::make_unique<Probe>();
    cell.probe->ref = ref;
    return *cell.probe;
  }

  // ---- input ----

  void send(const std::string& path, std::string type, std::string payload = "{}", Ref from = {}) {
    Mail mail;
    mail.to_path = path;
    mail.type = std::move(type);
    mail.payload = std::move(payload);
    mail.from = from;
    mail.reply_to = from;
    deliver(std::move(mail));
  }
  // A message with all that belongs to it; to or to_path, type and payload at least.
  void send(Mail mail) { deliver(std::move(mail)); }
  // What a probe has received is answered: an ask settles, anything else goes to its reply_to.
  void answer(const Mail& request, std::string type, std::string payload = "{}") {
    Mail mail;
    mail.from = request.to;
    mail.type = std::move(type);
    mail.payload = std::move(payload);
    if (request.ask != 0) return answer_ask(request.ask, std::move(mail));
    mail.to = request.reply_to;
    if (mail.to) deliver(std::move(mail));
  }
  void publish(const std::string& topic, std::string type, std::string payload = "{}") {
    Mail mail;
    mail.topic = topic;
    mail.type = std::move(type);
    mail.payload = std::move(payload);
    spread(std::move(mail));
  }
  // Runs until the answer is there. kind is REPLY, or ASK_FAILED with reason and text.
  Mail ask(const std::string& path, std::string type, std::string payload = "{}",
           Milliseconds timeout = Milliseconds(5000)) {
    const uint64_t number = begin_ask(path, std::move(type), std::move(payload), timeout);
    const uint64_t until = now_ms_ + static_cast<uint64_t>(timeout.count()) + 1;
    while (!answers_.contains(number)) {
      if (step()) continue;
      if (!pass_time(until)) break;
    }
    return take_answer(number).value();
  }
  // For tests that want to act before the answer comes.
  uint64_t begin_ask(const std::string& path, std::string type, std::string payload,
                     Milliseconds timeout) {
    Mail mail;
    mail.to_path = path;
    mail.type = std::move(type);
    mail.payload = std::move(payload);
    mail.ask = ++asks_made_;
    mail.deadline_ms = now_ms_ + static_cast<uint64_t>(timeout.count());
    const uint64_t number = mail.ask;
    pending_[number] = {Ref(), mail.deadline_ms};
    deliver(std::move(mail));
    return number;
  }
  std::optional<Mail> take_answer(uint64_t number) {
    auto found = answers_.extract(number);
    if (found.empty()) return std::nullopt;
    return std::move(found.mapped());
  }
  // Tells watchers of the file.
  void touch(const std::string& file) {
    for (detail::Cell& cell : cells_) {
      for (const std::string& watched : cell.files) {
        if (watched == file) notice(cell.ref, ACTORD_MSG_FILE_CHANGED, file, {}, 0, 0, "");
      }
    }
  }
  void shutdown_soon() {
    for (detail::Cell& cell : cells_) {
      if (!cell.probe) notice(cell.ref, ACTORD_MSG_SHUTDOWN_SOON, "", {}, 0, 0, "");
    }
  }

  // ---- running ----

  // One turn, if any actor can run. With shuffle, a random one of those that can.
  bool step() {
    fire_due();
    detail::Cell* chosen = pick();
    if (chosen == nullptr) return false;
    turn_of(*chosen);
    return true;
  }
  // Until nothing is left to do at this time. Throws after `limit` turns: something runs in circles.
  void run(uint64_t limit = 10'000'000) {
    while (step()) {
      if (limit-- == 0)
        throw std::runtime_error(
            "TestKit: still busy; an endless loop of messages or 0 ms timers?");
    }
  }
  // Lets time pass, timer by timer, and runs what they start.
  void advance(Milliseconds time) {
    const uint64_t until = now_ms_ + static_cast<uint64_t>(time.count());
    run();
    while (pass_time(until)) run();
  }
  void shuffle(bool on) { shuffle_ = on; }
  uint64_t random() {
    uint64_t z = (random_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }

  // ---- durability ----

  void hold_commits(bool on) {
    hold_ = on;
    while (!on && commit()) {}
  }
  // Makes the oldest waiting turn durable and lets its effects happen.
  bool commit() {
    if (held_.empty()) return false;
    Held turn = std::move(held_.front());
    held_.pop_front();
    Stored& stored = store_[turn.store_id];
    for (StoredEvent& event : turn.events) stored.events.push_back(std::move(event));
    for (DeadLetter& letter : turn.letters) bury(std::move(letter));
    if (turn.snapshot) stored.snapshot = std::move(turn.snapshot);
    if (detail::Cell* cell = find(turn.ref)) --cell->held;
    for (auto& effect : turn.effects) effect();
    return true;
  }
  // kill -9: instances, mailboxes, timers and waiting turns are gone. The store is not.
  void crash() {
    for (detail::Cell& cell : cells_) end_instance(cell);
    cells_.clear();
    held_.clear();
    timers_.clear();
    pending_.clear();
    answers_.clear();
    tags_.clear();
  }
  // The actors added come back, in their order; probes do not.
  void restart() {
    const auto declared = declared_;
    for (const Declared& actor : declared) {
      begin(reserve(), Ref(), actor.path, actor.kind, actor.settings, actor.store_id);
    }
  }
  // Snapshots by themselves, every so many events. 0: only when asked for.
  void snapshot_every(uint64_t events) { snapshot_every_ = events; }
  void restarts_max(uint32_t restarts) { restarts_max_ = restarts; }

  // ---- what happened ----

  uint64_t now_ms() const { return now_ms_; }
  const std::vector<DeadLetter>& letters() const { return letters_; }
  const std::vector<LogLine>& logs() const { return logs_; }
  const Stored& stored(const std::string& store_id) { return store_[store_id]; }
  uint32_t restarts(const std::string& path) { return at(path).restarts; }
  // Why it is parked; empty when it is not.
  std::string parked(const std::string& path) {
    return at(path).parked ? at(path).parked_because : std::string();
  }
  bool lives(const std::string& path) { return find(path) != nullptr; }
  Ref ref(const std::string& path) { return at(path).ref; }
  // As `actorctl suspend` and `resume`.
  void suspend(const std::string& path) { at(path).paused = true; }
  void resume(const std::string& path) { at(path).paused = false; }
  // Ends an actor, as an operator would.
  void stop(const std::string& path) { end_actor(at(path).ref, ACTORD_STOP_NORMAL); }
  // What is durable, open to damage.
  std::map<std::string, Stored>& store() { return store_; }
  // Fault: a message for which this answers true is lost on its way.
  std::function<bool(const Mail&)> lose;

 private:
  using Cell = detail::Cell;
  using Turn = detail::Turn;
  using Phase = detail::Phase;

  struct Declared {
    std::string path, kind, settings, store_id;
  };
  struct Subscription {
    std::string pattern, path;
  };
  struct Held {
    Ref ref;
    std::string store_id;
    std::vector<StoredEvent> events;
    std::vector<DeadLetter> letters;
    std::optional<Snapshot> snapshot;
    std::vector<std::function<void()>> effects;
  };
  struct Timer {
    uint64_t due_ms = 0, period_ms = 0, generation = 0, order = 0;
    Ref cell;
    std::string key, payload;
  };
  struct PendingAsk {
    Ref asker;  // nobody: the test
    uint64_t deadline_ms = 0;
  };
  struct InletHandle {
    Kit* kit;
    Ref cell;
  };

  // ---- cells ----

  Ref reserve() { return Ref(++slots_, 1); }

  Cell* find(Ref ref) {
    for (Cell& cell : cells_) {
      if (cell.ref == ref) return &cell;
    }
    return nullptr;
  }
  Cell* find(const std::string& path) {
    for (Cell& cell : cells_) {
      if (cell.path == path) return &cell;
    }
    return nullptr;
  }
  Cell& at(const std::string& path) {
    Cell* cell = find(path);
    if (cell == nullptr) throw std::runtime_error("TestKit: no actor " + path);
    return *cell;
  }

  Cell& new_cell(Ref ref, Ref parent, const std::string& path) {
    cells_.emplace_back();
    Cell& cell = cells_.back();
    begun_.insert(ref.slot);
    cell.ref = ref;
    cell.parent = parent;
    cell.path = path;
    return cell;
  }

  Ref begin(Ref ref, Ref parent, const std::string& path, const std::string& kind,
            const std::string& settings, const std::string& store_id) {
    const auto found = kinds_.find(kind);
    if (found == kinds_.end()) throw std::runtime_error("TestKit: no kind " + kind);
    Cell& cell = new_cell(ref, parent, path);
    cell.kind_name = kind;
    cell.settings = settings.empty() ? "{}" : settings;
    cell.store_id = store_id.empty() ? path : store_id;
    cell.kind = found->second;
    if (cell.kind->get_extension != nullptr) {
      cell.persist = static_cast<const actord_actor_persist*>(
          cell.kind->get_extension(ACTORD_EXT_ACTOR_PERSIST));
      cell.supervise = static_cast<const actord_actor_supervise*>(
          cell.kind->get_extension(ACTORD_EXT_ACTOR_SUPERVISE));
    }
    for (const auto& [owner, tag] : declared_tags_) {
      if (owner == path) tags_.add(ref, path, tag, true);
    }
    make_instance(cell);
    return ref;
  }

  // create, snapshot, events, recovered, start. A failure parks the actor: it never starts empty.
  void make_instance(Cell& cell) {
    actord_view error{};
    actord_create_args args{};
    args.struct_size = sizeof(args);
    args.host = &api_;
    args.kind = to_view(cell.kind_name);
    args.path = to_view(cell.path);
    args.settings = to_view(cell.settings);
    args.error = &error;
    if (const actord_status status = cell.kind->create(&args, &cell.self); status != ACTORD_OK) {
      cell.self = nullptr;
      return park(cell, "create", status, to_string(error));
    }
    if (cell.persist != nullptr && !hydrate(cell)) return;
    if (cell.persist != nullptr && cell.persist->recovered != nullptr) {
      if (!lifecycle(cell, Phase::kRecovered)) return;
    }
    lifecycle(cell, Phase::kStart);
  }

  bool hydrate(Cell& cell) {
    const Stored& stored = store_[cell.store_id];
    cell.seq = 0;
    if (stored.snapshot && cell.persist->snapshot_load != nullptr) {
      const actord_status status = cell.persist->snapshot_load(cell.self, stored.snapshot->version,
                                                               to_view(stored.snapshot->body));
      if (status != ACTORD_OK) return park(cell, "snapshot_load", status, ""), false;
      cell.seq = cell.snapshot_seq = stored.snapshot->seq;
    }
    for (const StoredEvent& event : stored.events) {
      if (event.seq <= cell.seq) continue;
      if (const actord_status status = apply(cell, event); status != ACTORD_OK) {
        return park(cell, "apply_event", status, ""), false;
      }
      cell.seq = event.seq;
    }
    return true;
  }

  static actord_status apply(Cell& cell, const StoredEvent& event) {
    actord_event view{};
    view.struct_size = sizeof(view);
    view.version = event.version;
    view.seq = event.seq;
    view.unix_ms = event.unix_ms;
    view.type = to_view(event.type);
    view.body = to_view(event.body);
    return cell.persist->apply_event(cell.self, &view);
  }

  bool lifecycle(Cell& cell, Phase phase) {
    Turn turn{*this, cell, phase};
    const actord_status status = phase == Phase::kStart
                                     ? cell.kind->start(cell.self, raw(turn))
                                     : cell.persist->recovered(cell.self, raw(turn));
    if (status < 0)
      return park(cell, phase == Phase::kStart ? "start" : "recovered", status, turn.error), false;
    seal(turn);
    return true;
  }

  void park(Cell& cell, const std::string& where, actord_status status, const std::string& text) {
    end_instance(cell);
    cell.parked = true;
    cell.parked_because =
        where + ": " + std::string(status_name(status)) + (text.empty() ? "" : ": " + text);
    logs_.push_back({ACTORD_LOG_ERROR, cell.path, "parked: " + cell.parked_because});
  }

  void end_instance(Cell& cell) {
    if (cell.self != nullptr) cell.kind->destroy(cell.self);
    cell.self = nullptr;
    cell.suspended = false;
    cell.timers.clear();
    cell.patterns.clear();
    cell.files.clear();
    cell.watching.clear();
    tags_.end_instance(cell.ref);
    std::erase_if(timers_, [&](const Timer& timer) { return timer.cell == cell.ref; });
    std::erase_if(pending_, [&](const auto& ask) {
      return ask.second.asker == cell.ref && cell.kind != nullptr;
    });
  }

  void stop_children(Ref parent, int32_t reason) {
    std::vector<Ref> children;
    for (const Cell& cell : cells_) {
      if (cell.parent == parent && parent) children.push_back(cell.ref);
    }
    for (auto child = children.rbegin(); child != children.rend(); ++child)
      end_actor(*child, reason);
  }

  void end_actor(Ref ref, int32_t reason) {
    Cell* cell = find(ref);
    if (cell == nullptr) return;
    stop_children(ref, reason);
    settle_commits(ref);
    if (cell->self != nullptr && !cell->suspended) {
      Turn turn{*this, *cell, Phase::kStop};
      cell->kind->stop(cell->self, raw(turn), reason);
      seal(turn);
      settle_commits(ref);
    }
    end_instance(*cell);
    const auto it =
        std::find_if(cells_.begin(), cells_.end(), [&](const Cell& c) { return c.ref == ref; });
    std::list<Cell> gone;
    gone.splice(gone.begin(), cells_, it);
    tags_.end(ref);
    for (auto* lane : {&gone.front().urgent, &gone.front().stash, &gone.front().mailbox}) {
      for (Mail& mail : *lane)
        dead(std::move(mail), ACTORD_DEAD_STOPPED, "the actor has stopped", gone.front().path);
    }
    for (const Ref watcher : gone.front().watchers)
      notice(watcher, ACTORD_MSG_TERMINATED, "", ref, 0, reason, "");
    for (const Ref other : gone.front().links) {
      Cell* peer = find(other);
      if (peer == nullptr) continue;
      std::erase(peer->links, ref);
      if (reason == ACTORD_STOP_FAILED) end_actor(other, ACTORD_STOP_FAILED);
    }
  }

  // ---- messages ----

  void deliver(Mail mail) {
    if (mail.id == 0) mail.id = ++mail_ids_;
    if (lose && lose(mail)) return;
    if (mail.hops > 100) {  // as abi.h says
      const std::string path = mail.to_path;
      return dead(std::move(mail), ACTORD_DEAD_HOP_LIMIT, "published or forwarded too often", path);
    }
    Cell* cell = mail.to ? find(mail.to) : find(mail.to_path);
    if (cell == nullptr) {
      const bool lived = begun_.contains(mail.to.slot);
      const int32_t why = !mail.to ? ACTORD_DEAD_NO_SUCH_ACTOR
                          : lived  ? ACTORD_DEAD_STOPPED
                                   : ACTORD_DEAD_STALE_INCARNATION;
      const std::string path = mail.to_path;
      return dead(std::move(mail), why, "nobody lives there", path);
    }
    mail.to = cell->ref;
    if (cell->probe) {
      cell->probe->mail.push_back(std::move(mail));
    } else if ((mail.flags & ACTORD_SEND_URGENT) != 0) {
      cell->urgent.push_back(std::move(mail));
    } else {
      cell->mailbox.push_back(std::move(mail));
    }
  }

  void spread(Mail mail) {
    std::vector<Ref> targets;
    const auto topic = detail::segments_of(mail.topic);
    const auto add_target = [&](const std::string& pattern, const Cell* cell) {
      if (cell == nullptr || !detail::matches(detail::segments_of(pattern), 0, topic, 0)) return;
      if (std::find(targets.begin(), targets.end(), cell->ref) == targets.end())
        targets.push_back(cell->ref);
    };
    for (const Subscription& subscription : subscriptions_)
      add_target(subscription.pattern, find(subscription.path));
    for (const Cell& cell : cells_) {
      for (const std::string& pattern : cell.patterns) add_target(pattern, &cell);
    }
    if (targets.empty())
      return dead(std::move(mail), ACTORD_DEAD_NO_SUBSCRIBER, "nobody subscribes", "");
    for (const Ref target : targets) {
      Mail copy = mail;
      copy.id = 0;
      copy.to = target;
      deliver(std::move(copy));
    }
  }

  void notice(Ref to, uint32_t kind, const std::string& type, Ref from, uint64_t token,
              int32_t reason, const std::string& text) {
    Cell* cell = find(to);
    if (cell == nullptr) return;
    Mail mail;
    mail.kind = kind;
    mail.type = type;
    mail.from = from;
    mail.token = token;
    mail.reason = reason;
    mail.text = text;
    mail.flags = ACTORD_SEND_URGENT;
    mail.to = to;
    deliver(std::move(mail));
  }

  void dead(Mail mail, int32_t reason, const std::string& text, const std::string& path) {
    if (mail.kind != ACTORD_MSG_USER) return;
    bury({reason, text, path, std::move(mail)});
  }

  void bury(DeadLetter letter) {
    const Mail& mail = letter.mail;
    if ((mail.flags & ACTORD_SEND_NOTIFY) != 0) {
      notice(mail.from, ACTORD_MSG_UNDELIVERED, mail.type, letter.mail.to, mail.token,
             letter.reason, letter.text);
    }
    if (mail.ask != 0) fail_ask(mail.ask, letter.reason, letter.text);
    letters_.push_back(std::move(letter));
  }

  void answer_ask(uint64_t number, Mail reply) {
    const auto pending = pending_.extract(number);
    if (pending.empty()) return;  // late: nobody waits any more
    reply.kind = ACTORD_MSG_REPLY;
    reply.token = number;
    finish_ask(number, pending.mapped().asker, std::move(reply));
  }

  void fail_ask(uint64_t number, int32_t reason, const std::string& text) {
    const auto pending = pending_.extract(number);
    if (pending.empty()) return;
    Mail failed;
    failed.kind = ACTORD_MSG_ASK_FAILED;
    failed.token = number;
    failed.reason = reason;
    failed.text = text;
    finish_ask(number, pending.mapped().asker, std::move(failed));
  }

  void finish_ask(uint64_t number, Ref asker, Mail mail) {
    if (!asker) {
      answers_[number] = std::move(mail);
      return;
    }
    mail.to = asker;
    if (find(asker) != nullptr) deliver(std::move(mail));
  }

  // ---- turns ----

  Cell* pick() {
    std::vector<Cell*> ready;
    for (Cell& cell : cells_) {
      if (cell.self != nullptr && !cell.suspended && !cell.paused &&
          (!cell.urgent.empty() || !cell.mailbox.empty()))
        ready.push_back(&cell);
    }
    if (ready.empty()) return nullptr;
    if (shuffle_) return ready[random() % ready.size()];
    const auto oldest = [](const Cell* cell) {
      return cell->urgent.empty() ? cell->mailbox.front().id : cell->urgent.front().id;
    };
    return *std::min_element(ready.begin(), ready.end(),
                             [&](const Cell* a, const Cell* b) { return oldest(a) < oldest(b); });
  }

  void turn_of(Cell& cell) {
    auto& lane = cell.urgent.empty() ? cell.mailbox : cell.urgent;
    Mail mail = std::move(lane.front());
    lane.pop_front();
    if (mail.kind == ACTORD_MSG_TIMER && !timer_is_current(cell, mail)) return;
    if (mail.kind == ACTORD_MSG_TERMINATED && !death_is_awaited(cell, mail)) return;
    if (mail.kind == ACTORD_MSG_LISTED && !tags_.follows(cell.ref, mail.type, mail.token)) return;
    if (mail.deadline_ms != 0 && now_ms_ >= mail.deadline_ms) {
      return dead(std::move(mail), ACTORD_DEAD_EXPIRED, "expired before it was handled", cell.path);
    }
    Turn turn{*this, cell, Phase::kReceive, &mail};
    const actord_message view = view_of(mail);
    const actord_status status = cell.kind->receive(cell.self, raw(turn), &view);
    finish(turn, status, std::move(mail));
  }

  // A notice is let in once. It comes in the watcher's own words, where it gave some.
  static bool death_is_awaited(Cell& cell, Mail& mail) {
    const auto it = std::find_if(cell.watching.begin(), cell.watching.end(),
                                 [&](const auto& one) { return one.first == mail.from; });
    if (it == cell.watching.end()) return false;
    if (std::optional<Mail> chosen = std::move(it->second)) {
      chosen->id = mail.id;
      chosen->from = mail.from;
      chosen->to = mail.to;
      chosen->reply_to = Ref();
      chosen->reason = mail.reason;
      mail = std::move(*chosen);
    }
    cell.watching.erase(it);
    return true;
  }

  void finish(Turn& turn, actord_status status, Mail mail) {
    Cell& cell = turn.cell;
    if (status == ACTORD_OK && turn.event_status != ACTORD_OK) status = turn.event_status;
    if (status < 0) return fail(cell, std::move(mail), status, turn.error);
    if (status == ACTORD_DEFER && mail.kind == ACTORD_MSG_TERMINATED)
      cell.watching.emplace_back(mail.from, std::nullopt);  // awaited again
    if (status == ACTORD_DEFER) cell.stash.push_back(mail);
    if (status == ACTORD_STOP) turn.stop = true;
    if (status == ACTORD_UNHANDLED) {
      turn.effects.push_back([this, mail, path = cell.path]() mutable {
        dead(std::move(mail), ACTORD_DEAD_UNHANDLED, "the actor does not know this message", path);
      });
    }
    seal(turn);
  }

  struct Failed {
    actord_status status = ACTORD_OK;
    std::string text, type;
    uint64_t message_id = 0;
  };

  void fail(Cell& cell, Mail mail, actord_status status, const std::string& text) {
    Failed failed{status, text, mail.type, mail.id};
    dead(std::move(mail), ACTORD_DEAD_HANDLER_FAILED, text, cell.path);
    fail(cell, failed);
  }

  void fail(Cell& cell, const Failed& failed) {
    logs_.push_back({ACTORD_LOG_ERROR, cell.path,
                     std::string(status_name(failed.status)) + ": " + failed.text});
    Cell* parent = parent_of(cell);
    const bool asked = parent != nullptr && parent->supervise != nullptr &&
                       parent->self != nullptr && !parent->suspended;
    if (!asked) return start_anew(cell, failed);
    cell.suspended = true;
    ask_parent(*parent, cell, failed);
  }

  Cell* parent_of(const Cell& cell) {
    if (cell.parent) return find(cell.parent);
    const std::size_t end = cell.path.rfind('/');
    return end == 0 ? nullptr : find(cell.path.substr(0, end));
  }

  static uint32_t class_of(actord_status status) {
    switch (status) {
      case ACTORD_FAIL_TRANSIENT: return ACTORD_FAILURE_TRANSIENT;
      case ACTORD_FAIL_POISON: return ACTORD_FAILURE_POISON;
      case ACTORD_FAIL_CONFIG: return ACTORD_FAILURE_CONFIG;
      case ACTORD_FAIL_TIMEOUT: return ACTORD_FAILURE_TIMEOUT;
      default: return ACTORD_FAILURE_PERMANENT;
    }
  }

  void ask_parent(Cell& parent, const Cell& child, const Failed& failed) {
    actord_child_failure failure{};
    failure.struct_size = sizeof(failure);
    failure.failure_class = class_of(failed.status);
    failure.child = child.ref;
    failure.path = to_view(child.path);
    failure.kind = to_view(child.kind_name);
    failure.status = failed.status;
    failure.attempt = failed.message_id == 0 ? 0 : 1;
    failure.text = to_view(failed.text);
    failure.message_type = to_view(failed.type);
    failure.message_id = failed.message_id;
    failure.restarts = failure.restarts_in_window = child.restarts;
    failure.resumable = 1;
    Turn turn{*this, parent, Phase::kReceive};
    uint32_t directive = ACTORD_DIRECTIVE_DEFAULT;
    actord_status status = parent.supervise->decide(parent.self, raw(turn), &failure, &directive);
    if (status >= 0 && turn.event_status != ACTORD_OK) status = turn.event_status;
    if (status < 0) {
      direct(child.ref, ACTORD_DIRECTIVE_DEFAULT, failed);
      return fail(parent, Failed{status, turn.error, "", 0});
    }
    if (status == ACTORD_STOP) turn.stop = true;
    turn.effects.push_back(
        [this, ref = child.ref, directive, failed] { direct(ref, directive, failed); });
    seal(turn);
  }

  void direct(Ref ref, uint32_t directive, const Failed& failed) {
    Cell* cell = find(ref);
    if (cell == nullptr || !cell->suspended) return;
    switch (directive) {
      case ACTORD_DIRECTIVE_RESUME: cell->suspended = false; return;
      case ACTORD_DIRECTIVE_STOP: return end_actor(ref, ACTORD_STOP_FAILED);
      case ACTORD_DIRECTIVE_PARK: return park(*cell, "receive", failed.status, failed.text);
      case ACTORD_DIRECTIVE_ESCALATE: {
        Cell* parent = parent_of(*cell);
        const std::string text = "child " + cell->path + " failed: " + failed.text;
        start_anew(*cell, failed);  // what the parent has spawned ends with it, in a moment
        return fail(*parent, Failed{failed.status, text, "", 0});
      }
      default: return start_anew(*cell, failed);
    }
  }

  void start_anew(Cell& cell, const Failed& failed) {
    settle_commits(cell.ref);
    cell.watching.clear();  // its successor watches for itself
    stop_children(cell.ref, ACTORD_STOP_NORMAL);
    if (++cell.restarts > restarts_max_) return park(cell, "receive", failed.status, failed.text);
    end_instance(cell);
    std::move(cell.stash.rbegin(), cell.stash.rend(), std::front_inserter(cell.mailbox));
    cell.stash.clear();
    make_instance(cell);
  }

  // The next instance hydrates from what is durable, so what succeeded must be.
  void settle_commits(Ref ref) {
    // Looked up each time: what a commit releases may end the actor.
    for (const Cell* cell = find(ref); cell != nullptr && cell->held > 0 && commit();
         cell = find(ref)) {}
  }

  void seal(Turn& turn) {
    Cell& cell = turn.cell;
    if (turn.stop) {
      turn.effects.push_back([this, ref = cell.ref] { end_actor(ref, ACTORD_STOP_NORMAL); });
    }
    Held held{cell.ref,     cell.store_id,          std::move(turn.events), std::move(turn.letters),
              std::nullopt, std::move(turn.effects)};
    const bool due = snapshot_every_ != 0 && cell.seq >= cell.snapshot_seq + snapshot_every_;
    if ((turn.snapshot || due) && cell.persist != nullptr &&
        cell.persist->snapshot_save != nullptr) {
      held.snapshot = save(cell);
    }
    const bool durable = !held.events.empty() || !held.letters.empty() || held.snapshot;
    if (!durable && cell.held == 0) {
      for (auto& effect : held.effects) effect();
      return;
    }
    ++cell.held;
    held_.push_back(std::move(held));
    if (!hold_) settle_commits(cell.ref);
  }

  Snapshot save(Cell& cell) {
    Snapshot snapshot{cell.seq, cell.kind->state_version, {}};
    const actord_status status = cell.persist->snapshot_save(
        cell.self, reinterpret_cast<actord_writer*>(&snapshot.body), &persist_);
    if (status != ACTORD_OK)
      throw std::runtime_error("TestKit: snapshot_save of " + cell.path + " failed");
    cell.snapshot_seq = cell.seq;
    return snapshot;
  }

  actord_message view_of(const Mail& mail) const {
    actord_message view{};
    view.struct_size = sizeof(view);
    view.kind = mail.kind;
    view.type = to_view(mail.type);
    view.payload = to_view(mail.payload);
    view.content_type = to_view(mail.content_type);
    view.topic = to_view(mail.topic);
    view.key = to_view(mail.key);
    view.from = mail.from;
    view.reply_to = mail.reply_to;
    view.message_id = mail.id;
    view.causation_id = mail.causation;
    view.token = mail.kind == ACTORD_MSG_LISTED ? 0 : mail.token;  // the kit's own number
    view.deadline_ms = mail.deadline_ms;
    view.reason = mail.reason;
    view.hops = mail.hops;
    view.attempt = 1;
    view.expects_reply = mail.ask != 0 && mail.kind == ACTORD_MSG_USER ? 1 : 0;
    view.text = to_view(mail.text);
    return view;
  }

  // ---- time ----

  bool timer_is_current(Cell& cell, const Mail& mail) {
    const auto armed = cell.timers.find(mail.type);
    if (armed == cell.timers.end() || armed->second != mail.timer_generation) return false;
    const bool periodic = std::any_of(timers_.begin(), timers_.end(), [&](const Timer& timer) {
      return timer.cell == cell.ref && timer.generation == mail.timer_generation;
    });
    if (!periodic) cell.timers.erase(armed);
    return true;
  }

  std::optional<uint64_t> next_due() const {
    std::optional<uint64_t> due;
    for (const Timer& timer : timers_) due = due ? std::min(*due, timer.due_ms) : timer.due_ms;
    for (const auto& [number, ask] : pending_)
      due = due ? std::min(*due, ask.deadline_ms) : ask.deadline_ms;
    return due;
  }

  // To the next timer, or to `until`. False when `until` has been reached before.
  bool pass_time(uint64_t until) {
    if (now_ms_ >= until) return false;
    const auto due = next_due();
    now_ms_ = due ? std::max(now_ms_, std::min(*due, until)) : until;
    fire_due();
    return true;
  }

  void fire_due() {
    for (auto ask = pending_.begin(); ask != pending_.end();) {
      const auto [number, pending] = *ask++;
      if (pending.deadline_ms <= now_ms_)
        fail_ask(number, ACTORD_E_TIMEOUT, "no answer before the deadline");
    }
    std::vector<Timer> due;
    for (const Timer& timer : timers_) {
      if (timer.due_ms <= now_ms_) due.push_back(timer);
    }
    std::sort(due.begin(), due.end(), [](const Timer& a, const Timer& b) {
      return std::pair(a.due_ms, a.order) < std::pair(b.due_ms, b.order);
    });
    for (const Timer& timer : due) fire(timer);
  }

  void fire(const Timer& fired) {
    const auto it = std::find_if(timers_.begin(), timers_.end(),
                                 [&](const Timer& timer) { return timer.order == fired.order; });
    if (fired.period_ms > 0) {
      while (it->due_ms <= now_ms_) it->due_ms += fired.period_ms;  // missed ticks come as one
    } else {
      timers_.erase(it);
    }
    Mail mail;
    mail.kind = ACTORD_MSG_TIMER;
    mail.type = fired.key;
    mail.payload = fired.payload;
    mail.to = fired.cell;
    mail.timer_generation = fired.generation;
    if (find(fired.cell) != nullptr) deliver(std::move(mail));
  }

  void arm(Ref ref, const std::string& key, uint64_t delay_ms, uint64_t period_ms,
           const std::string& payload) {
    Cell* cell = find(ref);
    if (cell == nullptr) return;
    disarm(ref, key);
    const uint64_t generation = ++cell->timer_generation;
    cell->timers[key] = generation;
    timers_.push_back(
        {now_ms_ + delay_ms, period_ms, generation, ++timer_orders_, ref, key, payload});
  }
  void disarm(Ref ref, const std::string& key) {
    if (Cell* cell = find(ref)) cell->timers.erase(key);
    std::erase_if(timers_,
                  [&](const Timer& timer) { return timer.cell == ref && timer.key == key; });
  }

  // ---- the tables: what a plugin calls ----

  static actord_turn* raw(Turn& turn) { return reinterpret_cast<actord_turn*>(&turn); }
  static Turn& of(actord_turn* turn) { return *reinterpret_cast<Turn*>(turn); }
  static Kit& of(const actord_host* host) {
    return *const_cast<Kit*>(reinterpret_cast<const Kit*>(host));
  }

  template <class F>
  static actord_status record(actord_turn* raw_turn, F&& effect) {
    Turn& turn = of(raw_turn);
    if (!turn.may_record()) return ACTORD_E_WRONG_PHASE;
    if (turn.effects.size() >= 10'000) return ACTORD_E_LIMIT;
    turn.effects.push_back(std::forward<F>(effect));
    return ACTORD_OK;
  }

  static actord_status mail_of(Turn& turn, const actord_send& message, Mail& mail) {
    if (message.struct_size < sizeof(actord_send) || message.type.size == 0 ||
        message.type.size > 128) {
      return ACTORD_E_INVALID;
    }
    mail.type = to_string(message.type);
    mail.payload = message.buf != nullptr ? reinterpret_cast<detail::Buffer*>(message.buf)->bytes
                                          : to_string(message.payload);
    if (mail.payload.size() > 16u << 20) return ACTORD_E_LIMIT;
    mail.content_type = to_string(message.content_type);
    mail.key = to_string(message.key);
    mail.to = message.to;
    mail.to_path = to_string(message.to_path);
    mail.from = turn.cell.ref;
    mail.reply_to = Ref(message.reply_to) ? Ref(message.reply_to) : turn.cell.ref;
    mail.flags = message.flags;
    mail.token = message.token;
    mail.causation = turn.mail != nullptr ? turn.mail->id : 0;
    // As in the daemon: a timer's fire and what is born outside begin a new chain.
    const bool chained = turn.mail != nullptr && turn.mail->kind != ACTORD_MSG_TIMER &&
                         (message.flags & ACTORD_SEND_EDGE) == 0;
    mail.hops = chained ? turn.mail->hops : 0;
    if (message.expires_in_ms != 0) mail.deadline_ms = turn.kit.now_ms_ + message.expires_in_ms;
    return ACTORD_OK;
  }

  static actord_status do_send(actord_turn* turn, const actord_send* message) {
    Mail mail;
    if (const actord_status status = mail_of(of(turn), *message, mail); status != ACTORD_OK)
      return status;
    if (!mail.to && (mail.to_path.empty() || mail.to_path.front() != '/')) return ACTORD_E_INVALID;
    return record(turn, [kit = &of(turn).kit, mail]() mutable { kit->deliver(std::move(mail)); });
  }

  static actord_status do_reply(actord_turn* raw_turn, const actord_send* message) {
    Turn& turn = of(raw_turn);
    Mail mail;
    if (const actord_status status = mail_of(turn, *message, mail); status != ACTORD_OK)
      return status;
    const Mail* current = turn.mail;
    if (current == nullptr || (!current->reply_to && current->ask == 0)) return ACTORD_E_NOT_FOUND;
    return record(raw_turn,
                  [kit = &turn.kit, mail, to = current->reply_to, ask = current->ask]() mutable {
                    if (ask != 0) return kit->answer_ask(ask, std::move(mail));
                    mail.to = to;
                    kit->deliver(std::move(mail));
                  });
  }

  static actord_status do_forward(actord_turn* raw_turn, actord_ref to, actord_view to_path) {
    Turn& turn = of(raw_turn);
    if (turn.mail == nullptr) return ACTORD_E_WRONG_PHASE;
    Mail mail = *turn.mail;
    mail.causation = mail.id;
    mail.id = 0;
    mail.hops += 1;
    mail.to = to;
    mail.to_path = to_string(to_path);
    if (!mail.to && mail.to_path.empty()) return ACTORD_E_INVALID;
    return record(raw_turn, [kit = &turn.kit, mail]() mutable { kit->deliver(std::move(mail)); });
  }

  static actord_status do_publish(actord_turn* turn, actord_view topic,
                                  const actord_send* message) {
    Mail mail;
    if (const actord_status status = mail_of(of(turn), *message, mail); status != ACTORD_OK)
      return status;
    mail.to = {};
    mail.to_path.clear();
    mail.topic = to_string(topic);
    ++mail.hops;
    for (const std::string& segment : detail::segments_of(mail.topic)) {
      if (segment.empty() || segment == "*" || segment == "?") return ACTORD_E_INVALID;
    }
    return record(turn, [kit = &of(turn).kit, mail]() mutable { kit->spread(std::move(mail)); });
  }

  static actord_status do_reject(actord_turn* turn, const actord_send* message, actord_view text) {
    return do_reject_as(turn, message, ACTORD_DEAD_REJECTED, text);
  }
  static actord_status do_reject_as(actord_turn* raw_turn, const actord_send* message,
                                    int32_t reason, actord_view text) {
    Turn& turn = of(raw_turn);
    if (!turn.may_record()) return ACTORD_E_WRONG_PHASE;
    if (reason != ACTORD_DEAD_REJECTED && reason != ACTORD_DEAD_EXPIRED &&
        reason != ACTORD_DEAD_BREAKER_OPEN) {
      return ACTORD_E_INVALID;
    }
    Mail mail;
    if (message != nullptr) {
      if (const actord_status status = mail_of(turn, *message, mail); status != ACTORD_OK)
        return status;
    } else if (turn.mail != nullptr) {
      mail = *turn.mail;
    } else {
      return ACTORD_E_INVALID;
    }
    turn.letters.push_back({reason, to_string(text), turn.cell.path, std::move(mail)});
    return ACTORD_OK;
  }

  static actord_status do_resolve(actord_turn* turn, actord_view path, actord_ref* out) {
    const Cell* cell = of(turn).kit.find(to_string(path));
    if (cell == nullptr) return ACTORD_E_NOT_FOUND;
    *out = cell->ref;
    return ACTORD_OK;
  }

  static actord_status do_ask(actord_turn* raw_turn, const actord_send* message,
                              uint64_t timeout_ms, uint64_t* out) {
    Turn& turn = of(raw_turn);
    Mail mail;
    if (const actord_status status = mail_of(turn, *message, mail); status != ACTORD_OK)
      return status;
    Kit& kit = turn.kit;
    mail.ask = ++kit.asks_made_;
    mail.deadline_ms = kit.now_ms_ + std::clamp<uint64_t>(timeout_ms, 1, 86'400'000);
    const actord_status status = record(raw_turn, [&kit, mail, asker = turn.cell.ref]() mutable {
      kit.pending_[mail.ask] = {asker, mail.deadline_ms};
      kit.deliver(std::move(mail));
    });
    if (status == ACTORD_OK) *out = mail.ask;
    return status;
  }

  static actord_status do_persist(actord_turn* raw_turn, actord_view type, uint32_t version,
                                  actord_view body) {
    Turn& turn = of(raw_turn);
    if (!turn.may_record() || turn.cell.persist == nullptr) return ACTORD_E_WRONG_PHASE;
    if (body.size > 1u << 20 || turn.events.size() >= 1'024) return ACTORD_E_LIMIT;
    StoredEvent event{turn.cell.seq + 1, version, turn.kit.unix_ms(), to_string(type),
                      to_string(body)};
    if (const actord_status status = apply(turn.cell, event); status != ACTORD_OK) {
      turn.event_status = status < 0 ? status : ACTORD_FAIL_STATE;
      return turn.event_status;
    }
    turn.cell.seq = event.seq;
    turn.events.push_back(std::move(event));
    return ACTORD_OK;
  }

  static actord_status do_spawn(actord_turn* raw_turn, actord_view name, actord_view kind,
                                actord_view settings, actord_view store_id, actord_ref* out) {
    Turn& turn = of(raw_turn);
    if (name.size == 0 || name.size > 64) return ACTORD_E_INVALID;
    const Ref child = turn.kit.reserve();
    const std::string path = turn.cell.path + "/" + to_string(name);
    const actord_status status =
        record(raw_turn,
               [kit = &turn.kit, child, parent = turn.cell.ref, path, kind_name = to_string(kind),
                json = to_string(settings), id = to_string(store_id)] {
                 // Nothing starts under a taken name or an unknown kind; a watcher learns it from its watch.
                 if (kit->find(path) != nullptr || !kit->kinds_.contains(kind_name)) return;
                 kit->begin(child, parent, path, kind_name, json, id);
               });
    if (status == ACTORD_OK) *out = child;
    return status;
  }

  static actord_status record_watch(actord_turn* turn, Ref other, std::optional<Mail> chosen) {
    return record(turn, [kit = &of(turn).kit, watcher = of(turn).cell.ref, other,
                         chosen = std::move(chosen)] { kit->watch(watcher, other, chosen); });
  }
  void watch(Ref watcher, Ref other, const std::optional<Mail>& chosen) {
    Cell* cell = find(watcher);
    if (cell == nullptr) return;
    unwatch(watcher, other);
    cell->watching.emplace_back(other, chosen);
    if (Cell* watched = find(other)) {
      watched->watchers.push_back(watcher);
    } else {
      notice(watcher, ACTORD_MSG_TERMINATED, "", other, 0, ACTORD_STOP_NO_SUCH, "");
    }
  }
  void unwatch(Ref watcher, Ref other) {
    if (Cell* cell = find(watcher))
      std::erase_if(cell->watching, [&](const auto& one) { return one.first == other; });
    if (Cell* cell = find(other)) std::erase(cell->watchers, watcher);
  }
  static actord_status do_watch_with(actord_turn* turn, actord_ref other,
                                     const actord_send* message) {
    Mail mail;
    if (const actord_status status = mail_of(of(turn), *message, mail); status != ACTORD_OK)
      return status;
    mail.deadline_ms = mail.token = 0;
    mail.flags = 0;
    return record_watch(turn, other, std::move(mail));
  }

  void link(Ref one, Ref other) {
    Cell* cell = find(one);
    if (cell == nullptr || one == other) return;
    Cell* peer = find(other);
    if (peer == nullptr) return end_actor(one, ACTORD_STOP_FAILED);
    if (std::find(cell->links.begin(), cell->links.end(), other) != cell->links.end()) return;
    cell->links.push_back(other);
    peer->links.push_back(one);
  }
  void unlink(Ref one, Ref other) {
    if (Cell* cell = find(one)) std::erase(cell->links, other);
    if (Cell* cell = find(other)) std::erase(cell->links, one);
  }

  void tell_listed(const TagBoard::Notice& change) {
    Cell* cell = find(change.follower);
    if (cell == nullptr) return;
    Mail mail;
    mail.kind = ACTORD_MSG_LISTED;
    mail.type = change.tag;
    mail.text = change.path;
    mail.from = change.actor;
    mail.to = change.follower;
    mail.reason = change.reason;
    mail.token = change.number;
    deliver(std::move(mail));
  }
  static actord_status do_pause(actord_turn* turn, actord_ref actor, bool on) {
    return record(turn, [kit = &of(turn).kit, ref = Ref(actor), on] {
      if (Cell* cell = kit->find(ref)) cell->paused = on;
    });
  }
  static actord_status do_find(actord_turn* turn, actord_view tag, actord_ref* out,
                               uint64_t capacity, uint64_t* count) {
    if (tag.size == 0 || tag.size > 128) return ACTORD_E_INVALID;
    const std::vector<Ref> found = of(turn).kit.tags_.carriers(to_string(tag));
    for (uint64_t i = 0; i < found.size() && i < capacity; ++i) out[i] = found[i];
    *count = found.size();
    return ACTORD_OK;
  }

  static actord_status do_load(actord_turn* turn, actord_ref actor, uint64_t* messages) {
    const Cell* cell = of(turn).kit.find(Ref(actor));
    if (cell == nullptr) return ACTORD_E_NOT_FOUND;
    *messages = cell->urgent.size() + cell->mailbox.size();
    if (cell == &of(turn).cell && of(turn).mail != nullptr) ++*messages;
    return ACTORD_OK;
  }

  int64_t unix_ms() const { return 1'750'000'000'000 + static_cast<int64_t>(now_ms_); }

  static const void* extension(const actord_host* host, const char* id) {
    Kit& kit = of(host);
    const auto found = kit.extensions_.find(id);
    return found == kit.extensions_.end() || kit.withheld_.contains(id) ? nullptr : found->second;
  }

  void fill_tables() {
    api_.struct_size = sizeof(api_);
    api_.abi_major = ACTORD_ABI_MAJOR;
    api_.abi_minor = ACTORD_ABI_MINOR;
    api_.host = reinterpret_cast<const actord_host*>(this);
    api_.get_extension = &Kit::extension;
    api_.log = [](const actord_host* host, actord_turn* turn, int32_t level, actord_view text) {
      of(host).logs_.push_back({level, turn == nullptr ? "" : of(turn).cell.path, to_string(text)});
    };
    api_.buf_new = [](const actord_host*, uint64_t size) -> actord_buf* {
      if (size > 16u << 20) return nullptr;
      return reinterpret_cast<actord_buf*>(new detail::Buffer{1, std::string(size, '\0')});
    };
    api_.buf_data = [](actord_buf* buf) -> void* { return buffer(buf).bytes.data(); };
    api_.buf_seal = [](actord_buf* buf, uint64_t used) { buffer(buf).bytes.resize(used); };
    api_.buf_ref = [](actord_buf* buf) { ++buffer(buf).references; };
    api_.buf_unref = [](actord_buf* buf) {
      if (--buffer(buf).references == 0) delete &buffer(buf);
    };
    api_.buf_view = [](const actord_buf* buf) {
      return to_view(buffer(const_cast<actord_buf*>(buf)).bytes);
    };
    api_.self = [](actord_turn* turn) -> actord_ref { return of(turn).cell.ref; };
    api_.self_path = [](actord_turn* turn) { return to_view(of(turn).cell.path); };
    api_.sender = [](actord_turn* turn) -> actord_ref {
      return of(turn).mail == nullptr ? Ref() : of(turn).mail->from;
    };
    api_.resolve = &Kit::do_resolve;
    api_.send = &Kit::do_send;
    api_.reply = &Kit::do_reply;
    api_.forward = &Kit::do_forward;
    api_.publish = &Kit::do_publish;
    api_.reject = &Kit::do_reject;
    api_.reject_as = &Kit::do_reject_as;
    api_.now_ms = [](actord_turn* turn) { return of(turn).kit.now_ms_; };
    api_.now_unix_ms = [](actord_turn* turn) { return of(turn).kit.unix_ms(); };
    api_.random_u64 = [](actord_turn* turn) { return of(turn).kit.random(); };
    api_.set_error = [](actord_turn* turn, actord_view text) { of(turn).error = to_string(text); };
    api_.stop_self = [](actord_turn* turn) { of(turn).stop = true; };
    api_.unstash_all = [](actord_turn* turn) {
      record(turn, [kit = &of(turn).kit, ref = of(turn).cell.ref] { kit->unstash(ref); });
    };
    fill_extensions();
  }

  void unstash(Ref ref) {
    Cell* cell = find(ref);
    if (cell == nullptr) return;
    std::move(cell->stash.rbegin(), cell->stash.rend(), std::front_inserter(cell->mailbox));
    cell->stash.clear();
  }

  std::optional<Mail> take_stashed(Ref ref, uint64_t id) {
    Cell* cell = find(ref);
    if (cell == nullptr) return std::nullopt;
    const auto it = std::find_if(cell->stash.begin(), cell->stash.end(),
                                 [&](const Mail& mail) { return mail.id == id; });
    if (it == cell->stash.end()) return std::nullopt;
    Mail mail = std::move(*it);
    cell->stash.erase(it);
    return mail;
  }
  void unstash_these(Ref ref, const std::vector<uint64_t>& ids) {
    Cell* cell = find(ref);
    if (cell == nullptr) return;
    std::deque<Mail> back;
    for (const uint64_t id : ids) {
      if (std::optional<Mail> mail = take_stashed(ref, id)) back.push_back(std::move(*mail));
    }
    std::move(back.rbegin(), back.rend(), std::front_inserter(cell->mailbox));
  }
  // One effect for all that a turn hands back, so that it comes back in the order named.
  static actord_status do_unstash(actord_turn* raw_turn, uint64_t id) {
    Turn& turn = of(raw_turn);
    if (id == 0) return ACTORD_E_INVALID;
    if (turn.unstashed == nullptr) {
      auto ids = std::make_shared<std::vector<uint64_t>>();
      const actord_status status = record(
          raw_turn, [kit = &turn.kit, ref = turn.cell.ref, ids] { kit->unstash_these(ref, *ids); });
      if (status != ACTORD_OK) return status;
      turn.unstashed = std::move(ids);
    }
    turn.unstashed->push_back(id);
    return ACTORD_OK;
  }
  static actord_status do_forward_stashed(actord_turn* raw_turn, uint64_t id, actord_ref to,
                                          actord_view to_path) {
    Turn& turn = of(raw_turn);
    const std::string path = to_string(to_path);
    if (id == 0 || (!Ref(to) && (path.empty() || path.front() != '/'))) return ACTORD_E_INVALID;
    return record(raw_turn, [kit = &turn.kit, ref = turn.cell.ref, id, target = Ref(to), path] {
      std::optional<Mail> mail = kit->take_stashed(ref, id);
      if (!mail) return;
      if (mail->kind != ACTORD_MSG_USER) {  // stays put off
        kit->find(ref)->stash.push_back(std::move(*mail));
        return;
      }
      mail->causation = mail->id;
      mail->id = 0;
      mail->hops += 1;
      mail->to = target;
      mail->to_path = path;
      kit->deliver(std::move(*mail));
    });
  }
  static actord_status do_reject_stashed(actord_turn* raw_turn, uint64_t id, actord_view text) {
    Turn& turn = of(raw_turn);
    if (id == 0) return ACTORD_E_INVALID;
    return record(raw_turn, [kit = &turn.kit, ref = turn.cell.ref, path = turn.cell.path, id,
                             why = to_string(text)] {
      if (std::optional<Mail> mail = kit->take_stashed(ref, id))
        kit->dead(std::move(*mail), ACTORD_DEAD_REJECTED, why, path);
    });
  }

  static detail::Buffer& buffer(actord_buf* buf) { return *reinterpret_cast<detail::Buffer*>(buf); }

  void fill_extensions() {
    ask_ = {sizeof(ask_), 0, &Kit::do_ask, [](actord_turn* turn, uint64_t ask) {
              record(turn, [kit = &of(turn).kit, ask] { kit->pending_.erase(ask); });
            }};
    files_ = {sizeof(files_), 0, [](actord_turn* turn, actord_view path) {
                return record(
                    turn, [kit = &of(turn).kit, ref = of(turn).cell.ref, file = to_string(path)] {
                      if (Cell* cell = kit->find(ref)) cell->files.push_back(file);
                    });
              }};
    inlet_ = {
        sizeof(inlet_), 0,
        [](actord_turn* turn, actord_inlet** out) -> actord_status {
          *out = reinterpret_cast<actord_inlet*>(new InletHandle{&of(turn).kit, of(turn).cell.ref});
          return ACTORD_OK;
        },
        [](actord_inlet* inlet, actord_view type, actord_view payload) -> actord_status {
          const auto& handle = *reinterpret_cast<InletHandle*>(inlet);
          if (handle.kit->find(handle.cell) == nullptr) return ACTORD_E_CLOSED;
          Mail mail;
          mail.to = handle.cell;
          mail.type = to_string(type);
          mail.payload = to_string(payload);
          handle.kit->deliver(std::move(mail));
          return ACTORD_OK;
        },
        [](actord_inlet* inlet) { delete reinterpret_cast<InletHandle*>(inlet); }};
    persist_ = {sizeof(persist_),
                0,
                &Kit::do_persist,
                [](actord_turn* turn) -> actord_status {
                  of(turn).snapshot = true;
                  return ACTORD_OK;
                },
                [](actord_turn* turn) { return of(turn).cell.seq; },
                [](actord_writer* writer, const void* data, uint64_t size) -> actord_status {
                  reinterpret_cast<std::string*>(writer)->append(static_cast<const char*>(data),
                                                                 size);
                  return ACTORD_OK;
                }};
    spawn_ = {
        sizeof(spawn_),
        0,
        &Kit::do_spawn,
        [](actord_turn* turn, actord_ref child) {
          return record(turn, [kit = &of(turn).kit, ref = Ref(child)] {
            kit->end_actor(ref, ACTORD_STOP_NORMAL);
          });
        },
        [](actord_turn* turn, actord_ref other) { return record_watch(turn, other, std::nullopt); },
        [](actord_turn* turn, actord_ref other) {
          record(turn, [kit = &of(turn).kit, self = of(turn).cell.ref, ref = Ref(other)] {
            kit->unwatch(self, ref);
          });
        },
        &Kit::do_watch_with,
        [](actord_turn* turn, actord_ref other) {
          return record(turn, [kit = &of(turn).kit, self = of(turn).cell.ref, ref = Ref(other)] {
            kit->link(self, ref);
          });
        },
        [](actord_turn* turn, actord_ref other) {
          record(turn, [kit = &of(turn).kit, self = of(turn).cell.ref, ref = Ref(other)] {
            kit->unlink(self, ref);
          });
        }};
    mailbox_ = {sizeof(mailbox_), 0,
                [](actord_turn* turn, actord_ref actor) { return do_pause(turn, actor, true); },
                [](actord_turn* turn, actord_ref actor) { return do_pause(turn, actor, false); }};
    stash_ = {sizeof(stash_), 0, &Kit::do_unstash, &Kit::do_forward_stashed,
              &Kit::do_reject_stashed};
    timers_api_ = {sizeof(timers_api_), 0,
                   [](actord_turn* turn, actord_view key, uint64_t delay, uint64_t period,
                      actord_view payload) {
                     return record(
                         turn, [kit = &of(turn).kit, ref = of(turn).cell.ref, name = to_string(key),
                                delay, period, body = to_string(payload)] {
                           kit->arm(ref, name, delay, period, body);
                         });
                   },
                   [](actord_turn* turn, actord_view key) {
                     record(turn, [kit = &of(turn).kit, ref = of(turn).cell.ref,
                                   name = to_string(key)] { kit->disarm(ref, name); });
                   }};
    topics_ = {
        sizeof(topics_), 0,
        [](actord_turn* turn, actord_view pattern) {
          return record(turn,
                        [kit = &of(turn).kit, ref = of(turn).cell.ref, text = to_string(pattern)] {
                          if (Cell* cell = kit->find(ref)) cell->patterns.push_back(text);
                        });
        },
        [](actord_turn* turn, actord_view pattern) {
          record(turn, [kit = &of(turn).kit, ref = of(turn).cell.ref, text = to_string(pattern)] {
            if (Cell* cell = kit->find(ref)) std::erase(cell->patterns, text);
          });
        }};
    registry_ = {sizeof(registry_),
                 0,
                 [](actord_turn* turn, actord_view tag) -> actord_status {
                   if (tag.size == 0 || tag.size > 128) return ACTORD_E_INVALID;
                   return record(
                       turn, [kit = &of(turn).kit, ref = of(turn).cell.ref, name = to_string(tag)] {
                         if (Cell* cell = kit->find(ref))
                           kit->tags_.add(ref, cell->path, name, false);
                       });
                 },
                 [](actord_turn* turn, actord_view tag) {
                   record(turn, [kit = &of(turn).kit, ref = of(turn).cell.ref,
                                 name = to_string(tag)] { kit->tags_.remove(ref, name, false); });
                 },
                 [](actord_turn* turn, actord_view tag) -> actord_status {
                   if (tag.size == 0 || tag.size > 128) return ACTORD_E_INVALID;
                   return record(
                       turn, [kit = &of(turn).kit, ref = of(turn).cell.ref, name = to_string(tag)] {
                         if (kit->find(ref) != nullptr) kit->tags_.follow(ref, name);
                       });
                 },
                 [](actord_turn* turn, actord_view tag) {
                   record(turn, [kit = &of(turn).kit, ref = of(turn).cell.ref,
                                 name = to_string(tag)] { kit->tags_.unfollow(ref, name); });
                 },
                 &Kit::do_find,
                 &Kit::do_load};
    extensions_ = {{ACTORD_EXT_ASK, &ask_},           {ACTORD_EXT_FILES, &files_},
                   {ACTORD_EXT_INLET, &inlet_},       {ACTORD_EXT_MAILBOX, &mailbox_},
                   {ACTORD_EXT_PERSIST, &persist_},   {ACTORD_EXT_REGISTRY, &registry_},
                   {ACTORD_EXT_SPAWN, &spawn_},       {ACTORD_EXT_STASH, &stash_},
                   {ACTORD_EXT_TIMERS, &timers_api_}, {ACTORD_EXT_TOPICS, &topics_}};
  }

  actord_host_api api_{};
  actord_ask_api ask_{};
  actord_files_api files_{};
  actord_inlet_api inlet_{};
  actord_mailbox_api mailbox_{};
  actord_persist_api persist_{};
  actord_registry_api registry_{};
  actord_spawn_api spawn_{};
  actord_stash_api stash_{};
  actord_timers_api timers_api_{};
  actord_topics_api topics_{};
  std::map<std::string, const void*> extensions_;
  std::set<std::string> withheld_;

  std::map<std::string, const actord_kind*> kinds_;
  std::deque<actord_kind> own_kinds_;
  std::vector<Declared> declared_;
  std::vector<Subscription> subscriptions_;
  std::list<Cell> cells_;
  std::set<uint64_t> begun_;  // slots in which somebody has lived
  TagBoard tags_{[this](const TagBoard::Notice& change) { tell_listed(change); }};
  std::vector<std::pair<std::string, std::string>> declared_tags_;  // path, tag
  std::deque<Held> held_;
  std::list<Timer> timers_;
  std::map<uint64_t, PendingAsk> pending_;
  std::map<uint64_t, Mail> answers_;
  std::map<std::string, Stored> store_;
  std::vector<DeadLetter> letters_;
  std::vector<LogLine> logs_;

  uint64_t random_;
  uint64_t now_ms_ = 1'000;
  uint64_t slots_ = 0;
  uint64_t mail_ids_ = 0;
  uint64_t asks_made_ = 0;
  uint64_t timer_orders_ = 0;
  uint64_t snapshot_every_ = 0;
  uint32_t restarts_max_ = 8;
  bool hold_ = false;
  bool shuffle_ = false;
};

}  // namespace actord::testkit
