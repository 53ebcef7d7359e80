// Turn: one call into an actor's code, as a transaction (law 1). On success the effects are sealed
// at the output gate; on failure nothing of the turn exists.
#pragma once

#include "core/turn_context.hpp"
#include "runtime/output_gate.hpp"

namespace actord::host {

struct TurnResult {
  Outcome outcome;
  bool stop_wanted = false;
  bool abandoned = false;   // while it ran: it has left no effect, and nobody asks for its outcome
  bool state_torn = false;  // an event of it could not be applied: only a new instance helps
  bool rejected = false;    // the message: it is a dead letter by the turn's own wish
};

class Turn {
 public:
  Turn(TurnServices& services, OutputGate& gate) : services_(services), gate_(gate) {}

  TurnResult start(ActorCell& cell);
  TurnResult recovered(ActorCell& cell);
  TurnResult receive(ActorCell& cell, const Envelope& message);
  TurnResult stop(ActorCell& cell, int32_t reason);
  // The directive takes effect with what the turn recorded, or not at all when the turn fails.
  TurnResult decide(ActorCell& cell, const ChildFailure& failure);

 private:
  template <class F>
  TurnResult run(ActorCell& cell, TurnPhase phase, const Envelope* message, F&& call);

  TurnServices& services_;
  OutputGate& gate_;
};

}  // namespace actord::host
