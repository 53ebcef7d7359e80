// From a C++ class to a kind of actor.
//
// A class becomes an actor by a table of handlers; all other members are optional and found by name:
//
//   class Greeter {
//    public:
//     explicit Greeter(const Setup& setup);            // or a default constructor
//     static constexpr auto handlers() {
//       return table(on("greeter.Greet", &Greeter::greet),   // void greet(Context&, const Message&)
//                    on("greeter.Name", &Greeter::name),     // void name(Context&, const Name&), decoded
//                    on_timer("nap", &Greeter::nap));        // void nap(Context&[, const Message&])
//     }
//     void start(Context&);                            // the first turn, after hydration
//     void stop(Context&, int32_t reason);             // the last turn (ACTORD_STOP_*)
//     void otherwise(Context&, const Message&);        // a type the table lacks; else UNHANDLED
//     void answered(Context&, const Answer&);          // asks made without a continuation
//     void terminated(Context&, Ref who, int32_t reason);
//     void undelivered(Context&, const Message& notice);
//     void shutdown_soon(Context&);
//     void file_changed(Context&, std::string_view path);
//     void listed(Context&, const Listed&);            // of a tag it follows; see listing.hpp
//     Directive child_failed(Context&, const ChildFailure&);  // what becomes of it; see supervise.hpp
//
//     void apply(const Event&);                        // having it makes the kind persistent:
//     std::string save() const;                        //   all state
//     void load(uint32_t version, std::string_view);   //   and back; both or neither
//     static constexpr uint32_t kStateVersion = 1;     //   written with snapshots
//     void recovered(Context&);                        //   hydration is complete
//   };
//
// Handlers return what outcome.hpp says. Whatever they throw stays inside the plugin: it becomes a
// failed turn with the text of what(). Only a forced unwind (thread cancellation) passes through, as
// it must; that is why the thunks are not declared noexcept.
#pragma once

#include <cxxabi.h>

#include <concepts>
#include <cstdint>
#include <cstring>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "actord/context.hpp"
#include "actord/exception_text.hpp"
#include "actord/listing.hpp"
#include "actord/supervise.hpp"

namespace actord {

// What an instance is made with. Views are valid during the constructor.
struct Setup {
  Host host;
  std::string_view kind;  // "plugin.Type"
  std::string_view path;
  std::string_view settings;  // JSON object, checked against the manifest; see settings.hpp
};

// ---- the table of handlers ----

enum class Occasion : uint8_t { kMessage, kTimer };

template <class Handler>
struct Entry {
  Occasion occasion;
  std::string_view name;  // message type or timer key
  Handler handler;
};

// handler: a member taking (Context&), (Context&, const Message&), (Context&, const T&) or
// (Context&, const T&, const Message&) with T decoded by its Codec. A message whose payload is no T is
// rejected: it becomes a dead letter that says why, and the actor goes on.
template <class Handler>
constexpr Entry<Handler> on(std::string_view type, Handler handler) {
  return {Occasion::kMessage, type, handler};
}
template <class Handler>
constexpr Entry<Handler> on_timer(std::string_view key, Handler handler) {
  return {Occasion::kTimer, key, handler};
}
template <class... Handlers>
constexpr std::tuple<Entry<Handlers>...> table(Entry<Handlers>... entries) {
  return {entries...};
}

template <class A>
concept Persistent = requires(A& actor, const Event& event) {
  actor.apply(event);
};

template <class A>
concept Snapshots = requires(A& actor, const A& kept, std::string_view body) {
  { kept.save() } -> std::convertible_to<std::string>;
  actor.load(uint32_t{}, body);
};

template <class A>
concept Supervises = requires(A& actor, Context& context, const ChildFailure& failure) {
  { actor.child_failed(context, failure) } -> std::same_as<Directive>;
};

namespace detail {

// A payload that cannot be read is the sender's mistake: no reason to restart the actor.
inline Outcome refuse(Context& context, const Error& error) {
  context.reject(error.text);
  return Done{};
}

template <class A, class R>
Outcome call(A& actor, R (A::*handler)(Context&), Context& context, const Message&) {
  return outcome_of([&]() -> R { return (actor.*handler)(context); });
}
template <class A, class R, class T>
Outcome call(A& actor, R (A::*handler)(Context&, const T&), Context& context,
             const Message& message) {
  if constexpr (std::is_same_v<T, Message>) {
    return outcome_of([&]() -> R { return (actor.*handler)(context, message); });
  } else {
    Result<T> value = message.as<T>();
    if (!value) return refuse(context, value.error());
    return outcome_of([&]() -> R { return (actor.*handler)(context, *value); });
  }
}
template <class A, class R, class T>
Outcome call(A& actor, R (A::*handler)(Context&, const T&, const Message&), Context& context,
             const Message& message) {
  Result<T> value = message.as<T>();
  if (!value) return refuse(context, value.error());
  return outcome_of([&]() -> R { return (actor.*handler)(context, *value, message); });
}

template <class A, Occasion occasion>
bool dispatch(A& actor, Context& context, const Message& message, Outcome& outcome) {
  const auto attempt = [&](const auto& entry) {
    if (entry.occasion != occasion || entry.name != message.type()) return false;
    outcome = call(actor, entry.handler, context, message);
    return true;
  };
  return std::apply([&](const auto&... entries) { return (attempt(entries) || ...); },
                    A::handlers());
}

// One instance and what the wrapper keeps beside it.
template <class A>
struct Instance {
  explicit Instance(const Setup& setup) : host(setup.host), actor(make(setup)) {}

