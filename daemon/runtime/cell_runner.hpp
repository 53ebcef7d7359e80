// CellRunner: gives a cell the worker for one bounded batch. Host tasks first, then what the output
// gate releases, then messages. Everything here runs on the cell's strand.
#pragma once

#include <functional>

#include "core/behavior.hpp"
#include "runtime/actor_tree.hpp"
#include "runtime/counters.hpp"
#include "runtime/dead_letters.hpp"
#include "runtime/hydration.hpp"
#include "runtime/output_gate.hpp"
#include "runtime/release.hpp"
#include "runtime/turn.hpp"

namespace actord::host {

class CellRunner {
 public:
  CellRunner(BehaviorFactory& factory, Turn& turn, OutputGate& gate, Release& release,
             Hydration& hydration, ActorTree& tree, DeadLetters& dead_letters, Counters& counters,
             MailboxAlarms& alarms, Scheduler& scheduler, Clock& clock)
      : factory_(factory),
        turn_(turn),
        gate_(gate),
        release_(release),
        hydration_(hydration),
        tree_(tree),
        dead_letters_(dead_letters),
        counters_(counters),
        alarms_(alarms),
        scheduler_(scheduler),
        clock_(clock) {}

  // True: there is more, schedule the cell again. After false the cell may already run elsewhere.
  bool run(ActorCell& cell);
  void bury(EnvelopePtr envelope, const std::string& path);  // the actor of that path has ended

 private:
  bool run_batch(ActorCell& cell);
  void collect(ActorCell& cell, uint32_t max);
  void perform(ActorCell& cell, SystemTask& task);
  void start(ActorCell& cell);
  void first_turns(ActorCell& cell);
  void hydrate(ActorCell& cell, SystemTask& task);
  void unwind(ActorCell& cell, int32_t reason);
  void stop_self(ActorCell& cell);
  void end_instance(ActorCell& cell);
  bool terminate(ActorCell& cell);
  void fail(ActorCell& cell, FailureClass failure, const Outcome& outcome, const Envelope* message);
  void decide(ActorCell& cell, const ChildFailure& failure);
  void resume(ActorCell& cell, const Failure& failure);
  void update_accepting(ActorCell& cell);
  void handle(ActorCell& cell, EnvelopePtr envelope);
  bool deliverable(ActorCell& cell, Envelope& envelope);
  bool fire_timer(ActorCell& cell, Envelope& envelope);
  void put_off(ActorCell& cell, EnvelopePtr envelope);
  void admit_again(ActorCell& cell, Envelope& envelope);
  void after_failure(ActorCell& cell, EnvelopePtr envelope, const TurnResult& result);
  void settle_failed(ActorCell& cell, EnvelopePtr envelope, FailureClass failure,
                     const Outcome& outcome, ActorTree::Verdict verdict);

  BehaviorFactory& factory_;
  Turn& turn_;
  OutputGate& gate_;
  Release& release_;
  Hydration& hydration_;
  ActorTree& tree_;
  DeadLetters& dead_letters_;
  Counters& counters_;
  MailboxAlarms& alarms_;
  Scheduler& scheduler_;
  Clock& clock_;
};

}  // namespace actord::host
