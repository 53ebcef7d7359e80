// Mailbox: the lanes of one actor, and whether it is in a run queue.
//
// Invariants:
//   - Only messages of kind kUser count against the bounds, each in its lane: a flood of one lane takes
//     no room from the other, and no policy drops an urgent message for a newer one. Replies, death
//     notices, timers and the host's own tasks are bounded by what caused them (asks, watches, timers).
//   - A counted message counts until it is *done*, not only until it is taken.
//   - scheduled_ is true from the push that made the cell runnable until finish_run says there is
//     nothing left: so a cell is in at most one run queue, and runs on one thread at a time.
//   - Priorities, limits and conflation by message type (UserLane) hold for what waits here. A mailbox with
//     such rules hands out one user message at a time, so that what comes meanwhile is still in time.
//   - Pushes name the incarnation they mean; one of another incarnation is refused (kStale).
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/mutex.hpp"
#include "core/actor_options.hpp"
#include "runtime/envelope_queue.hpp"
#include "runtime/system_task.hpp"
#include "runtime/user_lane.hpp"

namespace actord::host {

enum class PushResult : uint8_t {
  kQueued,
  kQueuedWake,  // and the caller must schedule the cell
  kFull,        // refused, the envelope is still the caller's
  kClosed,      // likewise: the incarnation is ending
  kStale,       // likewise: the incarnation is gone
};

// Messages that count, of each lane.
struct LaneLoad {
  struct Load {
    uint64_t messages = 0, bytes = 0;
    void add(const Envelope& envelope) {
      ++messages;
      bytes += envelope.weight();
    }
    void remove(const Envelope& envelope) {
      --messages;
      bytes -= envelope.weight();
    }
  };
  Load user, urgent;
  Load& of(const Envelope& envelope) { return envelope.lane == Lane::kUser ? user : urgent; }
};

struct MailboxDepth {
  uint64_t messages = 0;    // all lanes
  uint64_t bytes = 0;       // counted ones
  uint64_t highest = 0;     // messages in the user lane, of this incarnation
  uint64_t superseded = 0;  // by a newer one of their key, likewise
  bool high = false;        // at or over high_water, and not yet below half of it
};

// What a push did to those that were there before.
struct Displaced {
  EnvelopeQueue dropped;   // as many as it takes: one large message may need the room of several
  EnvelopePtr superseded;  // its place is the new one's
  std::string full;        // kFull: which bound, for people
  bool rose = false;       // the mailbox has reached its high water
};

// How a run ended.
struct RunEnd {
  bool more = false;  // schedule the cell again
  bool calm = false;  // the mailbox has left its high water
};

class Mailbox {
 public:
  // A new incarnation begins: empty, open, taking no user messages yet.
  void open(uint64_t incarnation, std::shared_ptr<const ActorStart> start);
  // No more pushes. What was queued comes out through `rest`.
  void close(EnvelopeQueue& rest);
  // No more messages, but tasks: the strand is still there, and nobody waits for it.
  void refuse(EnvelopeQueue& rest);

  // On kQueued*, envelope is taken.
  PushResult push(uint64_t incarnation, EnvelopePtr& envelope, Displaced& displaced);
  // As push, but kFull is also the answer of drop_oldest: nothing is dropped for a source that can wait.
  PushResult push_or_full(uint64_t incarnation, EnvelopePtr& envelope, Displaced& displaced);
  // Takes over what an earlier incarnation has not handled, as far as there is room. Nobody runs yet.
  void inherit(ActorRef self, EnvelopeQueue& messages);
  PushResult push_task(uint64_t incarnation, SystemTask task);
  PushResult wake(uint64_t incarnation);  // the output gate moved

  // The owner's side, on the strand.
  struct Work {
    std::vector<SystemTask> tasks;
    bool woken = false;
  };
  // Gives tasks always, messages only when accepting: urgent ones, and at most max of the user lane.
  void take(uint32_t max, Work& work, EnvelopeQueue& urgent, EnvelopeQueue& user);
  // Something came that does not wait for the end of a batch (a task, an urgent message), or the next user
  // message is to be asked for. For the strand between two turns; costs a load.
  bool calls() const { return calls_.load(std::memory_order_acquire); }
  void set_accepting(bool accepting);
  // Reports the counted messages that were done in this run. Not more: the cell is idle, and the next push
  // wakes it. more: the strand knows of work.
  RunEnd finish_run(const LaneLoad& done, bool more);

  void set_options(std::shared_ptr<const ActorStart> start);  // same incarnation, other options
  MailboxDepth depth();
  // What runs here now, if it is that incarnation.
  std::shared_ptr<const ActorStart> start_of(uint64_t incarnation);

 private:
  void adopt(const MailboxOptions& options) ACTORD_REQUIRES(mutex_);
  PushResult queue(EnvelopePtr& envelope, Displaced& displaced) ACTORD_REQUIRES(mutex_);
  PushResult take_place(EnvelopePtr& envelope, const Envelope& rival, Displaced& displaced)
      ACTORD_REQUIRES(mutex_);
  bool make_room(const Envelope& envelope, Displaced& displaced) ACTORD_REQUIRES(mutex_);
  std::string bound_reached(const Envelope& envelope) ACTORD_REQUIRES(mutex_);
  bool has_room(const Envelope& envelope) ACTORD_REQUIRES(mutex_);
  bool drop_one(const TypeRule* type, Displaced& displaced) ACTORD_REQUIRES(mutex_);
  bool at_high_water(double part) ACTORD_REQUIRES(mutex_);
  PushResult woken_result() ACTORD_REQUIRES(mutex_);
  bool runnable() const ACTORD_REQUIRES(mutex_);

  std::atomic<bool> calls_{false};  // written under mutex_
  Mutex mutex_;
  // guarded by mutex_:
  uint64_t incarnation_ = 0;
  bool open_ = false;
  bool refusing_ = false;
  bool accepting_ = false;
  bool scheduled_ = false;
  bool woken_ = false;
  uint64_t capacity_ = 0, bytes_max_ = 0;
  Overflow overflow_ = Overflow::kReject;
  LaneLoad load_;
  double high_water_ = 0;
  bool high_ = false;
  uint64_t highest_ = 0;  // of the user lane
  uint64_t superseded_ = 0;
  EnvelopeQueue urgent_;
  UserLane user_;
  std::vector<SystemTask> tasks_;
  std::shared_ptr<const ActorStart> start_;
};

}  // namespace actord::host
