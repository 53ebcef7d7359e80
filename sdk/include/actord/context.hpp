// Context: what a handler can see and ask for during its turn. It dies with the turn: never keep it.
//
// A turn is a transaction. Every call here only records; the effects happen, in order, when the
// handler has returned and what it persisted is durable. A call the host refuses (a limit, a bad
// path, a missing extension) throws Failure, so the turn fails whole and nothing of it happens; let
// it pass. Times are std::chrono::milliseconds. Thread: [turn], everywhere.
//
//   void greet(Context& context, const Message& message) {
//     context.persist("greeter.Greeted", 1, message.payload());
//     context.reply("greeter.Hello", R"({"text":"hello"})");
//     context.set_timer("nap", 500ms);
//     context.ask("/stats", "stats.Read", "{}", 2s, [this](Context& later, const Answer& answer) {
//       later.log_info(answer.ok() ? answer.message().payload() : answer.text());
//     });
//   }
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "actord/codec.hpp"
#include "actord/host.hpp"
#include "actord/message.hpp"
#include "actord/outcome.hpp"
#include "actord/ref.hpp"
#include "actord/status_name.hpp"

namespace actord {

class Context;

using Continuation = std::function<Outcome(Context&, const Answer&)>;

// What the wrapper keeps beside one instance, from turn to turn.
struct Ledger {
  std::unordered_map<uint64_t, Continuation> waiting;  // asks that wait for their answer
  std::unordered_map<std::string, uint64_t> latest;    // by key: the only ask that counts
  std::vector<uint64_t> asked;  // in this turn; forgotten when it fails: they never left
  std::vector<std::function<void()>> undo;  // what this turn did outside of its effects
  std::string event_error;                  // what apply said of the event it refused

  void begin_turn() {
    asked.clear();
    undo.clear();
  }
  void undo_turn() {
    for (auto step = undo.rbegin(); step != undo.rend(); ++step) (*step)();
    undo.clear();
    for (const uint64_t ask : asked) waiting.erase(ask);
  }
};

struct SendOptions {
  std::string_view content_type = {};
  std::string_view key = {};                // routing key
  Ref reply_to = {};                        // nobody: the sender itself
  uint64_t token = 0;                       // comes back with an undelivered notice
  bool notify = false;                      // tell me if this becomes a dead letter
  bool edge = false;                        // born outside: gets a correlation id of its own
  bool urgent = false;                      // ahead of user messages
  std::chrono::milliseconds expires_in{0};  // 0: never
};

// The only door for threads a plugin owns. Move it there; post from any one thread at a time or many.
class Inlet {
 public:
  Inlet() = default;
  Inlet(const actord_inlet_api* api, actord_inlet* handle) noexcept : api_(api), handle_(handle) {}
  Inlet(Inlet&& other) noexcept
      : api_(other.api_), handle_(std::exchange(other.handle_, nullptr)) {}
  Inlet& operator=(Inlet other) noexcept {
    std::swap(api_, other.api_);
    std::swap(handle_, other.handle_);
    return *this;
  }
  // Requires: no post is running or will be.
  ~Inlet() {
    if (handle_ != nullptr) api_->close(handle_);
  }
  // Returns OK, E_FULL (nothing is lost: slow down, try again) or E_CLOSED. Thread: [any]
  [[nodiscard]] actord_status post(std::string_view type, std::string_view payload) const noexcept {
    return handle_ == nullptr ? ACTORD_E_CLOSED
                              : api_->post(handle_, to_view(type), to_view(payload));
  }

 private:
  const actord_inlet_api* api_ = nullptr;
  actord_inlet* handle_ = nullptr;
};

class Context {
 public:
  using Milliseconds = std::chrono::milliseconds;

