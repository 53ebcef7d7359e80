#include "worker.hpp"

namespace pkgwatch {

using actord::Context, actord::Error, actord::Event, actord::Json, actord::Message, actord::Result;

namespace {

// What a line did, as the journal keeps it. Short keys: there is one for every line.
struct Applied {
  static constexpr std::string_view kType = "pkgwatch.Applied";
  static constexpr uint32_t kVersion = 1;
  Origin origin;
  Record record;
};

void to_json(Json& json, const Applied& applied) {
  const Record& record = applied.record;
  json = {{"s", applied.origin.source},
          {"q", applied.origin.seq},
          {"f", applied.origin.settled},
          {"a", name_of(record.action)}};
  if (!record.time.empty()) json["t"] = record.time;
  if (!record.package.empty()) json["p"] = record.package;
  if (record.action == Action::kStatus) json["st"] = record.state, json["v"] = record.version;
}
void from_json(const Json& json, Applied& applied) {
  json.at("s").get_to(applied.origin.source);
  json.at("q").get_to(applied.origin.seq);
  json.at("f").get_to(applied.origin.settled);
  applied.record.action = action_named(json.at("a").get<std::string>()).value_or(Action::kUnparsed);
  applied.record.time = json.value("t", "");
  applied.record.package = json.value("p", "");
  applied.record.state = json.value("st", "");
  applied.record.version = json.value("v", "");
}

}  // namespace

// A snapshot of version 1 does not know which line said it: any next one is newer.
static SaidBy said_by(const Json& state, const char* key) {
  const Json by = state.value(key, Json::object());
  return {by.value("s", ""), by.value("q", uint64_t{0})};
}

// Found by argument-dependent lookup, like the conversions of the messages.
static void to_json(Json& json, const PackageState& state) {
  json = {{"status", state.status},
          {"version", state.version},
          {"last_action", state.last_action},
          {"last_time", state.last_time},
          {"records", state.records},
          {"status_by", {{"s", state.status_by.source}, {"q", state.status_by.seq}}},
          {"action_by", {{"s", state.action_by.source}, {"q", state.action_by.seq}}}};
}
static void from_json(const Json& json, PackageState& state) {
  json.at("status").get_to(state.status);
  json.at("version").get_to(state.version);
  json.at("last_action").get_to(state.last_action);
  json.at("last_time").get_to(state.last_time);
  json.at("records").get_to(state.records);
  state.status_by = said_by(json, "status_by");
  state.action_by = said_by(json, "action_by");
}

void Worker::line(Context& context, const RoutedLine& line, const Message& message) {
  if (!line.origin.valid()) return context.reject("settled has to be below seq");
  const auto source = sources_.find(line.origin.source);
  if (source == sources_.end() || !source->second.has(line.origin.seq)) {
    context.persist(Applied{line.origin, line.record});
    if (message.type() == kUnparsedType) context.reject("no record of dpkg's log: " + line.why);
  }
  if (line.origin.ack && message.reply_to()) {
    context.send(message.reply_to(), "io.Ack", actord::to_text(Json{{"seq", line.origin.seq}}));
  }
}

void Worker::count(Context& context) { context.reply(kCountsType, actord::to_text(counts_)); }

// All architectures of the name, or the one that is asked for.
void Worker::package(Context& context, const Json& question) {
  if (!question.is_object() || !question.contains("name") || !question.at("name").is_string()) {
    return context.reject("pkgwatch.Package wants {\"name\": \"libc6\"}");
  }
  const auto wanted = question.at("name").get<std::string>();
  Json found = Json::object();
  for (auto it = packages_.lower_bound(std::string(package_name(wanted))); it != packages_.end();
       ++it) {
    if (!it->first.starts_with(package_name(wanted))) break;
    if (it->first == wanted || package_name(it->first) == wanted) found[it->first] = it->second;
  }
  context.reply(
      kPackageType,
      actord::to_text(Json{{"name", wanted}, {"found", !found.empty()}, {"packages", found}}));
}

Result<void> Worker::apply(const Event& event) {
  if (event.type() != Applied::kType || event.version() != Applied::kVersion) {
    return Error{ACTORD_FAIL_STATE, "no event of pkgwatch.Worker: " + std::string(event.type()) +
                                        " version " + std::to_string(event.version())};
  }
  ACTORD_TRY_ASSIGN(const Applied applied, event.as<Applied>());
  sources_[applied.origin.source].add(applied.origin.seq, applied.origin.settled);
  change(applied.origin, applied.record);
  return {};
}

void Worker::change(const Origin& origin, const Record& record) {
  counts_.by_action[static_cast<std::size_t>(record.action)] += 1;
  if (record.package.empty()) return;
  const auto [entry, is_new] = packages_.try_emplace(record.package);
  PackageState& state = entry->second;
  if (is_new) counts_.packages += 1;
  state.records += 1;
  SaidBy& by = record.action == Action::kStatus ? state.status_by : state.action_by;
  if (!state.status_by.is_newer_than(origin) && !state.action_by.is_newer_than(origin)) {
    state.last_time = record.time;
  }
  if (by.is_newer_than(origin)) return;
  by = {origin.source, origin.seq};
  if (record.action != Action::kStatus) {
    state.last_action = name_of(record.action);
    return;
  }
  counts_.installed_now -= state.status == "installed" ? 1 : 0;
  counts_.installed_now += record.state == "installed" ? 1 : 0;
  state.status = record.state;
  state.version = record.version;
}

std::string Worker::save() const {
  return actord::to_text(Json{{"counts", counts_}, {"packages", packages_}, {"sources", sources_}});
}

Result<void> Worker::load(uint32_t version, std::string_view body) {
  if (version != 1 && version != kStateVersion) {
    return Error{ACTORD_FAIL_STATE,
                 "snapshot version " + std::to_string(version) + " is not known"};
  }
  ACTORD_TRY_ASSIGN(const Json json, actord::parse_json(body));
  // What a snapshot lacks is thrown by at() and ends at the wrapper's wall as a failed load.
  counts_ = json.at("counts").get<Counts>();
  packages_ = json.at("packages").get<std::map<std::string, PackageState>>();
  sources_ = json.at("sources").get<std::map<std::string, AppliedLines>>();
  return {};
}

}  // namespace pkgwatch
