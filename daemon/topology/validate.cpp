#include "topology/validate.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "base/limits.hpp"
#include "topology/fields.hpp"
#include "topology/options.hpp"
#include "topology/quantity.hpp"
#include "topology/spec_tree.hpp"
#include "topology/subscription_options.hpp"
#include "topology/suggestion.hpp"

namespace actord::host {
namespace {

// A Unix socket's address holds 108 bytes with its closing NUL.
constexpr size_t kSocketPathBytes = 107;
constexpr uint32_t kBudgetMax = 1'000'000;
constexpr uint64_t kDeadLettersMax = 100'000'000;

const std::vector<std::string> kTopKeys = {"version", "include",       "host",        "logging",
                                           "admin",   "persistence",   "plugins",     "defaults",
                                           "actors",  "subscriptions", "dead_letters"};

const std::vector<std::pair<std::string, log::Level>>& levels() {
  static const std::vector<std::pair<std::string, log::Level>> kLevels = {
      {"trace", log::Level::kTrace},  {"debug", log::Level::kDebug}, {"info", log::Level::kInfo},
      {"warning", log::Level::kWarn}, {"error", log::Level::kError}, {"off", log::Level::kOff}};
  return kLevels;
}

bool is_sha256(const std::string& text) {
  return text.size() == 64 && std::all_of(text.begin(), text.end(),
                                          [](unsigned char c) { return std::isxdigit(c) != 0; });
}

bool valid_plugin_name(const std::string& name) {
  return ActorPath::valid_segment(name) && name.find('.') == std::string::npos;
}

void read_texts(Fields& fields, std::string_view key, const char* wanted,
                std::vector<std::string>& into, Diagnostics& diagnostics) {
  const Entry* entry = fields.list(key);
  if (entry == nullptr) return;
  std::vector<std::string> texts;
  for (const NodePtr& item : entry->value->items) {
    if (item->broken) continue;
    if (item->type != Node::Type::kScalar || item->text.empty()) {
      diagnostics.add("E104", item->span,
                      "\"" + std::string(key) + "\" wants " + wanted + ", got " + got(*item));
    } else {
      texts.push_back(item->text);
    }
  }
  into = std::move(texts);
}

void read_shutdown(Fields& host, HostSpec& spec, Diagnostics& diagnostics) {
  Fields shutdown = host.below("shutdown");
  const bool drain = shutdown.duration("drain", 0, spec.drain_ms);
  const bool deadline = shutdown.duration("deadline", 0, spec.deadline_ms);
  if ((!drain && !deadline) || spec.deadline_ms >= spec.drain_ms) return;
  diagnostics.add("E105", shutdown.value_span(deadline ? "deadline" : "drain", {}),
                  deadline ? "deadline " + duration_text(spec.deadline_ms) +
                                 " is shorter than drain " + duration_text(spec.drain_ms)
                           : "drain " + duration_text(spec.drain_ms) + " is longer than deadline " +
                                 duration_text(spec.deadline_ms));
}

void read_workers(Fields& host, HostSpec& spec) {
  const Entry* entry = host.take("workers");
  if (entry == nullptr) return;
  const Node& node = *entry->value;
  if (node.type == Node::Type::kScalar && node.text == "auto") return;
  uint64_t workers = 0;
  const bool digits = node.type == Node::Type::kScalar && !node.text.empty() &&
                      node.text.size() <= 4 &&
                      std::all_of(node.text.begin(), node.text.end(),
                                  [](unsigned char c) { return std::isdigit(c) != 0; });
  if (digits) workers = std::stoul(node.text);
  if (!digits || (node.quoted && !node.substituted) || workers < 1 ||
      workers > limits::kWorkersMax) {
    host.refuse(*entry, "auto or a number 1.." + std::to_string(limits::kWorkersMax));
    return;
  }
  spec.workers = static_cast<uint32_t>(workers);
}

void read_host(Fields& top, HostSpec& spec, Diagnostics& diagnostics) {
  Fields host = top.below("host");
  host.text("name", spec.name);
  read_workers(host, spec);
  host.text("data_dir", spec.data_dir);
  read_texts(host, "plugin_dirs", "a directory", spec.plugin_dirs, diagnostics);
  read_shutdown(host, spec, diagnostics);
  host.choice<Directive>("at_root",
                         {{"stop_host", Directive::kStopHost}, {"park", Directive::kPark}},
                         spec.policy.at_root);
  Fields budget = host.below("restart_budget");
  budget.integer("restarts", 0u, kBudgetMax, spec.policy.budget_restarts);
  budget.duration("within", 1, spec.policy.budget_within_ms);
}

void read_logging(Fields& top, LoggingSpec& spec) {
  Fields logging = top.below("logging");
  logging.choice<log::Level>("level", levels(), spec.level);
  logging.choice<log::Format>("format",
                              {{"auto", log::Format::kAuto},
                               {"pretty", log::Format::kPretty},
                               {"json", log::Format::kJson}},
                              spec.format);
}

void read_admin(Fields& top, Spec& spec, Diagnostics& diagnostics) {
  Fields admin = top.below("admin");
  if (!admin.text("socket", spec.admin_socket) || spec.admin_socket.size() <= kSocketPathBytes)
    return;
  diagnostics.add("E104", spec.keys.find("admin.socket", {}),
                  "\"socket\" is longer than " + std::to_string(kSocketPathBytes) +
                      " bytes, the limit of a Unix socket's path");
}

void read_dead_letters(Fields& top, DeadLetterSpec& spec) {
  Fields letters = top.below("dead_letters");
  Fields retain = letters.below("retain");
  retain.integer("count", uint64_t{0}, kDeadLettersMax, spec.count);
  retain.duration("age", 1, spec.age_ms);
  retain.size("bytes", 0, spec.bytes);
}

ActorOptions read_defaults(Fields& top, Diagnostics& diagnostics) {
  ActorOptions options;
  Fields defaults = top.below("defaults");
  read_mailbox(defaults, options.mailbox, diagnostics);
  read_supervision(defaults, options.supervision, diagnostics);
  read_persistence(defaults, options.persistence, false);
  return options;
}

std::optional<PluginSpec> read_plugin(Reading& reading, const Entry& entry) {
  Diagnostics& diagnostics = reading.diagnostics();
  PluginSpec plugin{entry.key, entry.key + ".so", {}, entry.key_span, entry.key_span};
  if (!valid_plugin_name(entry.key)) {
    diagnostics.add("E306", entry.key_span,
                    "\"" + entry.key.substr(0, 80) +
                        "\" is no plugin name; use 1 to 64 letters, digits, '_' and '-'");
    return std::nullopt;
  }
  if (entry.value->broken) return std::nullopt;
  if (entry.value->type != Node::Type::kMap && entry.value->type != Node::Type::kNull) {
    diagnostics.add("E104", entry.value->span,
                    "plugin `" + entry.key + "` wants a map like {path: " + entry.key +
                        ".so}, got " + got(*entry.value));
    return std::nullopt;
  }
  KeySpans keys;
  Fields fields(reading, *entry.value, "plugin `" + entry.key + "`", keys);
  if (fields.text("path", plugin.path)) plugin.span = keys.find("path", entry.key_span);
  if (const Entry* sha256 = fields.take("sha256")) {
    plugin.sha256_span = sha256->value->span;
    plugin.sha256 = sha256->value->text;
    std::transform(plugin.sha256.begin(), plugin.sha256.end(), plugin.sha256.begin(),
                   [](unsigned char c) { return std::tolower(c); });
    if (!is_sha256(plugin.sha256)) {
      fields.refuse(*sha256, "64 hexadecimal digits");
      return std::nullopt;
    }
  }
  return plugin;
}

std::optional<SubscriptionSpec> read_subscription(Reading& reading, const Node& item,
                                                  const SpecTree& tree,
                                                  const std::vector<SourceFile>& files) {
  Diagnostics& diagnostics = reading.diagnostics();
  if (item.broken) return std::nullopt;
  if (item.type != Node::Type::kMap) {
    diagnostics.add(
        "E104", item.span,
        "a subscription is a map like {topic: orders.created, to: /orders/ledger}, got " +
            got(item));
    return std::nullopt;
  }
  SubscriptionSpec subscription;
  subscription.span = item.span;
  KeySpans& keys = subscription.keys;
  Fields fields(reading, item, "a subscription", keys);
  std::string to;
  const bool topic_given = fields.text("topic", subscription.topic);
  const bool to_given = fields.text("to", to);
  const bool options = read_subscription_options(fields, files, subscription.options, diagnostics);
  for (const char* key : {"topic", "to"}) {
    if (item.find(key) == nullptr)
      diagnostics.add("E104", item.span, "a subscription needs \"" + std::string(key) + "\"");
  }
  bool good = topic_given && to_given && options;
  if (topic_given) {
    if (const auto pattern = TopicPattern::parse(subscription.topic); !pattern) {
      diagnostics.add("E305", keys.find("topic", item.span), pattern.error().text);
      good = false;
    }
  }
  if (!to_given) return std::nullopt;
  const Span& at = keys.find("to", item.span);
  const auto path = ActorPath::parse(to);
  if (!path || path->is_root()) {
    diagnostics.add("E306", at, path ? "the root is no actor" : path.error().text);
    return std::nullopt;
  }
  const auto* actor = tree.find(*path);
  if (actor == nullptr) {
    diagnostics.add("E301", at, "subscription target " + path->text() + " does not exist",
                    tree.suggest(*path));
    return std::nullopt;
  }
  if (!actor->spec.keys.has("kind")) {
    diagnostics.add(
        "E301", at,
        "subscription target " + path->text() + " has no kind, so nobody there receives");
    return std::nullopt;
  }
  if (!good) return std::nullopt;
  subscription.to = *path;
  return subscription;
}

// W210, silent unless sure: code may know a path, an operator may send, a subscription may be made at
// run time. So only a pure sink counts (it lists what it accepts and emits nothing, so nobody asks it
// anything), and everything that might reach it must be ruled out.
class Reach {
 public:
  Reach(const SpecTree& tree, const std::vector<SubscriptionSpec>& subscriptions) : tree_(tree) {
    for (const auto& subscription : subscriptions) subscribed_.insert(subscription.to.text());
    for (const auto& actor : tree.actors()) {
      if (!actor.spec.keys.has("kind")) continue;
      if (actor.kind == nullptr || (actor.kind->emits.empty() && actor.kind->accepts.empty()))
        anything_emitted_ = true;
      if (actor.kind != nullptr)
        emitted_.insert(actor.kind->emits.begin(), actor.kind->emits.end());
      settings_ += actor.spec.start.settings;
    }
  }

