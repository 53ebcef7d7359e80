#include "topology/plan.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "base/text.hpp"
#include "topology/quantity.hpp"
#include "topology/suggestion.hpp"

namespace actord::host {
namespace {

using Changed = std::vector<std::string>;  // "mailbox.capacity 1024 -> 8192"

std::string text_of(const std::string& value) { return value.empty() ? "(none)" : value; }
std::string text_of(uint64_t value) { return std::to_string(value); }
std::string text_of(uint32_t value) { return std::to_string(value); }
std::string text_of(double value) {
  char buffer[32];
  const auto [end, code] = std::to_chars(buffer, buffer + sizeof buffer, value);
  return code == std::errc{} ? std::string(buffer, end) : std::string("?");
}
std::string text_of(const std::vector<std::string>& values) { return "[" + joined(values) + "]"; }
std::string text_of(Overflow value) {
  return value == Overflow::kReject ? "reject" : "drop_oldest";
}
std::string text_of(Hydrate value) { return value == Hydrate::kEager ? "eager" : "background"; }
std::string text_of(PersistenceMode value) {
  return value == PersistenceMode::kStrict ? "strict" : "memory";
}
std::string text_of(RestartType value) {
  return value == RestartType::kAlways      ? "always"
         : value == RestartType::kOnFailure ? "on_failure"
                                            : "never";
}
std::string text_of(Directive value) {
  static const char* const kNames[] = {"resume", "restart",  "park",
                                       "stop",   "escalate", "stop_host"};
  return kNames[static_cast<size_t>(value)];
}
std::string text_of(Strategy value) {
  static const char* const kNames[] = {"one_for_one", "one_for_all", "rest_for_one"};
  return kNames[static_cast<size_t>(value)];
}
std::string text_of(bool value) { return value ? "true" : "false"; }
std::string text_of(log::Level value) {
  static const char* const kNames[] = {"trace", "debug", "info", "warning", "error", "off"};
  return kNames[static_cast<size_t>(value)];
}
std::string text_of(GroupBy value) {
  static const char* const kNames[] = {"all", "topic", "key"};
  return kNames[static_cast<size_t>(value)];
}
std::string text_of(log::Format value) {
  static const char* const kNames[] = {"auto", "pretty", "json"};
  return kNames[static_cast<size_t>(value)];
}

template <class T>
void compare(Changed& changed, const std::string& key, const T& from, const T& to) {
  if (from != to) changed.push_back(key + " " + text_of(from) + " -> " + text_of(to));
}
void compare_duration(Changed& changed, const std::string& key, uint64_t from, uint64_t to) {
  if (from != to) changed.push_back(key + " " + duration_text(from) + " -> " + duration_text(to));
}
void compare_size(Changed& changed, const std::string& key, uint64_t from, uint64_t to) {
  if (from != to) changed.push_back(key + " " + size_text(from) + " -> " + size_text(to));
}

void compare_limit(Changed& changed, const std::string& key, const RestartLimit& from,
                   const RestartLimit& to) {
  compare(changed, key + ".restarts", from.restarts, to.restarts);
  compare_duration(changed, key + ".within", from.within_ms, to.within_ms);
  compare(changed, key + ".then", from.then, to.then);
}

std::string rule_text(const std::vector<TypeRule>& rules, const std::string& type) {
  const auto rule = std::find_if(rules.begin(), rules.end(),
                                 [&](const TypeRule& one) { return one.type == type; });
  if (rule == rules.end()) return "none";
  std::string text = "{priority " + std::to_string(rule->priority);
  if (rule->capacity != 0) text += ", capacity " + std::to_string(rule->capacity);
  return text + (rule->conflate ? ", conflate}" : "}");
}

void compare_types(Changed& changed, const std::vector<TypeRule>& from,
                   const std::vector<TypeRule>& to) {
  std::set<std::string> types;
  for (const auto* rules : {&from, &to}) {
    for (const TypeRule& rule : *rules) types.insert(rule.type);
  }
  for (const std::string& type : types)
    compare(changed, "mailbox.types." + type, rule_text(from, type), rule_text(to, type));
}

std::string tags_text(const std::vector<std::string>& tags) { return "[" + joined(tags) + "]"; }

Changed hot_changes(const ActorOptions& from, const ActorOptions& to) {
  Changed changed;
  if (from.tags != to.tags)
    changed.push_back("tags " + tags_text(from.tags) + " -> " + tags_text(to.tags));
  compare(changed, "mailbox.capacity", from.mailbox.capacity, to.mailbox.capacity);
  compare_size(changed, "mailbox.bytes", from.mailbox.bytes, to.mailbox.bytes);
  compare(changed, "mailbox.overflow", from.mailbox.overflow, to.mailbox.overflow);
  compare(changed, "mailbox.high_water", from.mailbox.high_water, to.mailbox.high_water);
  compare_types(changed, from.mailbox.types, to.mailbox.types);
  const auto &a = from.supervision, &b = to.supervision;
  compare(changed, "supervision.restart", a.restart, b.restart);
  compare_duration(changed, "supervision.backoff.initial", a.backoff.initial_ms,
                   b.backoff.initial_ms);
  compare_duration(changed, "supervision.backoff.max", a.backoff.max_ms, b.backoff.max_ms);
  compare(changed, "supervision.backoff.factor", a.backoff.factor, b.backoff.factor);
  compare(changed, "supervision.backoff.jitter", a.backoff.jitter, b.backoff.jitter);
  compare_duration(changed, "supervision.backoff.reset_after", a.backoff.reset_after_ms,
                   b.backoff.reset_after_ms);
  compare_limit(changed, "supervision.limit", a.limit, b.limit);
  compare_limit(changed, "supervision.total", a.total, b.total);
  compare(changed, "supervision.max_children", a.max_children, b.max_children);
  for (size_t i = 0; i < kFailureClasses; ++i) {
    const std::string name(failure_class_name(static_cast<FailureClass>(i)));
    compare(changed, "supervision.on." + name, a.on[i], b.on[i]);
  }
  compare_duration(changed, "supervision.start_timeout", a.start_timeout_ms, b.start_timeout_ms);
  compare_duration(changed, "supervision.stop_timeout", a.stop_timeout_ms, b.stop_timeout_ms);
  compare(changed, "supervision.strategy", a.strategy, b.strategy);
  compare(changed, "supervision.significant", a.significant, b.significant);
  compare_duration(changed, "supervision.turn_budget", a.turn_budget_ms, b.turn_budget_ms);
  compare(changed, "supervision.max_attempts", a.max_attempts, b.max_attempts);
  return changed;
}

// A throttle of no messages and a debounce of no time are none.
Changed subscription_changes(const SubscriptionOptions& from, const SubscriptionOptions& to) {
  Changed changed;
  compare(changed, "where", from.where, to.where);
  const auto amount = [](uint32_t count) { return count == 0 ? "" : std::to_string(count); };
  const auto time = [](uint64_t ms) { return ms == 0 ? "" : duration_text(ms); };
  const auto &a = from.throttle, &b = to.throttle;
  compare(changed, "throttle.messages", std::string(amount(a.messages)),
          std::string(amount(b.messages)));
  if (a.messages != 0 && b.messages != 0) {
    compare_duration(changed, "throttle.within", a.within_ms, b.within_ms);
    compare(changed, "throttle.by", a.by, b.by);
  }
  const auto &c = from.debounce, &d = to.debounce;
  compare(changed, "debounce.quiet", std::string(time(c.quiet_ms)), std::string(time(d.quiet_ms)));
  if (c.quiet_ms != 0 && d.quiet_ms != 0) {
    compare_duration(changed, "debounce.longest", c.longest_ms, d.longest_ms);
    compare(changed, "debounce.by", c.by, d.by);
  }
  return changed;
}

// Names only: a setting may hold a secret.
Changed settings_changes(const std::string& from, const std::string& to) {
  const auto a = nlohmann::json::parse(from, nullptr, false),
             b = nlohmann::json::parse(to, nullptr, false);
  if (!a.is_object() || !b.is_object()) return {"settings"};
  std::set<std::string> keys;
  for (const auto& [key, value] : a.items()) keys.insert(key);
  for (const auto& [key, value] : b.items()) keys.insert(key);
  Changed changed;
  for (const auto& key : keys) {
    if (!a.contains(key) || !b.contains(key) || a[key] != b[key])
      changed.push_back("settings." + key);
  }
  return changed;
}

Changed restart_changes(const ActorStart& from, const ActorStart& to) {
  Changed changed;
  compare(changed, "kind", from.kind, to.kind);
  if (from.settings != to.settings) {
    const Changed settings = settings_changes(from.settings, to.settings);
    changed.insert(changed.end(), settings.begin(), settings.end());
  }
  const auto &a = from.options.persistence, &b = to.options.persistence;
  compare(changed, "persistence.id", a.id, b.id);
  compare(changed, "persistence.hydrate", a.hydrate, b.hydrate);
  compare(changed, "persistence.snapshot.every", a.snapshot_every, b.snapshot_every);
  compare(changed, "persistence.snapshot.keep", a.snapshots_kept, b.snapshots_kept);
  return changed;
}

std::string plugin_of(const std::string& kind) { return kind.substr(0, kind.find('.')); }

std::string with(const std::string& path, const std::string& detail) {
  return detail.empty() ? path : path + " " + detail;
}

class Diff {
 public:
  Diff(const Spec& running, const Spec& desired) : running_(running), desired_(desired) {
    for (const auto& actor : running.actors)
      running_actors_.emplace(actor.start.path.text(), &actor);
    for (const auto& actor : desired.actors)
      desired_actors_.emplace(actor.start.path.text(), &actor);
  }

