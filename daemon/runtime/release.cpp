#include "runtime/release.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "base/log.hpp"

namespace actord::host {

void Release::perform(ActorCell& cell, std::vector<Effect>& effects) {
  for (Effect& effect : effects) {
    std::visit([&](auto& one) { perform_one(cell, one); }, effect);
  }
}

void Release::perform_ended(std::vector<Effect>& effects) {
  for (Effect& effect : effects) {
    if (auto* send = std::get_if<SendEffect>(&effect)) router_.route(std::move(send->envelope));
    if (auto* publish = std::get_if<PublishEffect>(&effect))
      router_.publish(std::move(publish->envelope));
    if (auto* ask = std::get_if<AskEffect>(&effect)) router_.route(std::move(ask->envelope));
    if (auto* letter = std::get_if<DeadLetterEffect>(&effect)) end_rejected(*letter);
    if (auto* spawn = std::get_if<SpawnEffect>(&effect)) exits_.release_child(spawn->ref);
  }
}

void Release::perform_one(ActorCell&, SendEffect& effect) {
  router_.route(std::move(effect.envelope));
}

void Release::perform_one(ActorCell&, PublishEffect& effect) {
  router_.publish(std::move(effect.envelope));
}

void Release::perform_one(ActorCell& cell, AskEffect& effect) {
  Strand& strand = cell.strand;
  const uint64_t ask = effect.envelope->ask;
  if (strand.asks.size() >= limits::kAsksPerActor) {
    // Too many unanswered: this one fails at once instead of growing the table.
    auto refusal = undeliverable_notice(*effect.envelope, ACTORD_E_LIMIT, "too many pending asks");
    strand.asks.emplace(ask, PendingAsk{});
    exits_.notify(std::move(refusal));
    return;
  }
  router_.locate(*effect.envelope);
  // The request's own deadline is the one promised; time spent behind the gate counts.
  const uint64_t deadline_ms = effect.envelope->deadline_ms;
  const uint64_t look_ms = std::min(effect.timeout_ms / 2, limits::kAskLookMs);
  const bool looks = look_ms >= limits::kAskLookMsMin;
  const TimerId timer =
      timers_.arm(looks ? deadline_ms - effect.timeout_ms + look_ms : deadline_ms,
                  looks ? TimerPurpose::kAskLook : TimerPurpose::kAskTimeout, strand.self, ask);
  strand.asks.emplace(ask, PendingAsk{timer, effect.envelope->to, deadline_ms, false});
  cell.stats.asks.store(strand.asks.size(), std::memory_order_relaxed);
  router_.route(std::move(effect.envelope));
}

void Release::perform_one(ActorCell& cell, CancelAskEffect& effect) {
  settle_ask(cell, effect.ask);
}

bool Release::settle_ask(ActorCell& cell, uint64_t ask) {
  Strand& strand = cell.strand;
  const auto it = strand.asks.find(ask);
  if (it == strand.asks.end()) return false;
  timers_.cancel(it->second.timer);
  if (it->second.waits) cycles_.settled(strand.self, ask);
  strand.asks.erase(it);
  cell.stats.asks.store(strand.asks.size(), std::memory_order_relaxed);
  return true;
}

void Release::ask_waits(ActorCell& cell, uint64_t ask) {
  Strand& strand = cell.strand;
  const auto it = strand.asks.find(ask);
  if (it == strand.asks.end() || it->second.waits) return;
  PendingAsk& pending = it->second;
  pending.timer = 0;
  if (clock_.now_ms() >= pending.deadline_ms) {
    exits_.notify(ask_timeout_notice(strand.self, ask));
    return;
  }
  pending.timer = timers_.arm(pending.deadline_ms, TimerPurpose::kAskTimeout, strand.self, ask);
  if (pending.target.is_nobody()) return;
  pending.waits = true;
  cycles_.waits(strand.self, ask, pending.target);
}

void Release::arm(ActorCell& cell, ActorTimer timer) {
  Strand& strand = cell.strand;
  const TimerId id = timers_.arm(timer.due_ms, TimerPurpose::kActorTimer, strand.self, 0);
  strand.timer_ids[timer.key] = id;
  strand.timers.emplace(id, std::move(timer));
  cell.stats.timers.store(strand.timers.size(), std::memory_order_relaxed);
}

void Release::perform_one(ActorCell& cell, SetTimerEffect& effect) {
  CancelTimerEffect old{effect.key};
  perform_one(cell, old);
  if (cell.strand.timers.size() >= limits::kTimersPerActor) {
    log::error("actor.timer_limit", "timer not set: the actor has 10,000 already",
               {{"actor", cell.strand.start->path.text()}, {"key", effect.key}});
    return;
  }
  arm(cell, {std::move(effect.key), later_ms(clock_.now_ms(), effect.delay_ms), effect.period_ms,
             std::move(effect.payload)});
}

void Release::rearm(ActorCell& cell, ActorTimer timer) {
  const uint64_t now = clock_.now_ms();
  const uint64_t missed = (now - timer.due_ms) / timer.period_ms;
  timer.due_ms = later_ms(timer.due_ms + missed * timer.period_ms, timer.period_ms);
  arm(cell, std::move(timer));
}

void Release::perform_one(ActorCell& cell, CancelTimerEffect& effect) {
  Strand& strand = cell.strand;
  const auto it = strand.timer_ids.find(effect.key);
  if (it == strand.timer_ids.end()) return;
  timers_.cancel(it->second);
  strand.timers.erase(it->second);
  strand.timer_ids.erase(it);
  cell.stats.timers.store(strand.timers.size(), std::memory_order_relaxed);
}

void Release::perform_one(ActorCell& cell, SpawnEffect& effect) {
  ActorStart start = *cell.strand.start;
  start.path = start.path.child(effect.name);
  start.kind = std::move(effect.kind);
  start.settings = std::move(effect.settings);
  start.options.persistence.id = std::move(effect.persistence_id);
  start.options.tags.clear();  // they are its parent's
  const std::string path = start.path.text();
  const auto spawned = tree_.spawn(cell.strand.self, effect.ref, std::move(start));
  if (!spawned) {
    log::error("actor.spawn_failed", "child not started",
               {{"actor", path}, {"error", spawned.error().text}});
  }
}

void Release::perform_one(ActorCell& cell, StopEffect& effect) {
  tree_.stop_child(cell.strand.self, effect.ref);
}

void Release::perform_one(ActorCell& cell, WatchEffect& effect) {
  Strand& strand = cell.strand;
  if (strand.watching.size() >= limits::kWatchesPerActor && !strand.watching.contains(effect.ref)) {
    log::error("actor.watch_limit", "not watched: the actor watches 10,000 already",
               {{"actor", strand.start->path.text()}});
    return;
  }
  strand.watching.insert_or_assign(effect.ref, std::move(effect.notice));
  if (tree_.watch(strand.self, effect.ref)) return;
  auto notice = std::make_unique<Envelope>();
  notice->kind = MessageKind::kTerminated;
  notice->to = strand.self;
  notice->from = effect.ref;
  notice->reason = ACTORD_STOP_NO_SUCH;
  exits_.notify(std::move(notice));
}

void Release::perform_one(ActorCell& cell, UnwatchEffect& effect) {
  if (cell.strand.watching.erase(effect.ref) > 0) tree_.unwatch(cell.strand.self, effect.ref);
}

void Release::perform_one(ActorCell&, SuspendEffect& effect) {
  tree_.suspend(effect.ref, effect.on);
}

void Release::perform_one(ActorCell& cell, LinkEffect& effect) {
  tree_.link(cell.strand.self, effect.ref);
}

void Release::perform_one(ActorCell& cell, UnlinkEffect& effect) {
  tree_.unlink(cell.strand.self, effect.ref);
}

void Release::perform_one(ActorCell& cell, SubscribeEffect& effect) {
  const auto pattern = TopicPattern::parse(effect.pattern);
  if (!pattern) return;  // checked when recorded
  const auto done = broker_.subscribe(*pattern, {cell.strand.self, {}});
  if (!done) {
    log::error("actor.subscribe_failed", done.error().text,
               {{"actor", cell.strand.start->path.text()}, {"pattern", effect.pattern}});
  }
}

void Release::perform_one(ActorCell& cell, UnsubscribeEffect& effect) {
  if (const auto pattern = TopicPattern::parse(effect.pattern)) {
    broker_.unsubscribe(*pattern, {cell.strand.self, {}});
  }
}

void Release::perform_one(ActorCell& cell, TagEffect& effect) {
  const std::string& path = cell.strand.start->path.text();
  const auto done = tags_.add(cell.strand.self, path, effect.tag);
  if (!done)
    log::error("actor.tag_limit", done.error().text, {{"actor", path}, {"tag", effect.tag}});
}

void Release::perform_one(ActorCell& cell, UntagEffect& effect) {
  tags_.remove(cell.strand.self, effect.tag);
}

void Release::perform_one(ActorCell& cell, FollowEffect& effect) {
  const auto done = tags_.follow(cell.strand.self, effect.tag);
  if (!done) {
    log::error("actor.follow_limit", done.error().text,
               {{"actor", cell.strand.start->path.text()}, {"tag", effect.tag}});
  }
}

void Release::perform_one(ActorCell& cell, UnfollowEffect& effect) {
  tags_.unfollow(cell.strand.self, effect.tag);
}

bool Release::listed(ActorCell& cell, Envelope& notice) {
  return tags_.arrived(cell.strand.self, notice);
}

void Release::perform_one(ActorCell& cell, WatchFileEffect& effect) {
  exits_.watch_file(cell.strand.self, effect.path);
}

void Release::perform_one(ActorCell&, DeadLetterEffect& effect) { end_rejected(effect); }

void Release::end_rejected(DeadLetterEffect& effect) {
  if (!effect.current) counters_.accepted();  // made and ended in one go
  dead_letters_.take_rejected(std::move(effect.letter), effect.stored);
}

void Release::perform_one(ActorCell&, DirectEffect& effect) {
  tree_.decided(effect.child, effect.number, effect.chosen);
}

// Ahead of everything else: those that are named in that order, then the oldest first, as if they had
// never been put off.
void Release::perform_one(ActorCell& cell, UnstashEffect& effect) {
  Strand& strand = cell.strand;
  EnvelopeQueue back;
  for (const uint64_t id : effect.ids) {
    if (EnvelopePtr envelope = strand.stash.remove(id)) back.push_back(std::move(envelope));
  }
  if (effect.all) strand.pending.prepend(strand.stash);
  strand.pending.prepend(back);
}

// Only what somebody sent can be passed on; a notice of the host stays where it is.
void Release::perform_one(ActorCell& cell, ForwardStashedEffect& effect) {
  Strand& strand = cell.strand;
  const Envelope* const there = strand.stash.find(effect.id);
  if (there == nullptr) return;
  if (there->kind != MessageKind::kUser) {
    log::warn("actor.forward_refused", "a notice of the host cannot be passed on; it stays put off",
              {{"actor", strand.start->path.text()}, {"message_id", effect.id}});
    return;
  }
  EnvelopePtr envelope = strand.stash.remove(effect.id);
  counters_.handled();  // what goes on is another message, as with any forward
  envelope->causation = envelope->id;
  envelope->id = 0;
  envelope->attempt = 1;
  ++envelope->hops;
  envelope->to = effect.to;
  if (!effect.to_path.empty() || envelope->extra != nullptr)
    envelope->with_extra().to_path = std::move(effect.to_path);
  exits_.notify(std::move(envelope));
}

void Release::perform_one(ActorCell& cell, RejectStashedEffect& effect) {
  EnvelopePtr envelope = cell.strand.stash.remove(effect.id);
  if (envelope == nullptr) return;
  dead_letters_.take(std::move(envelope), DeadReason::kRejected, effect.text);
}

void Release::end_instance(ActorCell& cell) {
  Strand& strand = cell.strand;
  strand.phase = InstancePhase::kNone;
  strand.stop_wanted = false;
  ++strand.instance;
  strand.behavior.reset();
  for (const auto& [number, ask] : strand.asks) {
    timers_.cancel(ask.timer);
    if (ask.waits) cycles_.settled(strand.self, number);
  }
  strand.asks.clear();
  for (const auto& [id, timer] : strand.timers) timers_.cancel(id);
  strand.timers.clear();
  strand.timer_ids.clear();
  for (const auto& [other, notice] : strand.watching) tree_.unwatch(strand.self, other);
  strand.watching.clear();
  broker_.unsubscribe_all(strand.self);
  tags_.end_instance(strand.self);
  exits_.unwatch_files(strand.self);
  cell.stats.asks.store(0, std::memory_order_relaxed);
  cell.stats.timers.store(0, std::memory_order_relaxed);
  // What the old instance put off is handled, in order, by the new one.
  strand.pending.prepend(strand.stash);
}

}  // namespace actord::host