  void report(Diagnostics& diagnostics) const {
    if (anything_emitted_) return;
    for (const auto& actor : tree_.actors()) {
      if (!unreached(actor)) continue;
      diagnostics.add(
          "W210", actor.spec.span,
          "nothing sends to `" + actor.spec.start.path.text() + "` and it subscribes to nothing");
    }
  }

 private:
  bool unreached(const SpecTree::Actor& actor) const {
    const std::string& path = actor.spec.start.path.text();
    if (actor.kind == nullptr || actor.kind->accepts.empty() || !actor.kind->emits.empty())
      return false;
    if (actor.has_children || subscribed_.count(path) != 0 ||
        settings_.find(path) != std::string::npos)
      return false;
    for (size_t up = actor.parent; up != StartNode::kNone; up = tree_.actors()[up].parent) {
      if (tree_.actors()[up].spec.keys.has("kind")) return false;
    }
    return std::none_of(actor.kind->accepts.begin(), actor.kind->accepts.end(),
                        [&](const std::string& type) { return emitted_.count(type) != 0; });
  }

  const SpecTree& tree_;
  std::set<std::string> subscribed_, emitted_;
  std::string settings_;           // of all actors: a path may be named in any of them
  bool anything_emitted_ = false;  // a kind does not tell what it sends
};

class Validation {
 public:
  Validation(const Document& document, const KindCatalog& catalog)
      : document_(document),
        catalog_(catalog),
        reading_(result_.diagnostics),
        top_(reading_, *document.root, "the topology", spec_.keys) {}