  Context(const Host& host, actord_turn* turn, Ledger& ledger) noexcept
      : host_(host), turn_(turn), ledger_(ledger) {}
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  // ---- about this turn ----
  Ref self() const noexcept { return host_.api->self(turn_); }
  std::string_view path() const noexcept { return to_string_view(host_.api->self_path(turn_)); }
  Ref sender() const noexcept { return host_.api->sender(turn_); }
  uint64_t now_ms() const noexcept { return host_.api->now_ms(turn_); }           // monotonic
  int64_t now_unix_ms() const noexcept { return host_.api->now_unix_ms(turn_); }  // wall clock
  uint64_t random() const noexcept { return host_.api->random_u64(turn_); }
  // The actor now at path; out of date as soon as it is read. Nobody when there is none.
  Ref resolve(std::string_view to) const noexcept {
    actord_ref ref{};
    return host_.api->resolve(turn_, to_view(to), &ref) == ACTORD_OK ? Ref(ref) : Ref();
  }
  // Called when this turn fails, the last one first: to put back what lies outside of the turn's effects.
  // Worth it for an actor that may be resumed; one that starts anew has nothing to put back.
  void on_failure(std::function<void()> undo) { ledger_.undo.push_back(std::move(undo)); }
  const Host& host() const noexcept { return host_; }
  actord_turn* raw() const noexcept { return turn_; }

  // ---- log lines, tagged with the actor ----
  void log(int32_t level, std::string_view text) const noexcept { host_.log(turn_, level, text); }
  void log_debug(std::string_view text) const noexcept { log(ACTORD_LOG_DEBUG, text); }
  void log_info(std::string_view text) const noexcept { log(ACTORD_LOG_INFO, text); }
  void log_warn(std::string_view text) const noexcept { log(ACTORD_LOG_WARN, text); }
  void log_error(std::string_view text) const noexcept { log(ACTORD_LOG_ERROR, text); }

  // ---- messages ----
  void send(const Target& to, std::string_view type, std::string_view payload = {},
            const SendOptions& options = {}) {
    const actord_send message = make_send(to, type, payload, options);
    check(host_.api->send(turn_, &message), "send", type);
  }
  template <MessageType T>
  void send(const Target& to, const T& value, SendOptions options = {}) {
    options.content_type = Codec<T>::content_type;
    send(to, T::kType, Codec<T>::encode(value), options);
  }

  // Answers the current message. Returns false when nobody wants an answer.
  bool reply(std::string_view type, std::string_view payload = {},
             const SendOptions& options = {}) {
    const actord_send message = make_send(Ref(), type, payload, options);
    const actord_status status = host_.api->reply(turn_, &message);
    if (status == ACTORD_E_NOT_FOUND) return false;
    check(status, "reply", type);
    return true;
  }
  template <MessageType T>
  bool reply(const T& value) {
    return reply(T::kType, Codec<T>::encode(value), {.content_type = Codec<T>::content_type});
  }

  // Passes the current message on unchanged: whoever gets it answers the original requester.
  void forward(const Target& to) {
    check(host_.api->forward(turn_, to.ref, to_view(to.path)), "forward", to.path);
  }

  void publish(std::string_view topic, std::string_view type, std::string_view payload = {},
               const SendOptions& options = {}) {
    const actord_send message = make_send(Ref(), type, payload, options);
    check(host_.api->publish(turn_, to_view(topic), &message), "publish", topic);
  }
  template <MessageType T>
  void publish(std::string_view topic, const T& value, SendOptions options = {}) {
    options.content_type = Codec<T>::content_type;
    publish(topic, T::kType, Codec<T>::encode(value), options);
  }

  // The current message becomes a dead letter, together with this turn's events.
  void reject(std::string_view why) {
    check(host_.api->reject(turn_, nullptr, to_view(why)), "reject", "");
  }
  // With another reason in the dead letter: ACTORD_DEAD_EXPIRED or ACTORD_DEAD_BREAKER_OPEN.
  void reject_as(int32_t reason, std::string_view why) {
    check(host_.api->reject_as(turn_, nullptr, reason, to_view(why)), "reject", "");
  }
  // Something else does: what arrived from outside and cannot be used.
  void reject(std::string_view type, std::string_view payload, std::string_view why,
              const SendOptions& options = {}) {
    const actord_send message = make_send(Ref(), type, payload, options);
    check(host_.api->reject(turn_, &message, to_view(why)), "reject", type);
  }

