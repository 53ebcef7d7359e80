#include "runtime/turn.hpp"

#include "base/assert.hpp"

namespace actord::host {
namespace {

// References given to children that will never be.
void give_back_children(TurnServices& services, Effects& effects) {
  if (effects.spawns == 0) return;
  for (const Effect& effect : effects.list) {
    if (const auto* spawn = std::get_if<SpawnEffect>(&effect)) services.release_child(spawn->ref);
  }
}

}  // namespace

template <class F>
TurnResult Turn::run(ActorCell& cell, TurnPhase phase, const Envelope* message, F&& call) {
  Strand& strand = cell.strand;
  ACTORD_ASSERT(strand.effects.list.empty() && strand.effects.events.empty());
  TurnContext context(services_, *strand.behavior, strand.self, strand.start->path, strand.effects,
                      phase, message, strand.last_seq, strand.ask_counter);
  TurnResult result;
  result.outcome = call(*strand.behavior, context);
  if (cell.abandoned.load(std::memory_order_acquire)) {
    result.abandoned = true;
    give_back_children(services_, strand.effects);
    strand.effects.clear();
    return result;
  }
  // An event that could not be applied has left the state between two events: only a new instance helps.
  if (!result.outcome.failed() && context.event_failure().failed())
    result.outcome = context.event_failure();
  result.state_torn = context.event_failure().failed();
  if (result.outcome.failed()) {
    if (result.outcome.text.empty()) result.outcome.text = context.error();
    if (result.outcome.text.empty()) result.outcome.text = status_meaning(result.outcome.status);
    give_back_children(services_, strand.effects);
    strand.effects.clear();
    return result;
  }
  result.stop_wanted = context.stop_wanted() || result.outcome.status == ACTORD_STOP;
  result.rejected = context.current_rejected();
  gate_.seal(cell);
  return result;
}

TurnResult Turn::start(ActorCell& cell) {
  return run(cell, TurnPhase::kStart, nullptr,
             [](Behavior& b, TurnContext& t) { return b.start(t); });
}

TurnResult Turn::recovered(ActorCell& cell) {
  return run(cell, TurnPhase::kRecovered, nullptr,
             [](Behavior& b, TurnContext& t) { return b.recovered(t); });
}

TurnResult Turn::receive(ActorCell& cell, const Envelope& message) {
  return run(cell, TurnPhase::kReceive, &message,
             [&](Behavior& b, TurnContext& t) { return b.receive(t, message); });
}

TurnResult Turn::stop(ActorCell& cell, int32_t reason) {
  return run(cell, TurnPhase::kStop, nullptr, [&](Behavior& b, TurnContext& t) {
    b.stop(t, reason);
    return Outcome{};
  });
}

// As an effect the directive passes the output gate: what it reveals of the parent's state is durable.
TurnResult Turn::decide(ActorCell& cell, const ChildFailure& failure) {
  return run(cell, TurnPhase::kDecide, nullptr, [&](Behavior& b, TurnContext& t) {
    ChosenDirective chosen;
    Outcome outcome = b.decide(t, failure, chosen);
    if (!outcome.failed())
      cell.strand.effects.list.push_back(DirectEffect{failure.child, failure.number, chosen});
    return outcome;
  });
}

}  // namespace actord::host