  ValidateResult run() {
    read_version();
    top_.take("include");  // followed by the loader
    read_host(top_, spec_.host, result_.diagnostics);
    read_logging(top_, spec_.logging);
    read_admin(top_, spec_, result_.diagnostics);
    Fields persistence = top_.below("persistence");
    persistence.choice<PersistenceMode>(
        "mode", {{"strict", PersistenceMode::kStrict}, {"memory", PersistenceMode::kMemory}},
        spec_.persistence_mode);
    read_plugins();
    const bool complete = read_actors(read_defaults(top_, result_.diagnostics));
    read_dead_letters(top_, spec_.dead_letters);
    reading_.report_unread();
    if (complete && !document_.faulty && !result_.diagnostics.has_errors()) {
      spec_.present = true;
      result_.spec = std::move(spec_);
    }
    return std::move(result_);
  }

 private:
  void read_version() {
    const Entry* entry = top_.take("version");
    if (entry == nullptr) {
      if (document_.root->find("version") == nullptr) {
        result_.diagnostics.add("E104", document_.root->span,
                                "\"version\" is missing; begin with version: 1");
      }
    } else if (entry->value->type != Node::Type::kScalar || entry->value->text != "1") {
      top_.refuse(*entry, "1, the only format this host reads");
    }
  }

