// Envelope: a message on its way, with everything known about it. Built once, then moved by pointer.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/symbol.hpp"
#include "base/uuid.hpp"
#include "core/actor_ref.hpp"

namespace actord::host {

// The numbers are the ABI's ACTORD_MSG_*; from 64 on they are the host's own and never reach a plugin.
enum class MessageKind : uint32_t {
  kUser = 1,
  kReply = 2,
  kAskFailed = 3,
  kTimer = 4,
  kTerminated = 5,
  kUndelivered = 6,
  kShutdownSoon = 7,
  kFileChanged = 8,
  kListed = 10,
};

// System: the host's own notices. Urgent: ahead of user messages. Messages are bounded in both lanes,
// each by itself; what the host brings is bounded by what caused it.
enum class Lane : uint8_t { kSystem, kUrgent, kUser };
inline constexpr int kLaneCount = 3;

// What few messages carry; allocated only for those.
struct EnvelopeExtra {
  std::string to_path;  // where it was addressed by name
  std::string topic;
  std::string
      key;  // routing key; of kTimer the timer's key, of kFileChanged the path, of kListed the tag
  std::string text;  // words with reason
  std::string
      recipient;  // with reason: path of who did not take it, which may not be who was asked
};

struct Envelope {
  Envelope* next = nullptr;  // link of the queue it is in

  MessageKind kind = MessageKind::kUser;
  Lane lane = Lane::kUser;
  bool notify = false;        // sender wants UNDELIVERED
  bool counts = false;        // against the bounds of the mailbox it is in
  bool from_outside = false;  // posted by an inlet or the control socket
  uint32_t hops = 0;
  uint32_t attempt = 1;
  int32_t reason = 0;  // of kAskFailed, kTerminated, kUndelivered, kListed

  ActorRef to;
  ActorRef from;
  ActorRef reply_to;
  uint64_t ask = 0;          // request: the asker's number for it. Reply: the number answered.
                             // kListed: of the following
  uint64_t token = 0;        // kUndelivered: as sent; kTimer: generation; notify: to give back
  uint64_t deadline_ms = 0;  // monotonic; 0 = none
  uint64_t id = 0;
  uint64_t causation = 0;
  Uuid correlation;  // nil until it leaves its sender's turn
  Symbol type;
  Symbol content_type;
  Bytes payload;
  std::unique_ptr<EnvelopeExtra> extra;

  EnvelopeExtra& with_extra() {
    if (extra == nullptr) extra = std::make_unique<EnvelopeExtra>();
    return *extra;
  }
  uint64_t weight() const {
    return sizeof(Envelope) + payload.size();
  }  // bytes it holds in a mailbox
};

using EnvelopePtr = std::unique_ptr<Envelope>;

// Everything but its link and where it goes. The payload is shared.
EnvelopePtr copy_of(const Envelope& envelope);

// What the sender of an undeliverable message is told: kAskFailed for a request, kUndelivered when it
// asked for that, otherwise nothing. The notice carries no id yet.
EnvelopePtr undeliverable_notice(const Envelope& envelope, int32_t reason, std::string_view text);

// What an asker is told when no answer came before the deadline. Likewise.
EnvelopePtr ask_timeout_notice(ActorRef asker, uint64_t ask);

}  // namespace actord::host
