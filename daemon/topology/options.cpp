#include "topology/options.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "core/tag.hpp"
#include "topology/quantity.hpp"

namespace actord::host {
namespace {

constexpr uint64_t kCapacityMax = 16'777'216;
constexpr uint64_t kMailboxBytesMin = 4'096;  // room for one small message
constexpr uint32_t kRestartsMax = 1'000'000;
constexpr uint32_t kAttemptsMax = 1'000;
constexpr uint64_t kSnapshotEveryMax = 1'000'000'000;
constexpr uint32_t kSnapshotsKeptMax = 100;
constexpr double kFactorMax = 100;

void read_backoff(Fields& supervision, BackoffOptions& options, Diagnostics& diagnostics) {
  Fields backoff = supervision.below("backoff");
  const bool initial = backoff.duration("initial", 0, options.initial_ms);
  const bool max = backoff.duration("max", 0, options.max_ms);
  backoff.number("factor", 1, kFactorMax, options.factor);
  backoff.number("jitter", 0, 1, options.jitter);
  backoff.duration("reset_after", 0, options.reset_after_ms);
  if ((!initial && !max) || options.max_ms >= options.initial_ms) return;
  diagnostics.add("E105", backoff.value_span(max ? "max" : "initial", {}),
                  max ? "max " + duration_text(options.max_ms) + " is shorter than initial " +
                            duration_text(options.initial_ms)
                      : "initial " + duration_text(options.initial_ms) + " is longer than max " +
                            duration_text(options.max_ms));
}

using DirectiveNames = std::vector<std::pair<std::string, Directive>>;

void read_limit(Fields& supervision, std::string_view key, RestartLimit& options) {
  Fields limit = supervision.below(key);
  limit.integer("restarts", 0u, kRestartsMax, options.restarts);
  limit.duration("within", 1, options.within_ms);
  limit.choice<Directive>("then",
                          {{"park", Directive::kPark},
                           {"escalate", Directive::kEscalate},
                           {"stop", Directive::kStop},
                           {"stop_host", Directive::kStopHost}},
                          options.then);
}

// What never became an instance has no state to go on with, so only turns can be resumed.
void read_directives(Fields& supervision, Directives& options) {
  const DirectiveNames all = {{"restart", Directive::kRestart},
                              {"park", Directive::kPark},
                              {"stop", Directive::kStop},
                              {"escalate", Directive::kEscalate},
                              {"stop_host", Directive::kStopHost}};
  DirectiveNames of_turns = all;
  of_turns.emplace(of_turns.begin(), "resume", Directive::kResume);
  Fields on = supervision.below("on");
  for (size_t i = 0; i < kFailureClasses; ++i) {
    const auto failure = static_cast<FailureClass>(i);
    const bool turn = failure != FailureClass::kConfig && failure != FailureClass::kStart &&
                      failure != FailureClass::kHydration;
    on.choice<Directive>(failure_class_name(failure), turn ? of_turns : all, options[i]);
  }
}

}  // namespace

namespace {

constexpr int32_t kPriorityMax = 10;

// A map from type to rule.
void read_types(Fields& mailbox, std::vector<TypeRule>& rules, Diagnostics& diagnostics) {
  const Entry* entry = mailbox.map("types");
  if (entry == nullptr || entry->value->type != Node::Type::kMap) return;
  rules.clear();
  Fields types = mailbox.below("types");
  for (const Entry& one : entry->value->entries) {
    if (one.key.empty() || one.key.size() > limits::kTypeNameBytes) {
      diagnostics.add("E306", one.key_span,
                      "no message type is longer than " + std::to_string(limits::kTypeNameBytes) +
                          " bytes, or empty");
      continue;
    }
    TypeRule rule;
    rule.type = one.key;
    Fields fields = types.below(one.key);
    fields.integer("priority", -kPriorityMax, kPriorityMax, rule.priority);
    fields.integer("capacity", uint64_t{1}, kCapacityMax, rule.capacity);
    fields.choice<bool>("conflate", {{"true", true}, {"false", false}}, rule.conflate);
    rules.push_back(std::move(rule));
  }
  std::sort(rules.begin(), rules.end(),
            [](const TypeRule& a, const TypeRule& b) { return a.type < b.type; });
  if (rules.size() <= limits::kTypeRulesMax) return;
  diagnostics.add("E105", entry->key_span,
                  std::to_string(rules.size()) + " types; a mailbox has rules for at most " +
                      std::to_string(limits::kTypeRulesMax));
}

}  // namespace

void read_mailbox(Fields& owner, MailboxOptions& options, Diagnostics& diagnostics) {
  Fields mailbox = owner.below("mailbox");
  mailbox.integer("capacity", uint64_t{1}, kCapacityMax, options.capacity);
  mailbox.size("bytes", kMailboxBytesMin, options.bytes);
  mailbox.choice<Overflow>("overflow",
                           {{"reject", Overflow::kReject}, {"drop_oldest", Overflow::kDropOldest}},
                           options.overflow);
  mailbox.number("high_water", 0, 1, options.high_water);
  read_types(mailbox, options.types, diagnostics);
}

void read_supervision(Fields& owner, SupervisionOptions& options, Diagnostics& diagnostics) {
  Fields supervision = owner.below("supervision");
  supervision.choice<RestartType>("restart",
                                  {{"always", RestartType::kAlways},
                                   {"on_failure", RestartType::kOnFailure},
                                   {"never", RestartType::kNever}},
                                  options.restart);
  read_backoff(supervision, options.backoff, diagnostics);
  read_limit(supervision, "limit", options.limit);
  read_directives(supervision, options.on);
  supervision.duration("start_timeout", 1, options.start_timeout_ms);
  supervision.duration("stop_timeout", 1, options.stop_timeout_ms);
  supervision.duration("turn_budget", 1, options.turn_budget_ms);
  supervision.choice<Strategy>("strategy",
                               {{"one_for_one", Strategy::kOneForOne},
                                {"one_for_all", Strategy::kOneForAll},
                                {"rest_for_one", Strategy::kRestForOne}},
                               options.strategy);
  read_limit(supervision, "total", options.total);
  supervision.integer("max_children", 1u, static_cast<uint32_t>(limits::kActorsMax),
                      options.max_children);
  supervision.choice<bool>("significant", {{"true", true}, {"false", false}}, options.significant);
  supervision.integer("max_attempts", 1u, kAttemptsMax, options.max_attempts);
}

void read_persistence(Fields& owner, PersistenceOptions& options, bool with_id) {
  Fields persistence = owner.below("persistence");
  if (with_id) persistence.text("id", options.id);
  persistence.choice<Hydrate>("hydrate",
                              {{"eager", Hydrate::kEager}, {"background", Hydrate::kBackground}},
                              options.hydrate);
  Fields snapshot = persistence.below("snapshot");
  snapshot.integer("every", uint64_t{0}, kSnapshotEveryMax, options.snapshot_every);
  snapshot.integer("keep", 1u, kSnapshotsKeptMax, options.snapshots_kept);
}

void read_tags(Fields& owner, std::vector<std::string>& tags, Diagnostics& diagnostics) {
  const Entry* entry = owner.list("tags");
  if (entry == nullptr) return;
  for (const NodePtr& item : entry->value->items) {
    if (item->broken) continue;
    if (item->type == Node::Type::kScalar && valid_tag(item->text)) {
      tags.push_back(item->text);
      continue;
    }
    const std::string shown =
        item->substituted ? "what its variables gave" : got(*item).substr(0, 80);
    diagnostics.add("E306", item->span,
                    shown + " is no tag; use 1 to 128 letters, digits, '.', '_', '-', ':' and '/'");
  }
  std::sort(tags.begin(), tags.end());
  tags.erase(std::unique(tags.begin(), tags.end()), tags.end());
  if (tags.size() <= limits::kTagsPerActor) return;
  diagnostics.add("E105", entry->key_span,
                  std::to_string(tags.size()) + " tags; an actor carries at most " +
                      std::to_string(limits::kTagsPerActor));
}

}  // namespace actord::host
