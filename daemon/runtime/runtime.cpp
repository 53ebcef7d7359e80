#include "runtime/runtime.hpp"

#include <nlohmann/json.hpp>

namespace actord::host {

Runtime::Runtime(Clock& clock, Random random, DurableLog& log, BehaviorFactory& factory,
                 const MakeScheduler& make_scheduler, RuntimeExits exits)
    : clock_(clock),
      log_(log),
      exits_(std::move(exits)),
      random_(random.next()),
      uuids_(clock, Random(random.next())),
      dead_letter_topic_(*Topic::parse(kDeadLetterTopic)),
      mailbox_topic_(*Topic::parse(kMailboxTopic)),
      // Message ids go on where no earlier run can have been: one a nanosecond at most.
      next_id_(static_cast<uint64_t>(clock.unix_ms()) * 1'000'000),
      timers_(exits_.wake_at),
      filters_(timers_, clock, counters_),
      scheduler_(make_scheduler([this](ActorCell& cell) { return runner_.run(cell); })),
      dead_letters_(registry_, log, counters_, clock),
      alarms_(registry_),
      router_(registry_, broker_, filters_, dead_letters_, *scheduler_, counters_, alarms_),
      tree_(registry_, *scheduler_, timers_, broker_, tags_, clock, Random(random.next())),
      outside_(router_, timers_),
      cycles_(registry_),
      release_(router_, tree_, broker_, tags_, timers_, dead_letters_, counters_, cycles_, clock),
      gate_(log, release_, clock),
      turn_(*this, gate_),
      hydration_(log, factory, registry_, *scheduler_, clock),
      runner_(factory, turn_, gate_, release_, hydration_, tree_, dead_letters_, counters_, alarms_,
              *scheduler_, clock),
      watchdog_(*scheduler_, registry_, tree_) {
  const auto route = [this](EnvelopePtr envelope) {
    if (envelope->id == 0) envelope->id = new_message_id();
    router_.route(std::move(envelope));
  };
  dead_letters_.connect({route, [this](const DeadLetter& letter) { publish_dead_letter(letter); }});
  filters_.connect([this](EnvelopePtr copy, const Subscriber& subscriber) {
    router_.deliver_held(std::move(copy), subscriber);
  });
  router_.connect_outside([this](EnvelopePtr reply) { outside_.reply(std::move(reply)); });
  tree_.connect({route, exits_.changed, exits_.stop_host,
                 [this](EnvelopePtr envelope, const std::string& path) {
                   runner_.bury(std::move(envelope), path);
                 },
                 [this](ActorRef ref) { hydration_.disown(ref); },
                 [&factory](const std::string& kind) { return factory.knows(kind); }});
  alarms_.connect(
      [this](const FilledMailbox& mailbox, bool high) { publish_alarm(mailbox, high); });
  tags_.connect([this](EnvelopePtr notice) {
    notice->id = new_message_id();
    router_.post_notice(std::move(notice));
  });
  release_.connect({exits_.watch_file, exits_.unwatch_files, route,
                    [this](ActorRef ref) { registry_.recycle(ref); }});
  log_.connect(
      {[this](Lsn durable, const std::vector<ActorRef>& owners) { committed(durable, owners); },
       exits_.log_failed,
       [this](Lsn refused, ActorRef owner) {
         ActorCell* const cell = registry_.cell(owner);
         if (cell != nullptr && cell->abandoned) {
           cell->refused = refused;
           return;
         }
         // Of one that was abandoned and has left its cell meanwhile: a snapshot, which nobody waits for.
         if (cell == nullptr || cell->mailbox.start_of(owner.incarnation) == nullptr) return;
         // One live owner per persistence id (hydration) makes this impossible; if it happens,
         // what is in memory and what is durable have parted ways.
         exits_.log_failed({ACTORD_E_CORRUPT, "the store refused turn " + std::to_string(refused) +
                                                  " of " + registry_.path_of(owner)});
       }});
}

// The threads that run cells end before what they use.
Runtime::~Runtime() { scheduler_.reset(); }

uint64_t Runtime::random() {
  const MutexLock lock(random_mutex_);
  return random_.next();
}

Result<ActorRef> Runtime::resolve(const ActorPath& path) {
  const ActorRef ref = registry_.find(path.text());
  if (ref.is_nobody()) return Error{ACTORD_E_NOT_FOUND, "no actor " + path.text()};
  return ref;
}

std::optional<uint64_t> Runtime::load(ActorRef ref) {
  ActorCell* const cell = registry_.cell(ref);
  if (cell == nullptr || cell->mailbox.start_of(ref.incarnation) == nullptr) return std::nullopt;
  return cell->mailbox.depth().messages;
}

void Runtime::committed(Lsn, const std::vector<ActorRef>& owners) {
  for (const ActorRef owner : owners) {
    ActorCell* const cell = registry_.cell(owner);
    if (cell != nullptr && cell->mailbox.wake(owner.incarnation) == PushResult::kQueuedWake) {
      scheduler_->schedule(*cell);
    }
  }
}

void Runtime::fire_due() {
  const uint64_t now = clock_.now_ms();
  for (const DueTimer& due : timers_.pop_due(now)) {
    switch (due.purpose) {
      case TimerPurpose::kActorTimer: {
        auto fire = std::make_unique<Envelope>();
        fire->kind = MessageKind::kTimer;
        fire->lane = Lane::kUrgent;
        fire->to = due.owner;
        fire->id = new_message_id();
        fire->token = due.id;
        router_.post_notice(std::move(fire));
        break;
      }
      case TimerPurpose::kAskLook: {
        SystemTask task{SystemTask::Kind::kAskWaits, 0, 0, {}, {}};
        task.ask = due.token;
        ActorCell& cell = *registry_.cell(due.owner);
        if (cell.mailbox.push_task(due.owner.incarnation, std::move(task)) ==
            PushResult::kQueuedWake) {
          scheduler_->schedule(cell);
        }
        break;
      }
      case TimerPurpose::kAskTimeout: {
        auto failed = ask_timeout_notice(due.owner, due.token);
        failed->id = new_message_id();
        router_.post_notice(std::move(failed));
        break;
      }
      case TimerPurpose::kRestart: tree_.restart_due(due.owner, due.id); break;
      case TimerPurpose::kEdgeAsk: outside_.timeout(due.token); break;
      case TimerPurpose::kHeld: filters_.release_due(due.token); break;
    }
  }
}

void Runtime::file_changed(ActorRef watcher, const std::string& path) {
  auto notice = std::make_unique<Envelope>();
  notice->kind = MessageKind::kFileChanged;
  notice->lane = Lane::kUrgent;
  notice->to = watcher;
  notice->id = new_message_id();
  notice->with_extra().key = path;
  router_.post_notice(std::move(notice));
}

EnvelopePtr Runtime::outside_message(std::string_view type, std::string_view payload) {
  const auto symbol = Symbol::intern(type);
  if (!symbol || type.empty()) return nullptr;
  auto envelope = std::make_unique<Envelope>();
  envelope->from_outside = true;
  envelope->id = new_message_id();
  envelope->correlation = uuids_.next();
  envelope->type = *symbol;
  envelope->payload = Bytes(payload);
  return envelope;
}

actord_status Runtime::post_from_outside(ActorRef to, EnvelopePtr envelope) {
  envelope->from_outside = true;
  envelope->id = new_message_id();
  envelope->correlation = uuids_.next();
  return router_.post(to, std::move(envelope));
}

void Runtime::announce_shutdown() {
  tree_.stop_parked();
  filters_.hold_nothing();
  for (const ActorRef ref : tree_.everyone()) {
    auto notice = std::make_unique<Envelope>();
    notice->kind = MessageKind::kShutdownSoon;
    notice->lane = Lane::kUrgent;
    notice->to = ref;
    notice->id = new_message_id();
    router_.post_notice(std::move(notice));
  }
}

void Runtime::watch() { watchdog_.look(clock_.now_ms()); }

// Nothing in flight and nothing held. A release between the two looks would show as newly accepted.
bool Runtime::quiet() {
  const MessageSums before = counters_.sums();
  const uint64_t held = gate_.held();
  const MessageSums after = counters_.sums();
  return held == 0 && before.in_flight() == 0 && after.in_flight() == 0 &&
         before.accepted == after.accepted;
}

void Runtime::announce(const Topic& topic, Symbol type, const nlohmann::json& body,
                       Uuid correlation) {
  auto envelope = std::make_unique<Envelope>();
  envelope->from_outside = true;
  envelope->id = new_message_id();
  envelope->type = type;
  envelope->correlation = correlation;
  envelope->with_extra().topic = topic.text;
  envelope->payload = Bytes(body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  router_.publish_if_heard(std::move(envelope));
}

void Runtime::publish_dead_letter(const DeadLetter& letter) {
  if (!broker_.heard(dead_letter_topic_)) return;  // a flood that nobody follows costs no words
  announce(dead_letter_topic_, dead_letter_type_,
           {{"reason", dead_reason_name(letter.reason)},
            {"to", letter.to},
            {"from", letter.from},
            {"type", letter.type},
            {"error", letter.error},
            {"message_id", letter.message_id},
            {"correlation", letter.correlation.text()},
            {"attempts", letter.attempts},
            {"size", letter.size}},
           letter.correlation);
}

void Runtime::publish_alarm(const FilledMailbox& mailbox, bool high) {
  if (!broker_.heard(mailbox_topic_)) return;
  announce(mailbox_topic_, mailbox_type_,
           {{"path", mailbox.path},
            {"state", high ? "high" : "normal"},
            {"messages", mailbox.messages},
            {"capacity", mailbox.capacity},
            {"bytes", mailbox.bytes},
            {"bytes_max", mailbox.bytes_max}},
           uuids_.next());
}

}  // namespace actord::host