  Plan run() {
    refuse_process_keys();
    load_plugins();
    compare_actors();
    compare_subscriptions();
    stop_actors();
    update_options();
    update_subscriptions();
    subscribe();
    set_host();
    restart_actors();
    start_actors();
    forget_plugins();
    if (!plan_.refused.empty()) plan_.steps.clear();
    return std::move(plan_);
  }

 private:
  struct Kept {
    Changed restart, hot;
    std::string because;    // restarts, though nothing of its own differs
    bool replaced = false;  // by one of another kind, or with its parent
    bool restarts() const { return !restart.empty() || !because.empty(); }
  };

  // ---- what differs ----

  void refuse_process_keys() {
    if (!running_.present || !desired_.present) return;
    const auto refuse = [&](const std::string& key, const std::string& from,
                            const std::string& to) {
      if (from == to) return;
      const Span& span = desired_.keys.find(key, desired_.keys.find("version", {}));
      const std::string what = key + " " + text_of(from) + " -> " + text_of(to);
      change('~', key, what + " (process restart)", span);
      plan_.refused.add("E307", span, what + " needs a process restart",
                        "restart actord, or put it back");
    };
    const auto workers = [](uint32_t count) {
      return count == 0 ? std::string("auto") : std::to_string(count);
    };
    refuse("host.workers", workers(running_.host.workers), workers(desired_.host.workers));
    refuse("host.data_dir", running_.host.data_dir, desired_.host.data_dir);
    refuse("admin.socket", running_.admin_socket, desired_.admin_socket);
    refuse("persistence.mode", text_of(running_.persistence_mode),
           text_of(desired_.persistence_mode));
    const auto &a = running_.dead_letters, &b = desired_.dead_letters;
    refuse("dead_letters.retain.count", text_of(a.count), text_of(b.count));
    refuse("dead_letters.retain.age", duration_text(a.age_ms), duration_text(b.age_ms));
    refuse("dead_letters.retain.bytes", size_text(a.bytes), size_text(b.bytes));
  }

