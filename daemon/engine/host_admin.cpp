#include "engine/host_admin.hpp"

#include <unistd.h>

#include "base/limits.hpp"
#include "base/log.hpp"
#include "core/topic.hpp"
#include "engine/new_builds.hpp"

namespace actord::host {
namespace {

using nlohmann::json;

// Long enough for a graceful stop of a subtree; after that the answer says where it stands.
constexpr uint64_t kChangeTimeoutMs = 30'000;

json text_or_null(const std::string& text) { return text.empty() ? json(nullptr) : json(text); }

// Bytes that are no JSON are shown as text; broken UTF-8 is replaced, so that the answer stays JSON.
json payload_json(const Bytes& payload, std::string_view content_type) {
  if (payload.empty()) return nullptr;
  if (content_type.empty() || content_type == "application/json") {
    json value = json::parse(payload.view(), nullptr, false);
    if (!value.is_discarded()) return value;
  }
  const std::string text(payload.view());
  return json::parse(json(text).dump(-1, ' ', false, json::error_handler_t::replace));
}

json letter_json(const DeadLetter& letter) {
  return {{"id", letter.id},
          {"unix_ms", letter.unix_ms},
          {"reason", dead_reason_name(letter.reason)},
          {"to", letter.to},
          {"from", letter.from},
          {"type", letter.type},
          {"topic", letter.topic},
          {"correlation", letter.correlation.text()},
          {"message_id", letter.message_id},
          {"causation_id", letter.causation_id},
          {"attempts", letter.attempts},
          {"size", letter.size},
          {"error", letter.error},
          {"payload", payload_json(letter.payload, letter.content_type)}};
}

json actor_json(const ActorView& actor) {
  return {{"path", actor.path},
          {"kind", actor.kind},
          {"state", actor.state},
          {"incarnation", actor.incarnation},
          {"restarts", actor.restarts},
          {"mailbox", actor.mailbox.messages},
          {"handled", actor.handled},
          {"failed", actor.failed},
          {"reason", text_or_null(actor.reason)},
          {"next_in_ms", actor.next_restart_ms}};
}

json failure_json(const ActorView& actor) {
  if (actor.last_failure_unix_ms == 0) return nullptr;
  const Failure& failure = actor.last_failure;
  return {{"text", failure.text},
          {"class", failure_class_name(failure.failure)},
          {"message_type", failure.message_type},
          {"message_id", failure.message_id},
          {"unix_ms", actor.last_failure_unix_ms}};
}

json persistence_json(const ActorView& actor) {
  if (!actor.persistent) return nullptr;
  const std::string& id = actor.options.persistence.id;
  return {{"id", id.empty() ? actor.path : id},
          {"seq", actor.last_seq},
          {"snapshot_seq", actor.snapshot_seq},
          {"hydrated_events", actor.hydrated_events},
          {"hydrated_ms", actor.hydrated_ms}};
}

json plan_lines(const Plan& plan) {
  json lines = json::array();
  for (const Change& change : plan.changes) lines.push_back(change.text);
  return lines;
}

// Why an ask has no answer. The dead letter's own recipient is blamed, not who passed the request on.
std::string ask_failure(const std::string& asked, const Error& error) {
  const bool dead_letter = error.code == ACTORD_FAIL_PERMANENT && error.text.starts_with("/");
  if (!dead_letter) return asked + ": " + error.text;
  const std::string recipient = error.text.substr(0, error.text.find(": "));
  const std::string by_way_of = recipient == asked ? "" : asked + " passed it on; ";
  return by_way_of + error.text + "; see: actorctl dead ls --actor " + recipient;
}

// The build an instance runs, and the one that is loaded if that is another.
json plugin_json(const ActorView& actor, const KindCatalog& catalog) {
  if (actor.plugin == nullptr) return nullptr;
  const auto build = [](const PluginInfo& info) {
    return json{{"version", info.version}, {"sha256", info.sha256}};
  };
  json result = build(*actor.plugin);
  result["id"] = actor.plugin->id;
  const PluginInfo* const current = catalog.plugin(actor.plugin->id);
  const bool newer = current != nullptr && current->sha256 != actor.plugin->sha256;
  result["newer"] = newer ? build(*current) : json(nullptr);
  return result;
}

// Why there is no message of this type.
Error refused_type(const std::string& type) {
  if (type.empty() || type.size() > limits::kTypeNameBytes)
    return {ACTORD_E_INVALID, "type: 1 to 128 bytes"};
  return {
      ACTORD_E_LIMIT,
      "the host's table of type names is full (" + std::to_string(limits::kSymbolsMax) +
          " since it started); a type is a name, data belongs in the payload. The table is empty "
          "again after: systemctl restart actord"};
}

const char* phase_name(Engine::Phase phase, bool degraded) {
  switch (phase) {
    case Engine::Phase::kStarting: return "HYDRATING";
    case Engine::Phase::kRunning: return degraded ? "DEGRADED" : "RUNNING";
    case Engine::Phase::kDraining:
    case Engine::Phase::kStopping: return "DRAINING";
  }
  return "RUNNING";
}

json tally_json(const FilterTally& tally) {
  return {{"let", tally.of(FilterCount::kLet)},
          {"filtered", tally.of(FilterCount::kFiltered)},
          {"throttled", tally.of(FilterCount::kThrottled)},
          {"debounced", tally.of(FilterCount::kDebounced)},
          {"unreadable", tally.of(FilterCount::kUnreadable)}};
}

json filter_json(const Filter* filter) {
  if (filter == nullptr) return nullptr;
  static const char* const kGroups[] = {"all", "topic", "key"};
  const SubscriptionOptions options = filter->options();
  json result = tally_json(filter->tally());
  result["held"] = filter->held();
  result["where"] = text_or_null(options.where);
  const ThrottleOptions& throttle = options.throttle;
  result["throttle"] = throttle.messages == 0
                           ? json(nullptr)
                           : json{{"messages", throttle.messages},
                                  {"within_ms", throttle.within_ms},
                                  {"by", kGroups[static_cast<size_t>(throttle.by)]}};
  const DebounceOptions& debounce = options.debounce;
  result["debounce"] = debounce.quiet_ms == 0
                           ? json(nullptr)
                           : json{{"quiet_ms", debounce.quiet_ms},
                                  {"longest_ms", debounce.longest_ms},
                                  {"by", kGroups[static_cast<size_t>(debounce.by)]}};
  return result;
}

json store_json(const StoreStats& stats) {
  return {{"location", stats.location},
          {"promise", stats.promise},
          {"bytes", stats.bytes},
          {"wal_bytes", stats.wal_bytes},
          {"last_commit_us", stats.last_commit_us},
          {"events", stats.events},
          {"commits", stats.commits},
          {"waiting_for_space", stats.waiting_for_space}};
}

}  // namespace

void HostAdmin::status(AdminReply reply) {
  Runtime& runtime = engine_.runtime();
  const TreeCounts counts = runtime.tree().counts();
  const MessageSums sums = runtime.counters().sums();
  const StoreStats stats = engine_.log().stats();
  json parked = json::array(), backoff = json::array();
  for (const ActorView& actor : runtime.tree().list()) {
    json entry{{"path", actor.path}, {"reason", actor.reason}, {"restarts", actor.restarts}};
    if (actor.state == "parked") {
      parked.push_back(std::move(entry));
    } else if (actor.state == "backoff") {
      entry["next_in_ms"] = actor.next_restart_ms;
      backoff.push_back(std::move(entry));
    }
  }
  json filters = tally_json(runtime.filters().tally());
  filters["held"] = runtime.filters().held();
  json stuck = json::array();
  for (const StuckTurn& turn : runtime.watchdog().stuck()) {
    stuck.push_back({{"path", turn.actor},
                     {"message_type", turn.message_type},
                     {"message_id", turn.message_id},
                     {"for_ms", turn.for_ms}});
  }
  json filled = json::array();
  for (const FilledMailbox& mailbox : runtime.mailbox_alarms().now()) {
    filled.push_back({{"path", mailbox.path},
                      {"messages", mailbox.messages},
                      {"capacity", mailbox.capacity},
                      {"bytes", mailbox.bytes},
                      {"bytes_max", mailbox.bytes_max}});
  }
  const bool degraded =
      !parked.empty() || !backoff.empty() || !stuck.empty() || stats.waiting_for_space;
  const LastReload& last = engine_.last_reload();
  const HydrationSums hydration = runtime.hydration_sums();
  reply(json{
      {"name", engine_.spec().host.name},
      {"version", ACTORD_VERSION},
      {"pid", ::getpid()},
      {"state", phase_name(engine_.phase(), degraded)},
      {"uptime_ms", engine_.ports().clock.now_ms() - engine_.started_ms()},
      {"generation", engine_.generation()},
      {"config_file", engine_.config_file()},
      {"loaded_unix_ms", engine_.loaded_unix_ms()},
      {"file_differs", engine_.file_differs()},
      {"actors",
       {{"total", counts.total + counts.waiting + counts.stopped},
        {"running", counts.running},
        {"starting", counts.starting},
        {"hydrating", counts.hydrating},
        {"backoff", counts.backoff},
        {"parked", counts.parked},
        {"undecided", counts.undecided},
        {"suspended", counts.suspended},
        {"stopping", counts.stopping},
        {"abandoned", counts.abandoned},
        {"waiting", counts.waiting},
        {"stopped", counts.stopped}}},
      {"messages",
       {{"accepted", sums.accepted},
        {"handled", sums.handled},
        {"dead", sums.dead},
        {"void", sums.voided},
        {"superseded", sums.superseded},
        {"in_flight", sums.in_flight()}}},
      {"filters", std::move(filters)},
      {"dead_letters", {{"stored", stats.dead_letters}}},
      {"parked", std::move(parked)},
      {"backoff", std::move(backoff)},
      {"stuck", std::move(stuck)},
      {"filled_mailboxes", std::move(filled)},
      {"ask_cycles",
       {{"reported", runtime.ask_cycles().reported()}, {"now", runtime.ask_cycles().now()}}},
      {"store", store_json(stats)},
      {"hydration",
       {{"actors", hydration.actors}, {"events", hydration.events}, {"ms", engine_.hydrated_ms()}}},
      {"last_reload", last.happened
                          ? json{{"ok", last.ok}, {"text", last.text}, {"unix_ms", last.unix_ms}}
                          : json(nullptr)}});
}

void HostAdmin::ps(AdminReply reply) {
  json actors = json::array();
  for (const ActorView& actor : engine_.runtime().tree().list())
    actors.push_back(actor_json(actor));
  reply(json{{"actors", std::move(actors)}});
}

void HostAdmin::describe(std::string path, AdminReply reply) {
  const auto actor = engine_.runtime().tree().describe(path);
  if (!actor) return reply(Error{ACTORD_E_NOT_FOUND, "no actor " + path + "; see: actorctl ps"});
  json patterns = json::array();
  for (const SubscriptionView& view : engine_.runtime().broker().list()) {
    const bool mine =
        view.subscriber.path == path ||
        (!view.subscriber.ref.is_nobody() && view.subscriber.ref.incarnation == actor->incarnation);
    if (mine) patterns.push_back(view.pattern);
  }
  std::string defined_at;
  if (const auto parsed = ActorPath::parse(path)) {
    if (const ActorSpec* spec = engine_.spec().actor(*parsed)) defined_at = spec->span.text();
  }
  json result = actor_json(*actor);
  result["defined_at"] = text_or_null(defined_at);
  result["started_unix_ms"] =
      actor->started_unix_ms == 0 ? json(nullptr) : json(actor->started_unix_ms);
  result["plugin"] = plugin_json(*actor, engine_.catalog());
  result["settings"] = json::parse(actor->settings, nullptr, false);
  result["mailbox"] = {
      {"depth", actor->mailbox.messages},        {"capacity", actor->options.mailbox.capacity},
      {"bytes", actor->mailbox.bytes},           {"highest", actor->mailbox.highest},
      {"superseded", actor->mailbox.superseded}, {"high", actor->mailbox.high}};
  result["restarts"] = {{"count", actor->restarts},
                        {"in_window", actor->restarts_in_window},
                        {"by_operator", actor->restarts_by_operator},
                        {"limit", actor->options.supervision.limit.restarts},
                        {"within_ms", actor->options.supervision.limit.within_ms},
                        {"next_in_ms", actor->next_restart_ms}};
  result["last_failure"] = failure_json(*actor);
  result["persistence"] = persistence_json(*actor);
  result["subscriptions"] = std::move(patterns);
  result["tags"] = engine_.runtime().tags().of(engine_.runtime().registry().find(path));
  result["children"] = actor->children;
  result["timers"] = actor->timers;
  result["asks"] = actor->asks;
  reply(std::move(result));
}

bool HostAdmin::taking_messages(const AdminReply& reply) const {
  const auto phase = engine_.phase();
  if (phase == Engine::Phase::kStarting || phase == Engine::Phase::kRunning) return true;
  reply(Error{ACTORD_E_CLOSED, "the host is shutting down"});
  return false;
}

void HostAdmin::send(std::string path, std::string type, std::string payload, AdminReply reply) {
  if (!taking_messages(reply)) return;
  Runtime& runtime = engine_.runtime();
  const ActorRef to = runtime.registry().find(path);
  if (to.is_nobody()) return reply(runtime.tree().absence(path));
  EnvelopePtr message = runtime.outside_message(type, payload);
  if (message == nullptr) return reply(refused_type(type));
  const uint64_t id = message->id;
  const std::string correlation = message->correlation.text();
  const actord_status posted = runtime.router().post(to, std::move(message));
  if (posted == ACTORD_E_FULL) {
    return reply(
        Error{posted, "the mailbox of " + path + " is full; see: actorctl describe " + path});
  }
  if (posted != ACTORD_OK) return reply(Error{posted, path + " has stopped; see: actorctl ps"});
  reply(json{{"message_id", id}, {"correlation", correlation}});
}

void HostAdmin::ask(std::string path, std::string type, std::string payload, uint64_t timeout_ms,
                    AdminReply reply) {
  if (!taking_messages(reply)) return;
  Runtime& runtime = engine_.runtime();
  EnvelopePtr message = runtime.outside_message(type, payload);
  if (message == nullptr) return reply(refused_type(type));
  message->to = runtime.registry().find(path);
  if (message->to.is_nobody()) return reply(runtime.tree().absence(path));
  // Its mailbox would keep the question, and nobody would answer it.
  const auto standing = runtime.tree().standing(path);
  if (standing.state == "parked" || standing.state == "suspended") {
    const std::string why = standing.reason.empty() ? std::string() : ": " + standing.reason;
    return reply(Error{ACTORD_E_WRONG_PHASE, path + " is " + standing.state + why +
                                                 "; run it again: actorctl resume " + path});
  }
  const uint64_t clamped = std::clamp<uint64_t>(timeout_ms, 1, limits::kAskTimeoutMsMax);
  const uint64_t began = engine_.ports().clock.now_ms();
  Engine& engine = engine_;
  runtime.outside().ask(
      std::move(message), began + clamped,
      [&engine, began, path, reply = std::move(reply)](Result<OutsideReply> answer) {
        engine.ports().post([&engine, began, path, reply, answer = std::move(answer)] {
          if (!answer) {
            return reply(Error{answer.error().code, ask_failure(path, answer.error())});
          }
          const uint64_t took = engine.ports().clock.now_ms() - began;
          reply(json{{"type", answer->type.name()},
                     {"content_type", answer->content_type.empty()
                                          ? "application/json"
                                          : std::string(answer->content_type.name())},
                     {"payload", payload_json(answer->payload, answer->content_type.name())},
                     {"ms", took}});
        });
      });
}

void HostAdmin::publish(std::string topic, std::string type, std::string payload,
                        AdminReply reply) {
  if (!taking_messages(reply)) return;
  const auto parsed = Topic::parse(topic);
  if (!parsed) return reply(Error{ACTORD_E_INVALID, parsed.error().text});
  EnvelopePtr message = engine_.runtime().outside_message(type, payload);
  if (message == nullptr) return reply(refused_type(type));
  message->with_extra().topic = topic;
  const uint64_t id = message->id;
  const std::string correlation = message->correlation.text();
  const size_t delivered = engine_.runtime().router().publish(std::move(message));
  reply(json{{"message_id", id}, {"correlation", correlation}, {"delivered", delivered}});
}

void HostAdmin::reload(bool dry_run, AdminReply reply) {
  engine_.reload(dry_run, [reply](Result<ReloadReport> report) {
    if (!report) return reply(report.error());
    reply(json{{"generation", report->generation},
               {"plan", plan_lines(report->plan)},
               {"old_builds", report->old_builds},
               {"unchanged", report->unchanged}});
  });
}

void HostAdmin::diff(std::string file, AdminReply reply) {
  auto report = engine_.plan_for(file);
  if (!report) return reply(report.error());
  std::string refused;
  for (const Diagnostic& diagnostic : report->plan.refused.list()) {
    refused += (refused.empty() ? "" : "\n") + diagnostic.line();
  }
  reply(json{{"plan", plan_lines(report->plan)},
             {"old_builds", report->old_builds},
             {"refused", text_or_null(refused)}});
}

void HostAdmin::change(Change wanted, const char* event, std::string path, AdminReply reply) {
  if (!taking_messages(reply)) return;
  ActorTree& tree = engine_.runtime().tree();
  const auto done = (tree.*wanted)(path);
  if (!done) return reply(done.error());
  engine_.when([&tree, path] { return tree.standing(path).settled; }, kChangeTimeoutMs,
               [&tree, event, path, reply](bool) {
                 const std::string reached = tree.standing(path).state;
                 const std::string state = reached.empty() ? "stopped" : reached;
                 log::info(event, "an operator's command is carried out",
                           {{"actor", path}, {"state", state}});
                 reply(json{{"path", path}, {"state", state}});
               });
}

void HostAdmin::start(std::string path, AdminReply reply) {
  change(&ActorTree::start, "actor.started_by_operator", std::move(path), std::move(reply));
}
void HostAdmin::stop(std::string path, AdminReply reply) {
  change(&ActorTree::stop, "actor.stopped_by_operator", std::move(path), std::move(reply));
}
void HostAdmin::restart(std::string path, AdminReply reply) {
  change(&ActorTree::restart, "actor.restarted_by_operator", std::move(path), std::move(reply));
}
void HostAdmin::park(std::string path, AdminReply reply) {
  change(&ActorTree::park, "actor.parked_by_operator", std::move(path), std::move(reply));
}
void HostAdmin::suspend(std::string path, AdminReply reply) {
  change(&ActorTree::suspend, "actor.suspended_by_operator", std::move(path), std::move(reply));
}
void HostAdmin::resume(std::string path, AdminReply reply) {
  change(&ActorTree::resume, "actor.resumed_by_operator", std::move(path), std::move(reply));
}

void HostAdmin::dead_letters(std::string actor, std::string reason, int64_t since_unix_ms,
                             uint64_t limit, AdminReply reply) {
  DeadLetterFilter filter;
  filter.to = std::move(actor);
  filter.since_unix_ms = since_unix_ms;
  filter.limit = limit;
  if (!reason.empty()) {
    filter.reason = parse_dead_reason(reason);
    if (!filter.reason) {
      std::string known;
      for (int i = 1; i < kDeadReasonCount; ++i) {
        known += (i > 1 ? ", " : "") + std::string(dead_reason_name(static_cast<DeadReason>(i)));
      }
      return reply(
          Error{ACTORD_E_INVALID, "reason: no such reason \"" + reason + "\"; one of " + known});
    }
  }
  Engine& engine = engine_;
  engine_.log().dead_letters(std::move(filter), [&engine,
                                                 reply](Result<std::vector<DeadLetter>> found) {
    engine.ports().post([&engine, reply, found = std::move(found)] {
      if (!found) return reply(found.error());
      json letters = json::array();
      for (const DeadLetter& letter : *found) letters.push_back(letter_json(letter));
      reply(json{{"letters", std::move(letters)}, {"stored", engine.log().stats().dead_letters}});
    });
  });
}

void HostAdmin::dead_letter(uint64_t id, AdminReply reply) {
  DeadLetterFilter filter;
  filter.id = id;
  Engine& engine = engine_;
  engine_.log().dead_letters(
      std::move(filter), [&engine, id, reply](Result<std::vector<DeadLetter>> found) {
        engine.ports().post([id, reply, found = std::move(found)] {
          if (!found) return reply(found.error());
          if (found->empty()) {
            return reply(Error{ACTORD_E_NOT_FOUND,
                               "no dead letter " + std::to_string(id) + "; see: actorctl dead ls"});
          }
          reply(letter_json(found->front()));
        });
      });
}

void HostAdmin::subscriptions(AdminReply reply) {
  json list = json::array();
  Runtime& runtime = engine_.runtime();
  for (const SubscriptionView& view : runtime.broker().list()) {
    const bool by_path = view.subscriber.ref.is_nobody();
    list.push_back(
        {{"pattern", view.pattern},
         {"to", by_path ? view.subscriber.path : runtime.registry().path_of(view.subscriber.ref)},
         {"origin", by_path ? "topology" : "code"},
         {"filter", filter_json(view.filter.get())}});
  }
  reply(json{{"subscriptions", std::move(list)}});
}

void HostAdmin::tags(AdminReply reply) {
  json list = json::array();
  for (const TagView& view : engine_.runtime().tags().list()) {
    json actors = json::array();
    for (const Tagged& carrier : view.carriers) actors.push_back(carrier.path);
    list.push_back(
        {{"tag", view.tag}, {"actors", std::move(actors)}, {"followers", view.followers}});
  }
  reply(json{{"tags", std::move(list)}});
}

}  // namespace actord::host