  static A make(const Setup& setup) {
    if constexpr (std::is_constructible_v<A, const Setup&>) {
      return A(setup);
    } else {
      return A();
    }
  }

  Host host;
  Ledger ledger;
  A actor;
};

// Words for create, which must outlive the call and have no destructor of their own.
inline actord_view keep_error(std::string_view text) noexcept {
  static thread_local char kept[512];
  const std::size_t size = text.size() < sizeof(kept) ? text.size() : sizeof(kept);
  std::memcpy(kept, text.data(), size);
  return {kept, size};
}

// Runs body and turns whatever leaves it into an Outcome.
// exception wall: no C++ exception crosses the ABI.
template <class F>
Outcome guarded(F&& body) {
  try {
    return outcome_of(std::forward<F>(body));
  } catch (const Failure& failure) {
    return failure.error();
  } catch (const std::exception& problem) {
    return Error{ACTORD_FAIL_INTERNAL, exception_text(problem)};
  } catch (abi::__forced_unwind&) {
    throw;
  } catch (...) {
    return Error{ACTORD_FAIL_INTERNAL, "threw something that is no std::exception"};
  }
}

template <class A>
struct Thunks {
  using Self = Instance<A>;
  static Self& of(void* self) { return *static_cast<Self*>(self); }

  // One turn: on failure the words go to the host, and asks that never left are forgotten.
  template <class F>
  static Outcome turn(void* self, actord_turn* raw, F&& body) {
    Self& instance = of(self);
    instance.ledger.begin_turn();
    Outcome outcome = guarded([&]() -> Outcome {
      Context context(instance.host, raw, instance.ledger);
      return body(instance, context);
    });
    if (outcome.failed()) {
      instance.ledger.undo_turn();
      instance.host.api->set_error(raw, to_view(outcome.text()));
    }
    return outcome;
  }

  static actord_status create(const actord_create_args* args, void** self) {
    const Outcome outcome = guarded([&] {
      const Setup setup{Host(*args->host), to_string_view(args->kind), to_string_view(args->path),
                        to_string_view(args->settings)};
      *self = new Self(setup);
    });
    if (outcome.failed() && args->error != nullptr) *args->error = keep_error(outcome.text());
    return outcome.status();
  }