  void load_plugins() {
    for (const auto& plugin : desired_.plugins) {
      const PluginSpec* before = running_.plugin(plugin.name);
      const std::string name = "plugin " + plugin.name;
      if (before == nullptr) {
        // Actors that are there already were parked because it had not loaded.
        changed_plugins_.insert(plugin.name);
        change('+', name, name + " " + plugin.path, plugin.span);
        step('+', name, name + " load " + plugin.path, plugin.span, LoadPlugin{plugin, {}});
      } else if (!(*before == plugin)) {
        Changed changed;
        compare(changed, "path", before->path, plugin.path);
        compare(changed, "sha256", before->sha256, plugin.sha256);
        changed_plugins_.insert(plugin.name);
        change('~', name, name + " " + joined(changed) + " (new generation)", plugin.span);
        step('~', name, name + " load " + plugin.path + " (new generation)", plugin.span,
             LoadPlugin{plugin, *before});
      }
    }
  }

  void forget_plugins() {
    for (const auto& plugin : running_.plugins) {
      if (desired_.plugin(plugin.name) != nullptr) continue;
      const std::string name = "plugin " + plugin.name;
      change('-', name, name, plugin.span);
      step('-', name, name + " forget", plugin.span, ForgetPlugin{plugin});
    }
  }

  void compare_actors() {
    for (const auto& actor : running_.actors) {
      const std::string& path = actor.start.path.text();
      if (desired_actors_.count(path) == 0)
        change('-', path, with(path, actor.start.kind), actor.span);
    }
    for (const auto& actor : desired_.actors) {
      const std::string& path = actor.start.path.text();
      const auto before = running_actors_.find(path);
      if (before == running_actors_.end()) {
        change('+', path, with(path, actor.start.kind), actor.span);
      } else {
        compare_actor(*before->second, actor);
      }
    }
  }