  // ---- requests ----
  // Exactly one answer follows within timeout (a reply, or why there is none), unless this instance
  // ends first: to `then`, called as then(Context&, const Answer&) on a later turn. Returns the
  // number of the ask.
  template <class F>
  uint64_t ask(const Target& to, std::string_view type, std::string_view payload,
               Milliseconds timeout, F then, const SendOptions& options = {}) {
    const uint64_t number = ask(to, type, payload, timeout, options);
    ledger_.waiting[number] = [f = std::move(then)](Context& context,
                                                    const Answer& answer) mutable {
      return outcome_of(f, context, answer);
    };
    ledger_.asked.push_back(number);
    return number;
  }
  // The answer goes to the actor's member answered(Context&, const Answer&).
  uint64_t ask(const Target& to, std::string_view type, std::string_view payload,
               Milliseconds timeout, const SendOptions& options = {}) {
    const actord_ask_api* api = need(host_.ask, ACTORD_EXT_ASK);
    const actord_send message = make_send(to, type, payload, options);
    uint64_t number = 0;
    check(api->ask(turn_, &message, count(timeout), &number), "ask", type);
    return number;
  }
  void cancel_ask(uint64_t number) {
    need(host_.ask, ACTORD_EXT_ASK)->cancel(turn_, number);
    auto found = ledger_.waiting.extract(number);
    if (found.empty()) return;
    on_failure([&ledger = ledger_, number, then = std::move(found.mapped())]() mutable {
      ledger.waiting[number] = std::move(then);
    });
  }
  // As ask, but only the newest request of each key counts: an earlier one that has no answer yet is given
  // up, and its answer is dropped by the host when it comes. Newest is what was asked last, by this
  // actor's own count; clocks play no part.
  template <class F>
  uint64_t ask_latest(std::string_view key, const Target& to, std::string_view type,
                      std::string_view payload, Milliseconds timeout, F then,
                      const SendOptions& options = {}) {
    const std::string name(key);
    uint64_t before = 0;
    if (const auto found = ledger_.latest.find(name); found != ledger_.latest.end()) {
      before = found->second;
      cancel_ask(before);
    }
    const uint64_t number = ask(
        to, type, payload, timeout,
        [name, f = std::move(then)](Context& context, const Answer& answer) mutable {
          Outcome outcome = outcome_of(f, context, answer);
          if (outcome.status() == ACTORD_DEFER) return outcome;  // it comes again
          const auto found = context.ledger_.latest.find(name);
          if (found != context.ledger_.latest.end() && found->second == answer.ask())
            context.ledger_.latest.erase(found);
          return outcome;
        },
        options);
    on_failure([&ledger = ledger_, name, before] {
      ledger.latest.erase(name);
      if (before != 0) ledger.latest[name] = before;
    });
    ledger_.latest[name] = number;
    return number;
  }

  // ---- children and death watch ----
  Ref spawn(std::string_view name, std::string_view kind, std::string_view settings = {},
            std::string_view persistence_id = {}) {
    actord_ref child{};
    check(need(host_.spawn, ACTORD_EXT_SPAWN)
              ->spawn(turn_, to_view(name), to_view(kind), to_view(settings),
                      to_view(persistence_id), &child),
          "spawn", name);
    return child;
  }
  void stop(Ref child) {
    check(need(host_.spawn, ACTORD_EXT_SPAWN)->stop(turn_, child), "stop", "");
  }
  void stop_self() { host_.api->stop_self(turn_); }
  // terminated(Context&, Ref, int32_t reason) is called exactly once when it ends.
  void watch(Ref other) {
    check(need(host_.spawn, ACTORD_EXT_SPAWN)->watch(turn_, other), "watch", "");
  }
  // Instead of that call this message arrives: from the one that has ended, with reason().
  void watch_with(Ref other, std::string_view type, std::string_view payload = {},
                  const SendOptions& options = {}) {
    const actord_send message = make_send(Ref(), type, payload, options);
    check(need(host_.spawn, ACTORD_EXT_SPAWN)->watch_with(turn_, other, &message), "watch_with",
          type);
  }
  template <MessageType T>
  void watch_with(Ref other, const T& value, SendOptions options = {}) {
    options.content_type = Codec<T>::content_type;
    watch_with(other, T::kType, Codec<T>::encode(value), options);
  }
  void unwatch(Ref other) { need(host_.spawn, ACTORD_EXT_SPAWN)->unwatch(turn_, other); }

