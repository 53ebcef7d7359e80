// Router: the only entrance for messages. Resolves where one goes, queues it, and wakes the cell.
// What cannot be queued becomes a dead letter. Any thread; never blocks, never throws.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "runtime/broker.hpp"
#include "runtime/counters.hpp"
#include "runtime/dead_letters.hpp"
#include "runtime/filter.hpp"
#include "runtime/mailbox_alarms.hpp"
#include "runtime/registry.hpp"
#include "runtime/scheduler.hpp"

namespace actord::host {

// Messages to the outside (control requests) go to this reference.
inline constexpr ActorRef kOutside{0, 1};

class Router {
 public:
  Router(Registry& registry, Broker& broker, Filters& filters, DeadLetters& dead_letters,
         Scheduler& scheduler, Counters& counters, MailboxAlarms& alarms)
      : registry_(registry),
        broker_(broker),
        filters_(filters),
        dead_letters_(dead_letters),
        scheduler_(scheduler),
        counters_(counters),
        alarms_(alarms) {}
  void connect_outside(std::function<void(EnvelopePtr)> outside) { outside_ = std::move(outside); }

  void route(EnvelopePtr envelope);
  // Finds who lives at the path that it is addressed to, if anybody does; route does so by itself.
  void locate(Envelope& envelope);
  // One copy per subscriber; the recipients are fixed here. Returns how many, with those whose filter
  // holds their copy.
  size_t publish(EnvelopePtr envelope);
  // As publish, but silent when nobody listens.
  size_t publish_if_heard(EnvelopePtr envelope);
  // The host's own notices (timers, deadlines, files): whoever is gone needs none.
  void post_notice(EnvelopePtr envelope);
  // A copy that a filter has held; accepted already.
  void deliver_held(EnvelopePtr copy, const Subscriber& subscriber);
  // For sources outside that can wait: E_FULL and E_CLOSED hand the message back untouched.
  actord_status post(ActorRef to, EnvelopePtr envelope);

 private:
  struct Recipient {
    ActorRef ref;      // nobody: a path where nobody lives
    std::string path;  // as subscribed
  };
  struct Audience {
    std::vector<Recipient> recipients;
    size_t held = 0;
    bool listens = false;  // somebody subscribes, whatever its filter says
  };
  Audience audience_of(const Topic& topic, const Envelope& envelope);
  size_t fan_out(EnvelopePtr envelope, bool expect_listener);
  void hand_over(EnvelopePtr copy, ActorRef to, const std::string& path);
  void queue(EnvelopePtr envelope, std::string_view path);
  void refused(EnvelopePtr envelope, PushResult why, std::string_view full, std::string_view path);
  void end_displaced(ActorRef to, Displaced& displaced);

  Registry& registry_;
  Broker& broker_;
  Filters& filters_;
  DeadLetters& dead_letters_;
  Scheduler& scheduler_;
  Counters& counters_;
  MailboxAlarms& alarms_;
  std::function<void(EnvelopePtr)> outside_;
};

}  // namespace actord::host
