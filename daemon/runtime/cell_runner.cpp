#include "runtime/cell_runner.hpp"

#include <utility>

#include "base/assert.hpp"
#include "base/limits.hpp"
#include "base/log.hpp"

namespace actord::host {

namespace {

Failure failure_of(FailureClass failure_class, const Outcome& outcome, const Envelope* message) {
  Failure failure{failure_class, outcome.status, outcome.text, {}, 0, 0};
  if (message != nullptr) {
    failure.message_type = message->type.name();
    failure.message_id = message->id;
    failure.attempt = message->attempt;
  }
  return failure;
}

// A death notice in the words that its watcher chose. From here on it is a message like any other; who
// ended, and why, stays in from and reason.
void become_message(Envelope& notice, Envelope& chosen) {
  notice.kind = MessageKind::kUser;
  notice.type = chosen.type;
  notice.content_type = chosen.content_type;
  notice.payload = std::move(chosen.payload);
  notice.correlation = chosen.correlation;
  notice.causation = chosen.causation;
  notice.extra = std::move(chosen.extra);
}

// What was started as one is not the other: the instance ends as what it is (its persistence id is given
// back under the name it was taken), and the next one takes the rest.
bool same_instance(const ActorStart& start, const ActorStart* running) {
  return running == nullptr ||
         (start.kind == running->kind && start.settings == running->settings &&
          start.options.persistence == running->options.persistence);
}

// For the watchdog: which call into an actor's code is running.
void mark(const Strand& strand, const Envelope* message) {
  if (WorkerWatch* const watch = WorkerWatch::mine()) {
    watch->message(strand.self, message == nullptr ? Symbol() : message->type,
                   message == nullptr ? 0 : message->id);
  }
}

}  // namespace

bool CellRunner::run(ActorCell& cell) {
  Strand& strand = cell.strand;
  WorkerWatch* const watch = WorkerWatch::mine();
  if (watch != nullptr) watch->enter(strand.self);
  const bool more = run_batch(cell);
  if (watch != nullptr) watch->leave();
  return more;
}

bool CellRunner::run_batch(ActorCell& cell) {
  Strand& strand = cell.strand;
  collect(cell, limits::kBatchMessages);
  for (uint32_t i = 0; i < limits::kBatchMessages; ++i) {
    if (cell.abandoned.load(std::memory_order_acquire)) break;  // nothing of it is run any more
    if (i > 0 && cell.mailbox.calls()) collect(cell, strand.pending.empty() ? 1 : 0);
    if (!strand.accepting || !strand.has_messages()) break;
    if (i > 0) scheduler_.offer();
    handle(cell, strand.next_message());
    update_accepting(cell);
  }
  if (cell.abandoned.load(std::memory_order_acquire) && !strand.terminating) {
    end_instance(cell);
    strand.terminating = true;
  }
  // A log that commits inside submit is already past the gate.
  const bool held = gate_.flush(cell);
  if (strand.terminating && !held) return terminate(cell);
  update_accepting(cell);
  const LaneLoad done = std::exchange(strand.done, {});
  const ActorRef self = strand.self;
  // Nothing of the strand may be touched after this: another thread may run it already.
  const RunEnd end = cell.mailbox.finish_run(done, strand.accepting && strand.has_messages());
  if (end.calm) alarms_.calm(self);
  return end.more;
}

// What the host asks for, urgent messages, and at most max others. Between two turns as well: a stop does
// not wait for the rest of a batch.
void CellRunner::collect(ActorCell& cell, uint32_t max) {
  Mailbox::Work work;
  cell.mailbox.take(max, work, cell.strand.urgent, cell.strand.pending);
  for (SystemTask& task : work.tasks) perform(cell, task);
  gate_.flush(cell);
  update_accepting(cell);
}

// Messages are taken while the instance runs and the gate is not too far behind.
void CellRunner::update_accepting(ActorCell& cell) {
  Strand& strand = cell.strand;
  const bool accepting = strand.phase == InstancePhase::kRunning && !strand.stop_wanted &&
                         !strand.suspended && strand.held.size() < limits::kHeldTurnsPerActor;
  if (accepting == strand.accepting) return;
  strand.accepting = accepting;
  cell.mailbox.set_accepting(accepting);
}

void CellRunner::perform(ActorCell& cell, SystemTask& task) {
  switch (task.kind) {
    case SystemTask::Kind::kStart: start(cell); return;
    case SystemTask::Kind::kUnwind: unwind(cell, task.reason); return;
    case SystemTask::Kind::kTerminate:
      // An abandoned one may come here without having been told to end.
      if (cell.abandoned.load(std::memory_order_acquire)) end_instance(cell);
      cell.strand.terminating = true;
      return;
    case SystemTask::Kind::kFail:
      end_instance(cell);
      tree_.failed(cell, task.failure, false);
      return;
    case SystemTask::Kind::kOptions: {
      auto start = cell.mailbox.start_of(cell.strand.self.incarnation);
      if (start != nullptr && same_instance(*start, cell.strand.start.get()))
        cell.strand.start = std::move(start);
      return;
    }
    case SystemTask::Kind::kHydration: hydrate(cell, task); return;
    case SystemTask::Kind::kDecide: decide(cell, *task.child); return;
    case SystemTask::Kind::kResume: resume(cell, task.failure); return;
    case SystemTask::Kind::kAskWaits: release_.ask_waits(cell, task.ask); return;
    case SystemTask::Kind::kSuspend: cell.strand.suspended = true; return;
    case SystemTask::Kind::kContinue: cell.strand.suspended = false; return;
  }
}

// ---- an instance's life --------------------------------------------------------------------------

void CellRunner::start(ActorCell& cell) {
  Strand& strand = cell.strand;
  ACTORD_ASSERT(strand.behavior == nullptr && strand.phase == InstancePhase::kNone);
  strand.self = cell.ref;
  strand.start = cell.mailbox.start_of(strand.self.incarnation);
  mark(strand, nullptr);
  if (strand.start->kind.empty()) {  // only holds children
    strand.phase = InstancePhase::kRunning;
    tree_.started(cell, false);
    return;
  }
  auto made = factory_.create({strand.start->path, strand.start->kind, strand.start->settings});
  if (!made) {
    const bool config =
        made.error().code == ACTORD_FAIL_CONFIG || made.error().code == ACTORD_E_NOT_FOUND;
    fail(cell, config ? FailureClass::kConfig : FailureClass::kStart,
         {made.error().code, made.error().text}, nullptr);
    return;
  }
  strand.behavior = std::move(made).value();
  const bool persistent = strand.behavior->persistent();
  cell.stats.persistent.store(persistent, std::memory_order_relaxed);
  cell.stats.plugin.store(strand.behavior->plugin(), std::memory_order_relaxed);
  if (persistent) {
    tree_.hydrating(cell);
    const auto begun = hydration_.begin(cell);
    if (!begun)
      fail(cell, FailureClass::kConfig, {begun.error().code, begun.error().text}, nullptr);
  } else {
    first_turns(cell);
  }
}

void CellRunner::hydrate(ActorCell& cell, SystemTask& task) {
  Strand& strand = cell.strand;
  if (task.instance != strand.instance || strand.phase != InstancePhase::kHydrating) return;
  Outcome failure;
  switch (hydration_.advance(cell, *task.answer, &failure)) {
    case Hydration::Step::kWaiting: return;
    case Hydration::Step::kHydrated: first_turns(cell); return;
    case Hydration::Step::kFailed: fail(cell, FailureClass::kHydration, failure, nullptr); return;
  }
}

void CellRunner::first_turns(ActorCell& cell) {
  Strand& strand = cell.strand;
  bool stop_wanted = false;
  if (strand.behavior->persistent()) {
    const TurnResult recovered = turn_.recovered(cell);
    if (recovered.abandoned) return;
    if (recovered.outcome.failed())
      return fail(cell, FailureClass::kStart, recovered.outcome, nullptr);
    stop_wanted = recovered.stop_wanted;
  }
  const TurnResult started = turn_.start(cell);
  if (started.abandoned) return;
  if (started.outcome.failed()) {
    const bool config = started.outcome.status == ACTORD_FAIL_CONFIG;
    return fail(cell, config ? FailureClass::kConfig : FailureClass::kStart, started.outcome,
                nullptr);
  }
  strand.phase = InstancePhase::kRunning;
  tree_.started(cell, strand.behavior->supervises());
  if (stop_wanted || started.stop_wanted) stop_self(cell);
}

void CellRunner::fail(ActorCell& cell, FailureClass failure_class, const Outcome& outcome,
                      const Envelope* message) {
  end_instance(cell);
  tree_.failed(cell, failure_of(failure_class, outcome, message), false);
}

// A child of this actor has failed. Whatever stands in the way of an answer, the child does not wait for
// it: the topology decides.
void CellRunner::decide(ActorCell& cell, const ChildFailure& failure) {
  Strand& strand = cell.strand;
  const bool can = strand.phase == InstancePhase::kRunning && !strand.stop_wanted &&
                   strand.behavior != nullptr && strand.behavior->supervises();
  if (!can) return tree_.decided(failure.child, failure.number, {});
  mark(strand, nullptr);
  const TurnResult result = turn_.decide(cell, failure);
  if (result.abandoned) return;
  if (result.outcome.failed()) {
    tree_.decided(failure.child, failure.number, {});
    after_failure(cell, nullptr, result);
  } else if (result.stop_wanted) {
    stop_self(cell);
  }
}

// The instance that has failed goes on as if the message had not come.
void CellRunner::resume(ActorCell& cell, const Failure& failure) {
  Strand& strand = cell.strand;
  if (strand.phase != InstancePhase::kUndecided) return;
  strand.phase = InstancePhase::kRunning;
  if (strand.undecided == nullptr) return;
  EnvelopePtr skipped = std::move(strand.undecided);
  --skipped->attempt;  // there is no next one
  if (skipped->counts) strand.done.of(*skipped).add(*skipped);
  dead_letters_.take(std::move(skipped), DeadReason::kHandlerFailed, failure.text);
}

void CellRunner::unwind(ActorCell& cell, int32_t reason) {
  Strand& strand = cell.strand;
  if (strand.phase == InstancePhase::kRunning && strand.behavior != nullptr) {
    mark(strand, nullptr);
    const TurnResult stopped = turn_.stop(cell, reason);
    if (stopped.outcome.failed()) {
      log::warn("actor.stop_failed", "the stop hook failed; the actor ends all the same",
                {{"actor", strand.start->path.text()}, {"error", stopped.outcome.text}});
    } else if (!stopped.abandoned) {
      gate_.snapshot(cell);  // an abandoned one owns the journal no more
    }
  }
  end_instance(cell);
  tree_.unwound(cell);
}

void CellRunner::end_instance(ActorCell& cell) {
  Strand& strand = cell.strand;
  if (strand.undecided != nullptr) strand.put_back(std::move(strand.undecided));
  hydration_.end_instance(cell);
  release_.end_instance(cell);
}

bool CellRunner::terminate(ActorCell& cell) {
  Strand& strand = cell.strand;
  EnvelopeQueue rest;
  const std::string path = strand.start == nullptr ? std::string() : strand.start->path.text();
  EnvelopeQueue queued;
  cell.mailbox.close(queued);
  rest.prepend(queued);
  rest.prepend(strand.pending);
  rest.prepend(strand.urgent);
  while (EnvelopePtr envelope = rest.pop_front()) bury(std::move(envelope), path);
  const uint64_t instance = strand.instance;
  strand.start = nullptr;
  strand.terminating = strand.accepting = strand.suspended = false;
  strand.done = {};
  strand.last_lsn = strand.last_seq = strand.snapshot_seq = 0;
  strand.instance = instance + 1;
  cell.stats.handled = cell.stats.failed = cell.stats.last_seq = cell.stats.snapshot_seq = 0;
  cell.stats.hydrated_events = cell.stats.hydrated_ms = 0;
  cell.refused = 0;
  cell.stats.persistent = false;
  cell.stats.plugin = nullptr;
  cell.mailbox.finish_run({}, false);
  alarms_.gone(strand.self);
  tree_.terminated(cell);  // last: from here on the cell may be another's
  return false;
}

// What nobody will handle, because the one it was for has ended.
void CellRunner::bury(EnvelopePtr envelope, const std::string& path) {
  if (envelope->kind != MessageKind::kUser && envelope->kind != MessageKind::kReply) {
    counters_.voided();  // a notice to one who is no more
    return;
  }
  const bool shutdown = tree_.shutting_down();
  dead_letters_.take(std::move(envelope), shutdown ? DeadReason::kShutdown : DeadReason::kStopped,
                     shutdown ? "the host is shutting down" : "the actor has stopped", path);
}

// ---- messages ------------------------------------------------------------------------------------

// Whether the message still means something; settles it otherwise.
bool CellRunner::deliverable(ActorCell& cell, Envelope& envelope) {
  Strand& strand = cell.strand;
  switch (envelope.kind) {
    case MessageKind::kReply:
    case MessageKind::kAskFailed: return release_.settle_ask(cell, envelope.ask);  // or it is late
    case MessageKind::kTimer: return fire_timer(cell, envelope);
    case MessageKind::kListed: return release_.listed(cell, envelope);
    case MessageKind::kTerminated: {
      const auto watched = strand.watching.extract(envelope.from);
      if (watched.empty()) return false;  // unwatched, told already, or forged
      if (watched.mapped() != nullptr) become_message(envelope, *watched.mapped());
      return true;
    }
    default: return true;
  }
}

bool CellRunner::fire_timer(ActorCell& cell, Envelope& envelope) {
  Strand& strand = cell.strand;
  const auto it = strand.timers.find(envelope.token);
  if (it == strand.timers.end()) return false;  // cancelled, replaced, or of an earlier instance
  ActorTimer timer = std::move(it->second);
  strand.timers.erase(it);
  strand.timer_ids.erase(timer.key);
  cell.stats.timers.store(strand.timers.size(), std::memory_order_relaxed);
  envelope.with_extra().key = timer.key;
  envelope.payload = timer.payload;
  if (timer.period_ms > 0) release_.rearm(cell, std::move(timer));
  return true;
}

void CellRunner::handle(ActorCell& cell, EnvelopePtr envelope) {
  Strand& strand = cell.strand;
  if (envelope->counts) strand.done.of(*envelope).add(*envelope);
  if (strand.behavior == nullptr && envelope->kind != MessageKind::kUser) {
    counters_.voided();  // the host's notices mean nothing to a node that only holds children
    return;
  }
  if (strand.behavior == nullptr) {
    dead_letters_.take(std::move(envelope), DeadReason::kUnhandled,
                       "this node only holds children");
    return;
  }
  if (!deliverable(cell, *envelope)) {
    counters_.voided();
    return;
  }
  if (envelope->deadline_ms != 0 && envelope->kind == MessageKind::kUser &&
      clock_.now_ms() >= envelope->deadline_ms) {
    dead_letters_.take(std::move(envelope), DeadReason::kExpired,
                       "its deadline passed before its turn came");
    return;
  }
  mark(strand, envelope.get());
  const TurnResult result = turn_.receive(cell, *envelope);
  if (result.abandoned) {
    dead_letters_.take(std::move(envelope), DeadReason::kStopped,
                       "the actor was abandoned in this turn");
    return;
  }
  cell.stats.handled.fetch_add(1, std::memory_order_relaxed);
  if (result.outcome.failed()) {
    after_failure(cell, std::move(envelope), result);
    return;
  }
  if (result.rejected) {
    // It ends as the dead letter its turn asked for, whatever else was answered.
  } else if (result.outcome.status == ACTORD_DEFER) {
    put_off(cell, std::move(envelope));
  } else if (result.outcome.status == ACTORD_UNHANDLED &&
             (envelope->kind == MessageKind::kUser || envelope->kind == MessageKind::kReply)) {
    dead_letters_.take(std::move(envelope), DeadReason::kUnhandled,
                       "the actor does not know this message");
  } else {
    counters_.handled();
  }
  if (result.stop_wanted) stop_self(cell);
}

void CellRunner::stop_self(ActorCell& cell) {
  cell.strand.stop_wanted = true;
  tree_.stop_self(cell.strand.self);
}

void CellRunner::put_off(ActorCell& cell, EnvelopePtr envelope) {
  if (cell.strand.stash.size() >= limits::kStashMax) {
    dead_letters_.take(std::move(envelope), DeadReason::kStashFull,
                       "the stash holds 10,000 messages");
    return;
  }
  admit_again(cell, *envelope);
  // Not counted against the mailbox any more, so it must not be counted off again.
  envelope->counts = false;
  cell.strand.stash.push_back(std::move(envelope));
}

// A notice is let in once (deliverable). One that is put off is entered again, so that it is let in
// when it comes out, unless it was cancelled meanwhile or its instance has ended.
void CellRunner::admit_again(ActorCell& cell, Envelope& envelope) {
  Strand& strand = cell.strand;
  switch (envelope.kind) {
    case MessageKind::kReply:
    case MessageKind::kAskFailed:
      // Under a number of its own: a second answer to the same request is still one too many.
      envelope.ask = ++strand.ask_counter;
      strand.asks.emplace(envelope.ask, PendingAsk{});
      cell.stats.asks.store(strand.asks.size(), std::memory_order_relaxed);
      return;
    case MessageKind::kTerminated: strand.watching.emplace(envelope.from, nullptr); return;
    case MessageKind::kTimer:
      // Of a timer that has been armed again only the next fire counts.
      if (strand.timer_ids.emplace(envelope.extra->key, envelope.token).second) {
        strand.timers.emplace(envelope.token,
                              ActorTimer{envelope.extra->key, 0, 0, envelope.payload});
        cell.stats.timers.store(strand.timers.size(), std::memory_order_relaxed);
      }
      return;
    default: return;
  }
}

// The instance ends, goes on, or is kept until its parent has decided. Its message is tried again by the
// next instance, before all that came after it, or ends as a dead letter. envelope: null when it failed
// at no message.
void CellRunner::after_failure(ActorCell& cell, EnvelopePtr envelope, const TurnResult& result) {
  Strand& strand = cell.strand;
  const Outcome& outcome = result.outcome;
  FailureClass failure = failure_class_of(outcome.status);
  if (failure == FailureClass::kHydration) failure = FailureClass::kPermanent;
  const ActorTree::Verdict verdict =
      tree_.failed(cell, failure_of(failure, outcome, envelope.get()), !result.state_torn);
  if (envelope != nullptr) settle_failed(cell, std::move(envelope), failure, outcome, verdict);
  if (verdict == ActorTree::Verdict::kUndecided) strand.phase = InstancePhase::kUndecided;
  if (verdict == ActorTree::Verdict::kEnds) end_instance(cell);
}

void CellRunner::settle_failed(ActorCell& cell, EnvelopePtr envelope, FailureClass failure,
                               const Outcome& outcome, ActorTree::Verdict verdict) {
  Strand& strand = cell.strand;
  const uint32_t max_attempts = strand.start->options.supervision.max_attempts;
  const bool retriable = failure != FailureClass::kPoison && envelope->kind != MessageKind::kTimer;
  const bool again =
      verdict != ActorTree::Verdict::kGoesOn && retriable && envelope->attempt < max_attempts;
  if (!again) {
    dead_letters_.take(std::move(envelope),
                       max_attempts > 1 && failure != FailureClass::kPoison
                           ? DeadReason::kAttemptsExhausted
                           : DeadReason::kHandlerFailed,
                       outcome.text);
    return;
  }
  ++envelope->attempt;
  if (envelope->counts) strand.done.of(*envelope).remove(*envelope);
  if (verdict == ActorTree::Verdict::kUndecided) {
    strand.undecided = std::move(envelope);
  } else {
    strand.put_back(std::move(envelope));  // what was put off before goes ahead of it
  }
}

}  // namespace actord::host