  // Handles no message until somebody resumes it; see ext/mailbox.h.
  void suspend(Ref actor) {
    check(need(host_.mailbox, ACTORD_EXT_MAILBOX)->suspend(turn_, actor), "suspend", "");
  }
  void resume(Ref actor) {
    check(need(host_.mailbox, ACTORD_EXT_MAILBOX)->resume(turn_, actor), "resume", "");
  }

  // Shares its fate: when one of the two ends because it has failed for good, the other ends too. A normal
  // end does not count, nor does a restart. See ext/spawn.h.
  void link(Ref other) {
    check(need(host_.spawn, ACTORD_EXT_SPAWN)->link(turn_, other), "link", "");
  }
  void unlink(Ref other) { need(host_.spawn, ACTORD_EXT_SPAWN)->unlink(turn_, other); }

  // ---- timers: one per key; setting it again replaces it ----
  void set_timer(std::string_view key, Milliseconds delay, std::string_view payload = {}) {
    arm(key, delay, Milliseconds(0), payload);
  }
  void set_periodic_timer(std::string_view key, Milliseconds period,
                          std::string_view payload = {}) {
    arm(key, period, period, payload);
  }
  void cancel_timer(std::string_view key) {
    need(host_.timers, ACTORD_EXT_TIMERS)->cancel(turn_, to_view(key));
  }

  // ---- state: persistent kinds only ----
  // Records an event and applies it through the actor's own apply, at once.
  void persist(std::string_view type, uint32_t version, std::string_view body) {
    ledger_.event_error.clear();
    const actord_status status = need(host_.persist, ACTORD_EXT_PERSIST)
                                     ->persist(turn_, to_view(type), version, to_view(body));
    if (!ledger_.event_error.empty()) throw Failure(ledger_.event_error, status);
    check(status, "persist", type);
  }
  // E has kType and, unless it is 1, kVersion.
  template <MessageType E>
  void persist(const E& event) {
    uint32_t version = 1;
    if constexpr (requires { E::kVersion; }) version = E::kVersion;
    persist(E::kType, version, Codec<E>::encode(event));
  }
  void snapshot() {
    check(need(host_.persist, ACTORD_EXT_PERSIST)->snapshot(turn_), "snapshot", "");
  }
  uint64_t last_seq() const { return need(host_.persist, ACTORD_EXT_PERSIST)->last_seq(turn_); }

  // ---- the rest ----
  void unstash_all() { host_.api->unstash_all(turn_); }
  // Of messages put off, by Message::id(). See ext/stash.h, and work_list.hpp for a list of them.
  void unstash(uint64_t message_id) {
    check(need(host_.stash, ACTORD_EXT_STASH)->unstash(turn_, message_id), "unstash", "");
  }
  void forward_stashed(uint64_t message_id, const Target& to) {
    check(need(host_.stash, ACTORD_EXT_STASH)->forward(turn_, message_id, to.ref, to_view(to.path)),
          "forward_stashed", to.path);
  }
  void reject_stashed(uint64_t message_id, std::string_view why) {
    check(need(host_.stash, ACTORD_EXT_STASH)->reject(turn_, message_id, to_view(why)),
          "reject_stashed", "");
  }
  void subscribe(std::string_view pattern) {
    check(need(host_.topics, ACTORD_EXT_TOPICS)->subscribe(turn_, to_view(pattern)), "subscribe",
          pattern);
  }
  void unsubscribe(std::string_view pattern) {
    need(host_.topics, ACTORD_EXT_TOPICS)->unsubscribe(turn_, to_view(pattern));
  }