  void compare_actor(const ActorSpec& before, const ActorSpec& after) {
    const std::string& path = after.start.path.text();
    Kept kept{restart_changes(before.start, after.start),
              hot_changes(before.start.options, after.start.options),
              {},
              before.start.kind != after.start.kind};
    const std::string parent = after.start.path.parent().text();
    kept.replaced = kept.replaced || replaced(parent);
    if (const auto it = kept_.find(parent); it != kept_.end() && it->second.restarts()) {
      kept.because = parent + " restarts";
    } else if (!after.start.kind.empty() &&
               changed_plugins_.count(plugin_of(after.start.kind)) != 0) {
      const std::string plugin = plugin_of(after.start.kind);
      kept.because = "plugin " + plugin + (running_.plugin(plugin) ? " changes" : " loads");
    }
    if (kept.restarts() || !kept.hot.empty()) {
      Changed all = kept.restart;
      all.insert(all.end(), kept.hot.begin(), kept.hot.end());
      std::string cost = kept.restarts() ? "(actor restart" : "(hot";
      if (all.empty()) cost += ": " + kept.because;
      const std::string& key = all.empty() ? std::string() : all.front();
      change('~', path, with(with(path, joined(all)), cost + ")"),
             after.keys.find(key.substr(0, key.find(' ')), after.span));
    }
    kept_.emplace(path, std::move(kept));
  }

  void compare_subscriptions() {
    const auto key = [](const SubscriptionSpec& s) { return std::pair(s.topic, s.to.text()); };
    std::map<std::pair<std::string, std::string>, const SubscriptionSpec*> before, after;
    for (const auto& one : running_.subscriptions) before.emplace(key(one), &one);
    for (const auto& one : desired_.subscriptions) after.emplace(key(one), &one);
    for (const auto& subscription : running_.subscriptions) {
      const bool stays = after.count(key(subscription)) != 0;
      if (!stays) {
        change('-', subscription.to.text(), "subscription " + arrow(subscription),
               subscription.span);
      }
      if (!stays || replaced(subscription.to.text()))
        leaving_[subscription.to.text()].push_back(&subscription);
    }
    for (const auto& subscription : desired_.subscriptions) {
      const auto was = before.find(key(subscription));
      if (was == before.end()) {
        change('+', subscription.to.text(), "subscription " + arrow(subscription),
               subscription.span);
      } else {
        compare_subscription(*was->second, subscription);
      }
      if (was == before.end() || replaced(subscription.to.text()))
        arriving_.push_back(&subscription);
    }
  }

  void compare_subscription(const SubscriptionSpec& from, const SubscriptionSpec& to) {
    const Changed changed = subscription_changes(from.options, to.options);
    if (changed.empty()) return;
    const std::string key = changed.front().substr(0, changed.front().find(' '));
    const Span& span = to.keys.find(key, to.span);
    const std::string text = "subscription " + arrow(to) + " " + joined(changed) + " (hot)";
    change('~', to.to.text(), text, span);
    if (!replaced(to.to.text())) changed_subscriptions_.push_back({&from, &to, text, span});
  }