  static actord_status start(void* self, actord_turn* raw) {
    return turn(self, raw,
                [](Self& instance, Context& context) -> Outcome {
                  if constexpr (requires { instance.actor.start(context); }) {
                    return outcome_of([&] { return instance.actor.start(context); });
                  } else {
                    return {};
                  }
                })
        .status();
  }

  static actord_status receive(void* self, actord_turn* raw, const actord_message* received) {
    return turn(self, raw,
                [&](Self& instance, Context& context) -> Outcome {
                  return receive_kind(instance, context, Message(*received));
                })
        .status();
  }

  static Outcome receive_kind(Self& instance, Context& context, const Message& message) {
    A& actor = instance.actor;
    switch (message.kind()) {
      case ACTORD_MSG_USER: {
        Outcome outcome;
        if (dispatch<A, Occasion::kMessage>(actor, context, message, outcome)) return outcome;
        if constexpr (requires { actor.otherwise(context, message); }) {
          return outcome_of([&] { return actor.otherwise(context, message); });
        }
        return Unhandled{};
      }
      case ACTORD_MSG_TIMER: {
        Outcome outcome;
        if (dispatch<A, Occasion::kTimer>(actor, context, message, outcome)) return outcome;
        return Unhandled{};
      }
      case ACTORD_MSG_REPLY:
      case ACTORD_MSG_ASK_FAILED: return receive_answer(instance, context, Answer(message));
      case ACTORD_MSG_TERMINATED:
        if constexpr (requires { actor.terminated(context, message.from(), message.reason()); }) {
          return outcome_of(
              [&] { return actor.terminated(context, message.from(), message.reason()); });
        }
        return Unhandled{};
      case ACTORD_MSG_UNDELIVERED:
        if constexpr (requires { actor.undelivered(context, message); }) {
          return outcome_of([&] { return actor.undelivered(context, message); });
        }
        return Unhandled{};
      case ACTORD_MSG_SHUTDOWN_SOON:
        if constexpr (requires { actor.shutdown_soon(context); }) {
          return outcome_of([&] { return actor.shutdown_soon(context); });
        }
        return Done{};
      case ACTORD_MSG_FILE_CHANGED:
        if constexpr (requires { actor.file_changed(context, message.type()); }) {
          return outcome_of([&] { return actor.file_changed(context, message.type()); });
        }
        return Done{};
      case ACTORD_MSG_LISTED:
        if constexpr (requires { actor.listed(context, Listed(message)); }) {
          return outcome_of([&] { return actor.listed(context, Listed(message)); });
        }
        return Unhandled{};
      default: return Unhandled{};
    }
  }

  static Outcome receive_answer(Self& instance, Context& context, const Answer& answer) {
    auto found = instance.ledger.waiting.extract(answer.ask());
    if (found.empty()) {
      if constexpr (requires { instance.actor.answered(context, answer); }) {
        return outcome_of([&] { return instance.actor.answered(context, answer); });
      }
      return Unhandled{};
    }
    Outcome outcome = found.mapped()(context, answer);
    // A stashed answer comes again and wants its continuation.
    if (outcome.status() == ACTORD_DEFER) instance.ledger.waiting.insert(std::move(found));
    return outcome;
  }

  static void stop(void* self, actord_turn* raw, int32_t reason) {
    turn(self, raw, [&](Self& instance, Context& context) -> Outcome {
      if constexpr (requires { instance.actor.stop(context, reason); }) {
        return outcome_of([&] { return instance.actor.stop(context, reason); });
      } else {
        return {};
      }
    });
  }

  static void destroy(void* self) { delete static_cast<Self*>(self); }

  static actord_status decide(void* self, actord_turn* raw, const actord_child_failure* failure,
                              uint32_t* directive) {
    return turn(self, raw,
                [&](Self& instance, Context& context) -> Outcome {
                  if constexpr (Supervises<A>) {
                    *directive = static_cast<uint32_t>(
                        instance.actor.child_failed(context, ChildFailure(*failure)));
                  }
                  return {};
                })
        .status();
  }

