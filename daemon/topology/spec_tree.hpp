// SpecTree: reads `actors` and its children into a flat list, a parent before its children, in file
// order; then checks what one actor says about others.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/kind_catalog.hpp"
#include "topology/fields.hpp"
#include "topology/spec.hpp"
#include "topology/start_order.hpp"

namespace actord::host {

// What is declared around the actors.
struct ActorScope {
  const KindCatalog& catalog;
  const std::vector<std::string>& plugins;          // declared names
  const std::map<std::string, Span>& plugin_spans;  // of those names
  ActorOptions defaults;
};

class SpecTree {
 public:
  struct NamedActor {
    std::string text;  // "settings.router names /packages/router"
    ActorPath path;
    Span span;
  };
  struct Actor {
    ActorSpec spec;
    const KindInfo* kind = nullptr;  // null: none, or not known
    size_t parent = StartNode::kNone;
    Span id_span;     // of persistence.id, else of the name
    Span after_span;  // of the key `after`
    std::vector<std::pair<ActorPath, Span>> after;
    std::vector<NamedActor> named;  // by settings of type path
    bool has_children = false;
  };

  SpecTree(Reading& reading, ActorScope scope) : reading_(reading), scope_(std::move(scope)) {}

  void read(const Node& actors);
  // after: E301, E302. settings that name actors: E301. persistence ids: E303.
  void check_references();
  const Actor* find(const ActorPath& path) const;
  // "did you mean /edge/enrich?", or nothing.
  std::string suggest(const ActorPath& path) const;

  const std::vector<Actor>& actors() const { return actors_; }
  bool unknown_plugin() const { return unknown_plugin_; }  // a declared one that the catalog lacks
  std::vector<ActorSpec> in_start_order() const;

 private:
  void read_actor(const Entry& entry, const ActorPath& parent, size_t parent_index);
  bool good_name(const Entry& entry, const ActorPath& parent);
  void read_kind(Fields& fields, Actor& actor);
  void resolve_kind(const std::string& kind, const Span& span, Actor& actor);
  void read_settings(Fields& fields, Actor& actor);
  void note_named(const Node* settings, Actor& actor);
  void read_after(Fields& fields, Actor& actor);
  void check_options(const Fields& fields, Actor& actor);
  void check_after();
  void check_named();
  bool may_be_spawned(const ActorPath& path) const;
  void check_ids();
  void report_cycle(const std::vector<StartNode>& nodes, std::vector<size_t> cycle);
  Diagnostics& diagnostics() { return reading_.diagnostics(); }

  Reading& reading_;
  ActorScope scope_;
  std::vector<Actor> actors_;
  std::map<std::string, size_t> by_path_;
  std::vector<size_t> order_;
  bool unknown_plugin_ = false;
};

}  // namespace actord::host