  // ---- the steps ----

  void stop_actors() {
    // Actors that stay lose what they subscribe to no longer.
    for (const auto& actor : running_.actors) {
      const std::string& path = actor.start.path.text();
      if (desired_actors_.count(path) != 0 && !replaced(path)) unsubscribe(path);
    }
    for (auto actor = running_.actors.rbegin(); actor != running_.actors.rend(); ++actor) {
      const std::string& path = actor->start.path.text();
      const bool again = replaced(path);
      if (desired_actors_.count(path) != 0 && !again) continue;
      unsubscribe(path);
      step(again ? '~' : '-', path, path + (again ? " stop (replaced)" : " stop"), actor->span,
           StopActor{*actor, again});
    }
  }

  void unsubscribe(const std::string& path) {
    const auto it = leaving_.find(path);
    if (it == leaving_.end()) return;
    for (const auto* subscription : it->second) {
      step('-', path, "unsubscribe " + arrow(*subscription), subscription->span,
           Unsubscribe{*subscription});
    }
  }

  void update_options() {
    for (const auto& actor : desired_.actors) {
      const std::string& path = actor.start.path.text();
      const auto it = kept_.find(path);
      if (it == kept_.end() || it->second.restarts() || it->second.hot.empty()) continue;
      const std::string& first = it->second.hot.front();
      step('~', path, path + " " + joined(it->second.hot) + " (hot)",
           actor.keys.find(first.substr(0, first.find(' ')), actor.span),
           UpdateOptions{actor.start.path, running_actors_.at(path)->start.options,
                         actor.start.options});
    }
  }

  void update_subscriptions() {
    for (const auto& one : changed_subscriptions_)
      step('~', one.to->to.text(), one.text, one.span, UpdateSubscription{*one.from, *one.to});
  }

  void subscribe() {
    for (const auto* subscription : arriving_) {
      step('+', subscription->to.text(), "subscribe " + arrow(*subscription), subscription->span,
           Subscribe{*subscription});
    }
  }

  void restart_actors() {
    for (auto actor = desired_.actors.rbegin(); actor != desired_.actors.rend(); ++actor) {
      const std::string& path = actor->start.path.text();
      if (!restarts(path) || replaced(path)) continue;
      step('~', path, with(path + " restart", actor->start.kind), actor->span,
           RestartActor{*running_actors_.at(path), *actor});
    }
  }

  void start_actors() {
    for (const auto& actor : desired_.actors) {
      const std::string& path = actor.start.path.text();
      const bool again = replaced(path);
      if (running_actors_.count(path) != 0 && !again) continue;
      step(again ? '~' : '+', path,
           with(path + " start", actor.start.kind) + (again ? " (replaces)" : ""), actor.span,
           StartActor{actor, again});
    }
  }

  void set_host() {
    if (!desired_.present) return;
    Changed host;
    compare(host, "host.name", running_.host.name, desired_.host.name);
    compare(host, "host.plugin_dirs", running_.host.plugin_dirs, desired_.host.plugin_dirs);
    compare_duration(host, "host.shutdown.drain", running_.host.drain_ms, desired_.host.drain_ms);
    compare_duration(host, "host.shutdown.deadline", running_.host.deadline_ms,
                     desired_.host.deadline_ms);
    const HostPolicy &a = running_.host.policy, &b = desired_.host.policy;
    compare(host, "host.at_root", a.at_root, b.at_root);
    compare(host, "host.restart_budget.restarts", a.budget_restarts, b.budget_restarts);
    compare_duration(host, "host.restart_budget.within", a.budget_within_ms, b.budget_within_ms);
    set("host", host, SetHost{running_.host, desired_.host});
    Changed logging;
    compare(logging, "logging.level", running_.logging.level, desired_.logging.level);
    compare(logging, "logging.format", running_.logging.format, desired_.logging.format);
    set("logging", logging, SetLogging{running_.logging, desired_.logging});
  }