  // ---- persistence ----

  static actord_status apply_event(void* self, const actord_event* event) {
    return applied(self, [&] { return of(self).actor.apply(Event(*event)); });
  }

  static actord_status snapshot_load(void* self, uint32_t version, actord_view body) {
    return applied(self, [&] { return of(self).actor.load(version, to_string_view(body)); });
  }

  // There is no turn to hang words on: they go to the log, and to persist when it is under way.
  template <class F>
  static actord_status applied(void* self, F&& body) {
    Self& instance = of(self);
    const Outcome outcome = guarded(std::forward<F>(body));
    if (!outcome.failed()) return ACTORD_OK;
    instance.ledger.event_error = outcome.text();
    instance.host.log(nullptr, ACTORD_LOG_ERROR, outcome.text());
    return outcome.status();
  }

  static actord_status snapshot_save(void* self, actord_writer* writer,
                                     const actord_persist_api* api) {
    const Outcome outcome = guarded([&]() -> Outcome {
      const std::string body = static_cast<const A&>(of(self).actor).save();
      const actord_status status = api->write(writer, body.data(), body.size());
      if (status != ACTORD_OK) {
        return Error{status, "snapshot of " + std::to_string(body.size()) +
                                 " bytes refused: " + std::string(status_meaning(status))};
      }
      return {};
    });
    if (outcome.failed()) of(self).host.log(nullptr, ACTORD_LOG_ERROR, outcome.text());
    return outcome.status();
  }

  static actord_status recovered(void* self, actord_turn* raw) {
    return turn(self, raw,
                [](Self& instance, Context& context) -> Outcome {
                  if constexpr (requires { instance.actor.recovered(context); }) {
                    return outcome_of([&] { return instance.actor.recovered(context); });
                  } else {
                    return {};
                  }
                })
        .status();
  }

  static constexpr actord_actor_persist make_persist_table() {
    actord_actor_persist built{};
    built.struct_size = sizeof(actord_actor_persist);
    if constexpr (Persistent<A>) {
      built.apply_event = &apply_event;
      built.recovered = &recovered;
      if constexpr (Snapshots<A>) {
        built.snapshot_save = &snapshot_save;
        built.snapshot_load = &snapshot_load;
      }
    }
    return built;
  }

  static const void* get_extension(const char* id) {
    static constexpr actord_actor_persist persist = make_persist_table();
    if constexpr (Persistent<A>) {
      if (std::string_view(id) == ACTORD_EXT_ACTOR_PERSIST) return &persist;
    }
    static constexpr actord_actor_supervise supervise{sizeof(actord_actor_supervise), 0, &decide};
    if constexpr (Supervises<A>) {
      if (std::string_view(id) == ACTORD_EXT_ACTOR_SUPERVISE) return &supervise;
    }
    return nullptr;
  }
};

}  // namespace detail

// One line of ACTORD_PLUGIN: Kind<Greeter>("Greeter").
template <class A>
struct Kind {
  std::string_view name;  // a literal

  constexpr explicit Kind(std::string_view type) : name(type) {}

  constexpr operator actord_kind() const {
    actord_kind kind{};
    kind.struct_size = sizeof(actord_kind);
    if constexpr (Snapshots<A>) {
      static_assert(Persistent<A>, "save and load need apply: state comes from events");
      static_assert(A::kStateVersion > 0,
                    "snapshots carry a version: static constexpr uint32_t kStateVersion");
      kind.state_version = A::kStateVersion;
    }
    kind.name = to_view(name);
    kind.create = &detail::Thunks<A>::create;
    kind.start = &detail::Thunks<A>::start;
    kind.receive = &detail::Thunks<A>::receive;
    kind.stop = &detail::Thunks<A>::stop;
    kind.destroy = &detail::Thunks<A>::destroy;
    kind.get_extension = &detail::Thunks<A>::get_extension;
    return kind;
  }
};

}  // namespace actord
