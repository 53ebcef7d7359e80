#include "host/abi_adapter.hpp"

#include "host/abi_values.hpp"
#include "host/snapshot_collector.hpp"

namespace actord::host {
namespace {

// Which positive answers a callback may give.
enum class Answers { kOk, kOkOrStop, kAny };

bool allowed(actord_status status, Answers answers) {
  switch (status) {
    case ACTORD_OK: return true;
    case ACTORD_STOP: return answers != Answers::kOk;
    case ACTORD_UNHANDLED:
    case ACTORD_DEFER: return answers == Answers::kAny;
    default: return false;
  }
}

// Unknown negatives are permanent failures: a younger plugin may fail in ways this host has no word for.
// Positives that make no sense here are the plugin's bug.
Outcome judge(actord_status status, const char* function, Answers answers, std::string text) {
  if (status >= 0) {
    if (allowed(status, answers)) return {status, {}};
    return {ACTORD_FAIL_INTERNAL, std::string(function) + " answered " +
                                      std::string(status_name(status)) + " (" +
                                      std::to_string(status) + "), which it may not"};
  }
  if (status_name(status) != "UNKNOWN") {
    if (text.empty())
      text = std::string(function) + " answered " + std::string(status_name(status));
    return {status, std::move(text)};
  }
  if (text.empty())
    text = std::string(function) + " answered " + std::to_string(status) + ", an unknown failure";
  return {ACTORD_FAIL_PERMANENT, std::move(text)};
}

// code: a callable that answers a status.
template <class Code>
Outcome run(const PluginCall& call, const char* function, Answers answers, Code&& code) {
  actord_status status = ACTORD_OK;
  if (auto escaped = run_plugin_code(call, function, [&] { status = code(); })) {
    return {ACTORD_FAIL_INTERNAL, std::move(*escaped)};
  }
  return judge(status, function, answers,
               call.turn == nullptr || status >= 0 ? std::string() : call.turn->error());
}

actord_turn* turn_of(TurnContext& turn) { return reinterpret_cast<actord_turn*>(&turn); }

actord_message message_of(const Envelope& envelope) {
  actord_message message{};
  message.struct_size = sizeof message;
  message.kind = static_cast<uint32_t>(envelope.kind);
  message.type = to_abi(envelope.type.name());
  message.payload = to_abi(envelope.payload.view());
  message.content_type = to_abi(envelope.content_type.name());
  if (envelope.extra != nullptr) {
    message.topic = to_abi(std::string_view(envelope.extra->topic));
    message.key = to_abi(std::string_view(envelope.extra->key));
    message.text = to_abi(std::string_view(envelope.extra->text));
    // A timer's key, a file's path and a tag are no interned names, so they travel as the key.
    const bool named_by_key = envelope.kind == MessageKind::kTimer ||
                              envelope.kind == MessageKind::kFileChanged ||
                              envelope.kind == MessageKind::kListed;
    if (named_by_key) std::swap(message.type, message.key);
  }
  message.from = to_abi(envelope.from);
  message.reply_to = to_abi(envelope.reply_to);
  message.correlation = to_abi(envelope.correlation);
  message.message_id = envelope.id;
  message.causation_id = envelope.causation;
  // What token means depends on the kind (abi.h); the host's own numbers stay here.
  // An answer that was put off has a new ask, so that it is let in again, and its old token.
  const bool has_token = envelope.kind == MessageKind::kReply ||
                         envelope.kind == MessageKind::kAskFailed ||
                         envelope.kind == MessageKind::kUndelivered;
  if (has_token) message.token = envelope.token;
  message.deadline_ms = envelope.deadline_ms;
  message.reason = envelope.reason;
  message.hops = envelope.hops;
  message.attempt = envelope.attempt;
  message.expects_reply = envelope.kind == MessageKind::kUser && envelope.ask != 0 ? 1 : 0;
  message.buf = envelope.payload.empty() ? nullptr : to_abi(envelope.payload.buffer());
  return message;
}

actord_child_failure failure_of(const ChildFailure& failed) {
  actord_child_failure failure{};
  failure.struct_size = sizeof failure;
  failure.failure_class = static_cast<uint32_t>(failed.failure.failure) + ACTORD_FAILURE_TRANSIENT;
  failure.child = to_abi(failed.child);
  failure.path = to_abi(std::string_view(failed.path));
  failure.kind = to_abi(std::string_view(failed.kind));
  failure.status = failed.failure.status;
  failure.attempt = failed.failure.attempt;
  failure.text = to_abi(std::string_view(failed.failure.text));
  failure.message_type = to_abi(std::string_view(failed.failure.message_type));
  failure.message_id = failed.failure.message_id;
  failure.restarts = failed.restarts;
  failure.restarts_in_window = failed.restarts_in_window;
  failure.resumable = failed.resumable ? 1 : 0;
  return failure;
}
static_assert(static_cast<uint32_t>(FailureClass::kHydration) + ACTORD_FAILURE_TRANSIENT ==
              ACTORD_FAILURE_HYDRATION);

// Nothing, and a log line, for a directive that this host does not know.
ChosenDirective directive_of(uint32_t directive, const PluginCall& call) {
  switch (directive) {
    case ACTORD_DIRECTIVE_DEFAULT: return std::nullopt;
    case ACTORD_DIRECTIVE_RESUME: return Directive::kResume;
    case ACTORD_DIRECTIVE_RESTART: return Directive::kRestart;
    case ACTORD_DIRECTIVE_STOP: return Directive::kStop;
    case ACTORD_DIRECTIVE_ESCALATE: return Directive::kEscalate;
    case ACTORD_DIRECTIVE_PARK: return Directive::kPark;
    default: break;
  }
  report_misbehaviour(call.plugin, call.actor,
                      "decide answered the directive " + std::to_string(directive) +
                          ", which this host does not know; the topology decides");
  return std::nullopt;
}

std::string log_text(actord_view view) {
  if (!readable(view)) return {};
  return std::string(from_abi(view).substr(0, limits::kLogTextBytes));
}

}  // namespace

Result<std::unique_ptr<Behavior>> AbiActor::create(const HostApi& api, const KindTable& table,
                                                   const CreateArgs& args) {
  const PluginCall call{api.plugin(), args.path.text(), nullptr, nullptr};
  actord_view error{nullptr, 0};
  actord_create_args given{};
  given.struct_size = sizeof given;
  given.host = &api.table();
  given.kind = to_abi(std::string_view(args.kind));
  given.path = to_abi(std::string_view(args.path.text()));
  given.settings = to_abi(std::string_view(args.settings));
  given.error = &error;
  void* self = nullptr;
  Outcome outcome =
      run(call, "create", Answers::kOk, [&] { return table.kind->create(&given, &self); });
  if (outcome.status == ACTORD_OK) {
    return std::unique_ptr<Behavior>(new AbiActor(api, table, self, args.path.text()));
  }
  if (error.size != 0) outcome.text = log_text(error);
  return Error{outcome.status, std::move(outcome.text)};
}

AbiActor::~AbiActor() {
  run_plugin_code(call(nullptr), "destroy", [&] { table_.kind->destroy(self_); });
}

PluginCall AbiActor::call(TurnContext* turn) {
  return {api_.plugin(), path_, turn, turn == nullptr ? nullptr : &inlets_};
}

Outcome AbiActor::start(TurnContext& turn) {
  return run(call(&turn), "start", Answers::kOkOrStop,
             [&] { return table_.kind->start(self_, turn_of(turn)); });
}

Outcome AbiActor::receive(TurnContext& turn, const Envelope& envelope) {
  const actord_message message = message_of(envelope);
  return run(call(&turn), "receive", Answers::kAny,
             [&] { return table_.kind->receive(self_, turn_of(turn), &message); });
}

void AbiActor::stop(TurnContext& turn, int32_t reason) {
  run_plugin_code(call(&turn), "stop", [&] { table_.kind->stop(self_, turn_of(turn), reason); });
}

Outcome AbiActor::decide(TurnContext& turn, const ChildFailure& failed, ChosenDirective& chosen) {
  if (!supervises()) return Behavior::decide(turn, failed, chosen);
  const actord_child_failure failure = failure_of(failed);
  uint32_t directive = ACTORD_DIRECTIVE_DEFAULT;
  Outcome outcome = run(call(&turn), "decide", Answers::kOkOrStop, [&] {
    return table_.supervise->decide(self_, turn_of(turn), &failure, &directive);
  });
  if (!outcome.failed()) chosen = directive_of(directive, call(&turn));
  return outcome;
}

Outcome AbiActor::apply_event(const EventRecord& record) {
  if (!persistent()) return Behavior::apply_event(record);
  actord_event event{};
  event.struct_size = sizeof event;
  event.version = record.version;
  event.seq = record.seq;
  event.unix_ms = record.unix_ms;
  event.type = to_abi(record.type.name());
  event.body = to_abi(record.body.view());
  return run(call(nullptr), "apply_event", Answers::kOk,
             [&] { return table_.persist->apply_event(self_, &event); });
}

Outcome AbiActor::load_snapshot(const SnapshotRecord& snapshot) {
  if (!persistent() || table_.persist->snapshot_load == nullptr)
    return Behavior::load_snapshot(snapshot);
  return run(call(nullptr), "snapshot_load", Answers::kOk, [&] {
    return table_.persist->snapshot_load(self_, snapshot.state_version,
                                         to_abi(snapshot.body.view()));
  });
}

Result<std::optional<Bytes>> AbiActor::save_snapshot() {
  if (!persistent() || table_.persist->snapshot_save == nullptr) return std::optional<Bytes>();
  SnapshotCollector writer;
  const auto* api = static_cast<const actord_persist_api*>(host_extension(ACTORD_EXT_PERSIST));
  const Outcome outcome = run(call(nullptr), "snapshot_save", Answers::kOk, [&] {
    return table_.persist->snapshot_save(self_, reinterpret_cast<actord_writer*>(&writer), api);
  });
  if (outcome.failed()) return Error{outcome.status, outcome.text};
  // Half a state saved as a whole one would be loaded as the truth.
  if (writer.over_limit()) return Error{ACTORD_E_LIMIT, "the snapshot is larger than 64 MiB"};
  return std::optional<Bytes>(writer.take());
}

Outcome AbiActor::recovered(TurnContext& turn) {
  if (!persistent() || table_.persist->recovered == nullptr) return {};
  return run(call(&turn), "recovered", Answers::kOk,
             [&] { return table_.persist->recovered(self_, turn_of(turn)); });
}

}  // namespace actord::host
