// Release: makes a turn's effects happen, in the order recorded. Runs on the actor's strand, when the
// output gate lets it.
#pragma once

#include <functional>
#include <vector>

#include "base/clock.hpp"
#include "runtime/actor_tree.hpp"
#include "runtime/ask_cycles.hpp"
#include "runtime/router.hpp"

namespace actord::host {

class Release {
 public:
  struct Exits {
    std::function<void(ActorRef, const std::string& path)> watch_file;
    std::function<void(ActorRef)> unwatch_files;
    std::function<void(EnvelopePtr)> notify;      // the host's own notice to an actor
    std::function<void(ActorRef)> release_child;  // reserved, and never to be
  };
  Release(Router& router, ActorTree& tree, Broker& broker, Tags& tags, Timers& timers,
          DeadLetters& dead_letters, Counters& counters, AskCycles& cycles, Clock& clock)
      : router_(router),
        tree_(tree),
        broker_(broker),
        tags_(tags),
        timers_(timers),
        dead_letters_(dead_letters),
        counters_(counters),
        cycles_(cycles),
        clock_(clock) {}
  void connect(Exits exits) { exits_ = std::move(exits); }

  void perform(ActorCell& cell, std::vector<Effect>& effects);
  // Of an instance that has ended: what concerns others.
  void perform_ended(std::vector<Effect>& effects);
  // What belongs to an instance ends with it: timers, asks, subscriptions, tags of its own,
  // watches, file watches.
  void end_instance(ActorCell& cell);
  // Arms the next tick of a periodic timer, past all those that were missed.
  void rearm(ActorCell& cell, ActorTimer timer);
  // The request is over. False: it was before.
  bool settle_ask(ActorCell& cell, uint64_t ask);
  // A notice about a tag has come. False: the actor does not follow it any longer.
  bool listed(ActorCell& cell, Envelope& notice);
  // It has waited for a while: who waits for whom is looked at, and its deadline comes next.
  void ask_waits(ActorCell& cell, uint64_t ask);

 private:
  void perform_one(ActorCell& cell, SendEffect& effect);
  void perform_one(ActorCell& cell, PublishEffect& effect);
  void perform_one(ActorCell& cell, AskEffect& effect);
  void perform_one(ActorCell& cell, CancelAskEffect& effect);
  void perform_one(ActorCell& cell, SetTimerEffect& effect);
  void perform_one(ActorCell& cell, CancelTimerEffect& effect);
  void perform_one(ActorCell& cell, SpawnEffect& effect);
  void perform_one(ActorCell& cell, StopEffect& effect);
  void perform_one(ActorCell& cell, WatchEffect& effect);
  void perform_one(ActorCell& cell, UnwatchEffect& effect);
  void perform_one(ActorCell& cell, SuspendEffect& effect);
  void perform_one(ActorCell& cell, LinkEffect& effect);
  void perform_one(ActorCell& cell, UnlinkEffect& effect);
  void perform_one(ActorCell& cell, SubscribeEffect& effect);
  void perform_one(ActorCell& cell, UnsubscribeEffect& effect);
  void perform_one(ActorCell& cell, TagEffect& effect);
  void perform_one(ActorCell& cell, UntagEffect& effect);
  void perform_one(ActorCell& cell, FollowEffect& effect);
  void perform_one(ActorCell& cell, UnfollowEffect& effect);
  void perform_one(ActorCell& cell, WatchFileEffect& effect);
  void perform_one(ActorCell& cell, UnstashEffect& effect);
  void perform_one(ActorCell& cell, ForwardStashedEffect& effect);
  void perform_one(ActorCell& cell, RejectStashedEffect& effect);
  void perform_one(ActorCell& cell, DeadLetterEffect& effect);
  void perform_one(ActorCell& cell, DirectEffect& effect);
  void end_rejected(DeadLetterEffect& effect);
  void arm(ActorCell& cell, ActorTimer timer);

  Router& router_;
  ActorTree& tree_;
  Broker& broker_;
  Tags& tags_;
  Timers& timers_;
  DeadLetters& dead_letters_;
  Counters& counters_;
  AskCycles& cycles_;
  Clock& clock_;
  Exits exits_;
};

}  // namespace actord::host