  void read_plugins() {
    const Entry* plugins = top_.map("plugins", kTopKeys);
    if (plugins == nullptr) return;
    for (const Entry& entry : plugins->value->entries) {
      declared_.push_back(entry.key);
      declared_spans_.emplace(entry.key, entry.key_span);
      if (auto plugin = read_plugin(reading_, entry)) spec_.plugins.push_back(std::move(*plugin));
    }
  }

  // False: a plugin is not known, so that the actors cannot be checked in full.
  bool read_actors(ActorOptions defaults) {
    SpecTree tree(reading_, ActorScope{catalog_, declared_, declared_spans_, std::move(defaults)});
    if (const Entry* actors = top_.map("actors", kTopKeys)) tree.read(*actors->value);
    tree.check_references();
    bool all_read = false;
    if (const Entry* subscriptions = top_.list("subscriptions")) {
      all_read = true;
      for (const NodePtr& item : subscriptions->value->items) {
        auto subscription = read_subscription(reading_, *item, tree, document_.files);
        all_read = all_read && subscription.has_value();
        if (subscription && !repeats(*subscription))
          spec_.subscriptions.push_back(std::move(*subscription));
      }
    }
    if (tree.unknown_plugin()) return false;
    // After an error elsewhere the subscriptions may not be what was meant.
    const bool sure = !document_.faulty && (all_read || !result_.diagnostics.has_errors());
    if (sure) Reach(tree, spec_.subscriptions).report(result_.diagnostics);
    spec_.actors = tree.in_start_order();
    return true;
  }

  // The same twice is once; the same with other options is a contradiction.
  bool repeats(const SubscriptionSpec& subscription) {
    const auto [known, fresh] = subscribed_.emplace(
        std::pair(subscription.topic, subscription.to.text()), spec_.subscriptions.size());
    if (fresh) return false;
    const SubscriptionSpec& before = spec_.subscriptions[known->second];
    if (!(before.options == subscription.options)) {
      result_.diagnostics.add("E103", subscription.span,
                              "subscription " + subscription.topic + " -> " +
                                  subscription.to.text() +
                                  " is there already, with other options, at " + before.span.text(),
                              "", "two conditions are joined in one `where` with `or`");
    }
    return true;
  }

  const Document& document_;
  const KindCatalog& catalog_;
  ValidateResult result_;
  Spec spec_;
  Reading reading_;
  Fields top_;
  std::vector<std::string> declared_;
  std::map<std::string, Span> declared_spans_;
  std::map<std::pair<std::string, std::string>, size_t> subscribed_;  // index in the spec
};

}  // namespace

const ActorSpec* Spec::actor(const ActorPath& path) const {
  const auto it = std::find_if(actors.begin(), actors.end(),
                               [&](const ActorSpec& a) { return a.start.path == path; });
  return it == actors.end() ? nullptr : &*it;
}

const PluginSpec* Spec::plugin(const std::string& name) const {
  const auto it = std::find_if(plugins.begin(), plugins.end(),
                               [&](const PluginSpec& p) { return p.name == name; });
  return it == plugins.end() ? nullptr : &*it;
}

std::vector<PluginDecl> plugin_declarations(const Document& document) {
  Diagnostics unheard;  // validate says the same
  Reading reading(unheard);
  KeySpans keys;
  Fields top(reading, *document.root, "the topology", keys);
  HostSpec host;
  read_host(top, host, unheard);
  std::vector<PluginDecl> declarations;
  const Entry* plugins = top.map("plugins");
  if (plugins == nullptr) return declarations;
  for (const Entry& entry : plugins->value->entries) {
    if (auto plugin = read_plugin(reading, entry)) {
      declarations.push_back(PluginDecl{plugin->name, plugin->path, plugin->sha256,
                                        host.plugin_dirs, plugin->span, plugin->sha256_span});
    }
  }
  return declarations;
}

ValidateResult validate(const Document& document, const KindCatalog& catalog) {
  return Validation(document, catalog).run();
}

}  // namespace actord::host
