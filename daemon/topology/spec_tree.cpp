#include "topology/spec_tree.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "base/text.hpp"
#include "topology/options.hpp"
#include "topology/settings.hpp"
#include "topology/suggestion.hpp"

namespace actord::host {
namespace {

const std::vector<std::string> kActorKeys = {"kind",        "settings", "mailbox", "supervision",
                                             "persistence", "tags",     "after",   "children"};

std::string listed(const std::vector<std::string>& names) {
  if (names.size() < 2) return joined(names);
  return joined({names.begin(), names.end() - 1}) + " and " + names.back();
}

// Shorter when it is in the same file.
std::string place(const Span& span, const Span& seen_from) {
  if (span.file != seen_from.file) return span.text();
  return std::to_string(span.line) + ":" + std::to_string(span.column);
}

std::string what(const ActorPath& path) { return "actor `" + path.text() + "`"; }

}  // namespace

void SpecTree::read(const Node& actors) {
  for (const Entry& entry : actors.entries) read_actor(entry, ActorPath(), StartNode::kNone);
}

void SpecTree::read_actor(const Entry& entry, const ActorPath& parent, size_t parent_index) {
  if (!good_name(entry, parent) || entry.value->broken) return;
  if (entry.value->type != Node::Type::kMap && entry.value->type != Node::Type::kNull) {
    diagnostics().add("E104", entry.value->span,
                      what(parent.child(entry.key)) +
                          " wants a map like {kind: plugin.Type}, got " + got(*entry.value));
    return;
  }
  const size_t index = actors_.size();
  Actor actor;
  actor.spec.start.path = parent.child(entry.key);
  actor.spec.start.options = scope_.defaults;
  actor.spec.span = actor.id_span = actor.after_span = entry.key_span;
  actor.parent = parent_index;

  Fields fields(reading_, *entry.value, what(actor.spec.start.path), actor.spec.keys);
  ActorOptions& options = actor.spec.start.options;
  read_kind(fields, actor);
  read_settings(fields, actor);
  read_mailbox(fields, options.mailbox, diagnostics());
  read_supervision(fields, options.supervision, diagnostics());
  read_persistence(fields, options.persistence, true);
  read_tags(fields, options.tags, diagnostics());
  read_after(fields, actor);
  const Entry* children = fields.map("children", kActorKeys);
  actor.has_children = children != nullptr && !children->value->entries.empty();
  check_options(fields, actor);

  by_path_.emplace(actor.spec.start.path.text(), index);
  const ActorPath path = actor.spec.start.path;
  actors_.push_back(std::move(actor));
  if (children == nullptr) return;
  for (const Entry& child : children->value->entries) read_actor(child, path, index);
}

bool SpecTree::good_name(const Entry& entry, const ActorPath& parent) {
  if (!ActorPath::valid_segment(entry.key)) {
    diagnostics().add("E306", entry.key_span,
                      "\"" + entry.key.substr(0, 80) +
                          "\" is no actor name; use 1 to 64 letters, digits, '.', '_' and '-'");
    return false;
  }
  const auto path = ActorPath::parse(parent.child(entry.key).text());
  if (!path) diagnostics().add("E306", entry.key_span, path.error().text);
  return path.has_value();
}

void SpecTree::read_kind(Fields& fields, Actor& actor) {
  const Entry* entry = fields.take("kind");
  if (entry == nullptr) entry = fields.misspelt("kind", kActorKeys);
  if (entry == nullptr) return;
  if (entry->value->type != Node::Type::kScalar || entry->value->text.empty()) {
    fields.refuse(*entry, "a kind, plugin.Type");
    return;
  }
  actor.spec.start.kind = entry->value->text;
  resolve_kind(actor.spec.start.kind, entry->value->span, actor);
}

void SpecTree::resolve_kind(const std::string& kind, const Span& span, Actor& actor) {
  const size_t dot = kind.find('.');
  if (dot == std::string::npos || dot == 0 || dot + 1 == kind.size()) {
    std::string suggestion;
    for (const auto& [name, info] : scope_.catalog.kinds()) {
      if (name.substr(name.find('.') + 1) == kind) suggestion = "did you mean " + name + "?";
    }
    diagnostics().add("E201", span, "\"" + kind + "\" is no kind; a kind is plugin.Type",
                      std::move(suggestion));
    return;
  }
  const std::string plugin = kind.substr(0, dot);
  const std::string type = kind.substr(dot + 1);
  if (std::find(scope_.plugins.begin(), scope_.plugins.end(), plugin) == scope_.plugins.end()) {
    const auto meant = nearest(plugin, scope_.plugins);
    diagnostics().add("E201", span, "plugin \"" + plugin + "\" is not declared",
                      meant ? "did you mean \"" + *meant + "\" (" +
                                  place(scope_.plugin_spans.at(*meant), span) + ")?"
                            : "declare it under plugins:");
    return;
  }
  actor.kind = scope_.catalog.find(kind);
  if (actor.kind != nullptr) return;
  const PluginInfo* info = scope_.catalog.plugin(plugin);
  if (info == nullptr) {
    unknown_plugin_ = true;
    return;
  }
  std::vector<std::string> types;
  for (const auto& offered : info->kinds)
    types.push_back(offered.name.substr(offered.name.find('.') + 1));
  const auto meant = nearest(type, types);
  diagnostics().add("E201", span,
                    "plugin " + plugin + " offers " + (types.empty() ? "nothing" : listed(types)) +
                        ", not \"" + type + "\"",
                    meant ? "did you mean " + plugin + "." + *meant + "?" : "");
}

void SpecTree::read_settings(Fields& fields, Actor& actor) {
  const Entry* entry = fields.map("settings");
  if (actor.kind == nullptr) return;
  const Node* settings =
      entry == nullptr || entry->value->type == Node::Type::kNull ? nullptr : entry->value.get();
  const Span& at = fields.key_span("settings", actor.spec.keys.find("kind", actor.spec.span));
  actor.spec.start.settings = checked_settings(*actor.kind, settings, at, diagnostics());
  note_named(settings, actor);
}

// That the actors they name exist can be told when all are read.
void SpecTree::note_named(const Node* settings, Actor& actor) {
  if (settings == nullptr || settings->type != Node::Type::kMap) return;
  for (const auto& schema : actor.kind->settings) {
    const Entry* entry = schema.type == "path" ? settings->find(schema.key) : nullptr;
    if (entry == nullptr || entry->value->broken) continue;
    const auto path = ActorPath::parse(entry->value->text);
    if (!path || path->is_root()) continue;
    // What an environment variable gave may be a secret, and is not shown.
    const std::string shown = entry->value->substituted ? "what its variables gave" : path->text();
    actor.named.push_back(
        {"settings." + schema.key + " names " + shown, *path, entry->value->span});
  }
}

void SpecTree::read_after(Fields& fields, Actor& actor) {
  actor.after_span = fields.key_span("after", actor.spec.span);
  const Entry* entry = fields.list("after");
  if (entry == nullptr) return;
  for (const NodePtr& item : entry->value->items) {
    if (item->broken) continue;
    const auto path =
        item->type == Node::Type::kScalar
            ? ActorPath::parse(item->text)
            : Result<ActorPath>(Error{ACTORD_E_INVALID, got(*item) + " is no actor path"});
    if (!path || path->is_root()) {
      diagnostics().add("E306", item->span, path ? "the root is no actor" : path.error().text);
      continue;
    }
    if (std::find(actor.spec.after.begin(), actor.spec.after.end(), *path) !=
        actor.spec.after.end())
      continue;
    actor.spec.after.push_back(*path);
    actor.after.emplace_back(*path, item->span);
  }
}

// What is written and would do nothing is an error: it was meant to do something.
void SpecTree::check_options(const Fields& fields, Actor& actor) {
  const ActorStart& start = actor.spec.start;
  const auto without_effect = [&](const char* key, const std::string& why) {
    if (actor.spec.keys.has(key)) {
      diagnostics().add("E303", fields.key_span(key, actor.spec.span),
                        std::string(key) + " has no effect: " + why);
    }
  };
  PersistenceOptions& persistence = actor.spec.start.options.persistence;
  if (!actor.spec.keys.has("kind")) {
    if (!actor.has_children) {
      diagnostics().add("E104", actor.spec.span, what(start.path) + " needs a kind or children");
    }
    for (const char* key : {"settings", "mailbox", "persistence"})
      without_effect(key, start.path.text() + " has no kind");
    persistence = {};
    return;
  }
  if (actor.kind == nullptr) return;
  if (!actor.kind->persistent) {
    without_effect("persistence", start.kind + " keeps no state");
    persistence = {};
    return;
  }
  if (persistence.id.size() > limits::kPersistenceIdBytes) {
    diagnostics().add("E104", actor.spec.keys.find("persistence.id", actor.spec.span),
                      "\"id\" is longer than 255 bytes");
  }
  if (actor.spec.keys.has("persistence.id"))
    actor.id_span = actor.spec.keys.find("persistence.id", actor.spec.span);
  if (persistence.id.empty()) persistence.id = start.path.text();
  if (start.options.mailbox.overflow == Overflow::kDropOldest) {
    diagnostics().add(
        "W211", actor.spec.keys.find("mailbox.overflow", actor.spec.span),
        "`" + start.path.text() +
            "` is persistent, and drop_oldest throws messages away before they are in its journal");
  }
}

void SpecTree::check_references() {
  check_after();
  check_named();
  check_ids();
}

void SpecTree::check_after() {
  std::vector<StartNode> nodes;
  for (const Actor& actor : actors_) {
    StartNode node;
    node.parent = actor.parent;
    for (const auto& [path, span] : actor.after) {
      if (const auto it = by_path_.find(path.text()); it != by_path_.end()) {
        node.after.push_back(it->second);
      } else {
        diagnostics().add("E301", span, "`after` names " + path.text() + ", which does not exist",
                          suggest(path));
      }
    }
    nodes.push_back(std::move(node));
  }
  StartOrder result = start_order(nodes);
  for (auto& cycle : result.cycles) report_cycle(nodes, std::move(cycle));
  order_ = std::move(result.order);
}

// Told from the first actor, in file order, whose `after` is part of it.
void SpecTree::report_cycle(const std::vector<StartNode>& nodes, std::vector<size_t> cycle) {
  size_t first = StartNode::kNone;
  for (size_t i = 0; i < cycle.size(); ++i) {
    const auto& after = nodes[cycle[i]].after;
    const size_t next = cycle[(i + 1) % cycle.size()];
    const bool waits = std::find(after.begin(), after.end(), next) != after.end();
    if (waits && (first == StartNode::kNone || cycle[i] < cycle[first])) first = i;
  }
  if (first == StartNode::kNone) first = 0;
  std::rotate(cycle.begin(), cycle.begin() + static_cast<std::ptrdiff_t>(first), cycle.end());
  cycle.push_back(cycle.front());
  std::vector<std::string> names;
  for (const size_t index : cycle) names.push_back(actors_[index].spec.start.path.text());
  diagnostics().add("E302", actors_[cycle.front()].after_span,
                    "\"after\" forms a cycle: " + joined(names, " -> "));
}

void SpecTree::check_named() {
  for (const Actor& actor : actors_) {
    for (const NamedActor& named : actor.named) {
      const Actor* const found = find(named.path);
      if (found != nullptr && found->spec.keys.has("kind")) continue;
      if (found != nullptr) {
        diagnostics().add("E301", named.span,
                          named.text + ", which has no kind, so nobody there receives");
      } else if (!may_be_spawned(named.path)) {
        diagnostics().add("E301", named.span, named.text + ", which does not exist",
                          suggest(named.path));
      }
    }
  }
}

// Only code spawns, so the nearest actor above that is declared has some.
bool SpecTree::may_be_spawned(const ActorPath& path) const {
  for (ActorPath up = path.parent(); !up.is_root(); up = up.parent()) {
    if (const Actor* const above = find(up)) return above->spec.keys.has("kind");
  }
  return false;
}

void SpecTree::check_ids() {
  std::map<std::string, const Actor*> users;
  for (const Actor& actor : actors_) {
    const std::string& id = actor.spec.start.options.persistence.id;
    if (id.empty()) continue;
    const auto [first, added] = users.emplace(id, &actor);
    if (added) continue;
    // The one that wrote it down is the one to change.
    const bool written = actor.spec.keys.has("persistence.id");
    const Actor& here = written ? actor : *first->second;
    const Actor& there = written ? *first->second : actor;
    diagnostics().add("E303", here.id_span,
                      "persistence id \"" + id + "\" is already used by " +
                          there.spec.start.path.text() + " (" + place(there.id_span, here.id_span) +
                          ")");
  }
}

const SpecTree::Actor* SpecTree::find(const ActorPath& path) const {
  const auto it = by_path_.find(path.text());
  return it == by_path_.end() ? nullptr : &actors_[it->second];
}

// The same name elsewhere in the tree comes before a similar spelling.
std::string SpecTree::suggest(const ActorPath& path) const {
  // Nobody sees more than that, and comparing everything with everything takes its time.
  if (reading_.diagnostics().errors() > limits::kDiagnosticsMax) return {};
  std::vector<std::string> paths, same_name;
  for (const Actor& actor : actors_) {
    paths.push_back(actor.spec.start.path.text());
    if (actor.spec.start.path.name() == path.name()) same_name.push_back(paths.back());
  }
  if (same_name.size() == 1) return "did you mean " + same_name[0] + "?";
  const auto meant = nearest(path.text(), paths);
  return meant ? "did you mean " + *meant + "?" : "";
}

std::vector<ActorSpec> SpecTree::in_start_order() const {
  std::vector<ActorSpec> specs;
  for (const size_t index : order_) specs.push_back(actors_[index].spec);
  return specs;
}

}  // namespace actord::host