  // ---- tags: finding actors without knowing their paths; see ext/registry.h ----
  void tag(std::string_view tag) {
    check(need(host_.registry, ACTORD_EXT_REGISTRY)->tag(turn_, to_view(tag)), "tag", tag);
  }
  void untag(std::string_view tag) {
    need(host_.registry, ACTORD_EXT_REGISTRY)->untag(turn_, to_view(tag));
  }
  // listed(Context&, const Listed&) is called for each that carries it, and for each change.
  void follow(std::string_view tag) {
    check(need(host_.registry, ACTORD_EXT_REGISTRY)->follow(turn_, to_view(tag)), "follow", tag);
  }
  void unfollow(std::string_view tag) {
    need(host_.registry, ACTORD_EXT_REGISTRY)->unfollow(turn_, to_view(tag));
  }
  // Those that carry it now, the oldest first.
  std::vector<Ref> find(std::string_view tag) {
    const actord_registry_api* api = need(host_.registry, ACTORD_EXT_REGISTRY);
    std::vector<actord_ref> found;
    uint64_t count = 0;
    do {  // more may have come between the two looks
      found.resize(count);
      check(api->find(turn_, to_view(tag), found.data(), found.size(), &count), "find", tag);
    } while (count > found.size());
    return {found.begin(), found.begin() + static_cast<std::ptrdiff_t>(count)};
  }

  // Messages in its mailbox now; nothing when it has ended.
  std::optional<uint64_t> load(Ref actor) {
    uint64_t messages = 0;
    const actord_status status =
        need(host_.registry, ACTORD_EXT_REGISTRY)->load(turn_, actor, &messages);
    if (status == ACTORD_E_NOT_FOUND) return std::nullopt;
    check(status, "load", "");
    return messages;
  }

  // ---- files and inlets ----
  // file_changed(Context&, std::string_view path) hints at changes. A hint: poll as well.
  void watch_file(std::string_view file) {
    check(need(host_.files, ACTORD_EXT_FILES)->watch(turn_, to_view(file)), "watch_file", file);
  }
  Inlet open_inlet() {
    const actord_inlet_api* api = need(host_.inlet, ACTORD_EXT_INLET);
    actord_inlet* handle = nullptr;
    check(api->open(turn_, &handle), "open_inlet", "");
    return Inlet(api, handle);
  }

 private:
  static uint64_t count(Milliseconds time) {
    return time.count() < 0 ? 0 : static_cast<uint64_t>(time.count());
  }

  static actord_send make_send(const Target& to, std::string_view type, std::string_view payload,
                               const SendOptions& options) {
    actord_send message{};
    message.struct_size = sizeof(message);
    message.flags = (options.notify ? ACTORD_SEND_NOTIFY : 0u) |
                    (options.edge ? ACTORD_SEND_EDGE : 0u) |
                    (options.urgent ? ACTORD_SEND_URGENT : 0u);
    message.to = to.ref;
    message.to_path = to_view(to.path);
    message.type = to_view(type);
    message.payload = to_view(payload);
    message.content_type = to_view(options.content_type);
    message.key = to_view(options.key);
    message.reply_to = options.reply_to;
    message.token = options.token;
    message.expires_in_ms = count(options.expires_in);
    return message;
  }

  void arm(std::string_view key, Milliseconds delay, Milliseconds period,
           std::string_view payload) {
    check(need(host_.timers, ACTORD_EXT_TIMERS)
              ->set(turn_, to_view(key), count(delay), count(period), to_view(payload)),
          "set_timer", key);
  }

  template <class T>
  static const T* need(const T* api, const char* id) {
    if (api == nullptr) throw Failure(std::string("this host does not offer ") + id);
    return api;
  }

  // What apply answered comes back through persist: a failure of the plugin keeps its class.
  static void check(actord_status status, std::string_view call, std::string_view subject) {
    if (status == ACTORD_OK) return;
    std::string text(call);
    if (!subject.empty()) text.append(" ").append(subject);
    text.append(" refused: ")
        .append(status_name(status))
        .append(", ")
        .append(status_meaning(status));
    throw Failure(std::move(text), status);
  }

  const Host& host_;
  actord_turn* turn_;
  Ledger& ledger_;
};

}  // namespace actord
