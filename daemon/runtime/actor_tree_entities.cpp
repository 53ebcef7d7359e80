// Entities: how one comes up for a message, and goes when it has been idle.
#include "runtime/actor_tree.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "base/limits.hpp"
#include "base/log.hpp"

namespace actord::host {
namespace {

std::string_view parent_of(std::string_view path) { return path.substr(0, path.rfind('/')); }

}  // namespace

EntityShard* ActorTree::shard_at(std::string_view path) {
  const auto it = shards_.find(path);
  return it == shards_.end() ? nullptr : it->second.get();
}

void ActorTree::forget_shard(const std::string& path) {
  const auto it = shards_.find(path);
  if (it == shards_.end()) return;
  press(*it->second, false);
  shards_.erase(it);
  shard_count_ = shards_.size();
}

void ActorTree::enter(ActorCell& cell, NodeState state) {
  const NodeState before = std::exchange(cell.node.state, state);
  EntityShard* const shard = cell.node.shard;
  if (shard == nullptr) return;
  const bool free = shard->moved(cell, before, clock_.now_ms());
  // One that was to give its place to another, and keeps it, is a reason to look for another one.
  if (free || before == NodeState::kUnwinding) relieve(*shard);
  keep_time(*shard);
}

// ---- activation ------------------------------------------------------------------------------------

ActorTree::EntityMail ActorTree::deliver(const std::string& path, EnvelopePtr& envelope,
                                         Displaced& displaced) {
  EntityMail mail;
  if (shard_count_.load() == 0) return mail;
  {
    const MutexLock lock(mutex_);
    ActorCell* cell = live(path);
    EntityShard* const shard = cell == nullptr ? shard_at(parent_of(path)) : cell->node.shard;
    if (shard == nullptr) return mail;
    mail.outcome = EntityMail::Outcome::kRefused;
    const auto refuse = [&](DeadReason reason, std::string why) {
      mail.reason = reason;
      mail.why = std::move(why);
    };
    if (cell == nullptr) {
      auto activated = activate(*shard, path);
      if (!activated) {
        const actord_status code = activated.error().code;
        refuse(code == ACTORD_E_LIMIT    ? DeadReason::kMailboxFull
               : code == ACTORD_E_CLOSED ? DeadReason::kStopped
                                         : DeadReason::kNoSuchActor,
               activated.error().text);
        if (shutting_down_ && code == ACTORD_E_CLOSED) mail.reason = DeadReason::kShutdown;
        return mail;
      }
      cell = *activated;
    }
    envelope->to = mail.to = cell->ref;
    switch (cell->mailbox.push(cell->ref.incarnation, envelope, displaced)) {
      case PushResult::kQueuedWake: scheduler_.schedule(*cell); [[fallthrough]];
      case PushResult::kQueued: mail.outcome = EntityMail::Outcome::kQueued; break;
      case PushResult::kFull: refuse(DeadReason::kMailboxFull, displaced.full); break;
      case PushResult::kClosed:
      case PushResult::kStale:
        refuse(DeadReason::kStopped, cell->node.state == NodeState::kParked
                                         ? "the entity is parked: " + cell->node.reason
                                         : "the entity is stopping");
    }
  }
  exits_.changed();
  return mail;
}

Result<ActorCell*> ActorTree::activate(EntityShard& shard, const std::string& path) {
  const std::string_view key = std::string_view(path).substr(shard.parent().text().size() + 1);
  if (!ActorPath::valid_segment(key) || !ActorPath::parse(path))
    return Error{ACTORD_E_NOT_FOUND, "\"" + std::string(key) + "\" is no key of an entity"};
  ActorCell* const parent = live(shard.parent().text());
  if (stopping_all_ || parent == nullptr || parent->node.goal == Goal::kStop)
    return Error{ACTORD_E_CLOSED, shard.parent().text() + ", whose entity it is, is stopped"};
  const auto limit = [](uint64_t number, const std::string& what) {
    return Error{ACTORD_E_LIMIT, std::to_string(number) + " " + what};
  };
  if (parent->node.children.size() >= parent->start->options.supervision.max_children)
    return limit(parent->node.children.size(), "entities are there (supervision.max_children)");
  if (shard.waiting() >= limits::kEntitiesWaiting)
    return limit(shard.waiting(), "entities wait for one that is idle (entity.max_active)");
  ACTORD_TRY_ASSIGN(const ActorRef ref, registry_.reserve());
  const auto adopted = adopt(*parent, ref, shard.start_of(key));
  ACTORD_ASSERT(adopted.has_value());  // the name was free, under this lock
  ActorCell& cell = *registry_.cell(ref);
  cell.node.shard = &shard;
  ++shard.activations;
  shard.waits(ref);
  relieve(shard);
  return &cell;
}

// Those that wait have their places and mailboxes already.
void ActorTree::start_entities_of(ActorCell& parent) {
  if (shards_.empty()) return;
  if (EntityShard* const shard = shard_at(parent.start->path.text())) relieve(*shard);
}

void ActorTree::relieve(EntityShard& shard) {
  ActorCell* const parent = live(shard.parent().text());
  if (!takes_children(parent) || stopping_all_) return press(shard, false);
  while (shard.waiting() > 0 && shard.has_room()) {
    ActorCell* const next = live(shard.first_waiting());
    ACTORD_ASSERT(next != nullptr);
    begin(*next);
  }
  make_room(shard);
}

void ActorTree::make_room(EntityShard& shard) {
  if (shard.places_needed() == 0) return press(shard, false);
  if (shard.pressed) return;  // nobody was idle, and whoever becomes it says so
  press(shard, true);         // before looking: one that becomes idle meanwhile is seen, or says so
  const uint64_t now = clock_.now_ms();
  while (shard.places_needed() > 0) {
    ActorCell* const idle =
        shard.longest_idle(now, now, [this](ActorCell& cell) { return may_passivate(cell); });
    if (idle == nullptr) return;
    passivate(*idle);
  }
  press(shard, false);
}

void ActorTree::press(EntityShard& shard, bool on) {
  if (shard.pressed == on) return;
  shard.pressed = on;
  on ? ++pressed_ : --pressed_;
}

// ---- passivation -----------------------------------------------------------------------------------

bool ActorTree::may_passivate(ActorCell& cell) {
  const TreeNode& node = cell.node;
  return node.state == NodeState::kRunning && node.goal == Goal::kRun && !node.suspended &&
         node.children.empty() && !links_.contains(cell.ref) && cell.idle_since.load() != 0 &&
         cell.mailbox.depth().messages == 0;
}

void ActorTree::passivate(ActorCell& cell) {
  unwind(cell, Goal::kPassivate, ACTORD_STOP_PASSIVATED);
}

void ActorTree::passivate_self(ActorRef ref) {
  {
    const MutexLock lock(mutex_);
    ActorCell* const cell = live(ref);
    if (cell == nullptr || cell->node.shard == nullptr) return;
    passivate(*cell);
  }
  exits_.changed();
}

void ActorTree::entity_idle(ActorRef ref) {
  {
    const MutexLock lock(mutex_);
    ActorCell* const cell = live(ref);
    EntityShard* const shard = cell == nullptr ? nullptr : cell->node.shard;
    if (shard == nullptr || !shard->pressed || !may_passivate(*cell)) return;
    passivate(*cell);
    if (shard->places_needed() == 0) press(*shard, false);
  }
  exits_.changed();
}

void ActorTree::passivation_due(ActorRef parent, TimerId timer) {
  {
    const MutexLock lock(mutex_);
    ActorCell* const cell = live(parent);
    EntityShard* const shard = cell == nullptr ? nullptr : shard_at(cell->start->path.text());
    if (shard == nullptr || shard->timer != timer) return;
    shard->timer = 0;
    const uint64_t now = clock_.now_ms();
    const uint64_t after = shard->options().passivate_after_ms;
    for (uint64_t n = 0; n < limits::kPassivationsAtOnce && after <= now; ++n) {
      ActorCell* const idle = shard->longest_idle(
          now - after, now, [this](ActorCell& one) { return may_passivate(one); });
      if (idle == nullptr) break;
      passivate(*idle);
    }
    press(*shard, false);  // what has become idle without a run of its own is looked for again
    relieve(*shard);
    keep_time(*shard);
  }
  exits_.changed();
}

// One timer for all: at the earliest moment at which one can be due, and not for each by itself.
void ActorTree::keep_time(EntityShard& shard) {
  if (shard.active() == 0) {
    if (shard.timer != 0) timers_.cancel(std::exchange(shard.timer, 0));
    return;
  }
  if (shard.timer != 0) return;
  const uint64_t after = shard.options().passivate_after_ms;
  const uint64_t pause = std::clamp<uint64_t>(after / 16, 1, limits::kPassivationLookMs);
  const uint64_t now = clock_.now_ms();
  const uint64_t due = later_ms(shard.nobody_idle_before_ms(), after);
  shard.timer = timers_.arm(std::max(due, now + pause), TimerPurpose::kPassivate,
                            registry_.find(shard.parent().text()), 0);
}

bool ActorTree::passivated(ActorCell& cell, bool has_messages) {
  bool ends = false;
  {
    const MutexLock lock(mutex_);
    if (cell.abandoned) return false;
    TreeNode& node = cell.node;
    if (node.goal != Goal::kPassivate) {  // a later order
      reach_goal(cell);
    } else if (has_messages || node.suspended || !cell.mailbox.close_if_empty()) {
      begin(cell);
    } else {
      const std::string key(cell.start->path.name());
      for (const ActorRef watcher : std::exchange(node.watchers, {}))
        node.shard->keep_watch(key, {watcher, cell.ref});
      registry_.unbind(cell.ref);
      ++node.shard->passivations;
      enter(cell, NodeState::kEnding);
      ends = true;
    }
  }
  exits_.changed();
  return ends;
}

std::optional<std::string> ActorTree::refuse_mail(ActorCell& cell, EnvelopeQueue& rest) {
  const MutexLock lock(mutex_);
  if (cell.abandoned || cell.node.state != NodeState::kParked) return std::nullopt;
  cell.mailbox.refuse(rest);
  return "the entity is parked: " + cell.node.reason;
}

// ---- reload ----------------------------------------------------------------------------------------

void ActorTree::set_entities(const std::string& path, const EntityOptions& options, bool restart) {
  {
    const MutexLock lock(mutex_);
    EntityShard* const shard = shard_at(path);
    if (shard == nullptr) return;
    const EntityOptions& before = shard->options();
    const bool anew = restart || before.settings != options.settings ||
                      before.options.persistence != options.options.persistence;
    shard->set_options(options);
    ActorCell* const parent = live(path);
    const std::vector<ActorRef> all =
        parent == nullptr ? std::vector<ActorRef>() : parent->node.children;
    for (const ActorRef ref : all) {
      ActorCell* const cell = live(ref);
      if (cell == nullptr || cell->node.shard != shard || cell->node.goal == Goal::kStop ||
          cell->node.state == NodeState::kEnding) {
        continue;
      }
      // The strand takes it with the next instance: the present one ends as what it was started as.
      cell->start = shard->start_of(cell->start->path.name());
      cell->mailbox.set_options(cell->start);
      if (!anew) {
        push(*cell, {SystemTask::Kind::kOptions, 0, 0, {}, {}});
      } else if (cell->node.state != NodeState::kWaiting && cell->node.goal != Goal::kPassivate) {
        start_anew(*cell);
      }
    }
    if (shard->timer != 0) timers_.cancel(std::exchange(shard->timer, 0));
    keep_time(*shard);
    relieve(*shard);
  }
  exits_.changed();
}

}  // namespace actord::host