  void set(const std::string& path, const Changed& changed, Action action) {
    if (changed.empty()) return;
    const std::string key = changed.front().substr(0, changed.front().find(' '));
    const Span& span = desired_.keys.find(key, desired_.keys.find("version", {}));
    change('~', path, joined(changed) + " (hot)", span);
    step('~', path, joined(changed) + " (hot)", span, std::move(action));
  }

  // ---- both ----

  bool restarts(const std::string& path) const {
    const auto it = kept_.find(path);
    return it != kept_.end() && it->second.restarts();
  }
  bool replaced(const std::string& path) const {
    const auto it = kept_.find(path);
    return it != kept_.end() && it->second.replaced;
  }
  static std::string arrow(const SubscriptionSpec& subscription) {
    return subscription.topic + " -> " + subscription.to.text();
  }
  void change(char op, std::string path, const std::string& text, const Span& span) {
    plan_.changes.push_back(Change{op, std::move(path), std::string(1, op) + " " + text, span});
  }
  void step(char op, std::string path, const std::string& text, const Span& span, Action action) {
    plan_.steps.push_back(
        Step{op, std::move(path), std::string(1, op) + " " + text, span, std::move(action)});
  }

  const Spec& running_;
  const Spec& desired_;
  std::map<std::string, const ActorSpec*> running_actors_, desired_actors_;
  std::map<std::string, Kept> kept_;  // actors in both
  std::set<std::string> changed_plugins_;
  std::map<std::string, std::vector<const SubscriptionSpec*>> leaving_;  // by target
  std::vector<const SubscriptionSpec*> arriving_;
  struct ChangedSubscription {
    const SubscriptionSpec *from, *to;
    std::string text;
    Span span;
  };
  std::vector<ChangedSubscription> changed_subscriptions_;
  Plan plan_;
};

struct ActionName {
  const char* operator()(const LoadPlugin&) const { return "load_plugin"; }
  const char* operator()(const ForgetPlugin&) const { return "forget_plugin"; }
  const char* operator()(const Unsubscribe&) const { return "unsubscribe"; }
  const char* operator()(const Subscribe&) const { return "subscribe"; }
  const char* operator()(const UpdateSubscription&) const { return "update_subscription"; }
  const char* operator()(const StopActor&) const { return "stop_actor"; }
  const char* operator()(const RestartActor&) const { return "restart_actor"; }
  const char* operator()(const StartActor&) const { return "start_actor"; }
  const char* operator()(const UpdateOptions&) const { return "update_options"; }
  const char* operator()(const SetHost&) const { return "set_host"; }
  const char* operator()(const SetLogging&) const { return "set_logging"; }
};

nlohmann::json line_json(char op, const std::string& path, const std::string& text,
                         const Span& span) {
  return {{"op", std::string(1, op)}, {"path", path},      {"text", text},
          {"file", span.file},        {"line", span.line}, {"column", span.column}};
}

}  // namespace

Plan diff(const Spec& running, const Spec& desired) { return Diff(running, desired).run(); }

std::string print(const Plan& plan) {
  std::string out;
  for (const auto& change : plan.changes) out += change.text + "\n";
  if (out.empty()) out = "no changes\n";
  for (const auto& refusal : plan.refused.list()) out += refusal.line() + "\n";
  return out;
}

std::string print_steps(const Plan& plan) {
  std::string out;
  for (const auto& step : plan.steps) out += step.text + "\n";
  return out;
}

nlohmann::json to_json(const Plan& plan) {
  nlohmann::json result = {{"changes", nlohmann::json::array()},
                           {"steps", nlohmann::json::array()},
                           {"refused", nlohmann::json::array()}};
  for (const auto& change : plan.changes)
    result["changes"].push_back(line_json(change.op, change.path, change.text, change.span));
  for (const auto& step : plan.steps) {
    auto line = line_json(step.op, step.path, step.text, step.span);
    line["action"] = std::visit(ActionName{}, step.action);
    result["steps"].push_back(std::move(line));
  }
  for (const auto& refusal : plan.refused.list()) result["refused"].push_back(to_json(refusal));
  return result;
}

}  // namespace actord::host
