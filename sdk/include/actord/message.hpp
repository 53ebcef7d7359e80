// Message and Event: read-only views of what the host hands in. Valid until the handler returns;
// copy what you keep.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include "actord/abi.h"
#include "actord/bytes.hpp"
#include "actord/codec.hpp"
#include "actord/ext/persist.h"
#include "actord/ref.hpp"

namespace actord {

class Message {
 public:
  explicit Message(const actord_message& message) noexcept : raw_(&message) {}

  uint32_t kind() const noexcept { return raw_->kind; }  // ACTORD_MSG_*
  std::string_view type() const noexcept { return to_string_view(raw_->type); }
  std::string_view payload() const noexcept { return to_string_view(raw_->payload); }
  std::string_view content_type() const noexcept { return to_string_view(raw_->content_type); }
  std::string_view topic() const noexcept { return to_string_view(raw_->topic); }
  std::string_view key() const noexcept { return to_string_view(raw_->key); }
  Ref from() const noexcept { return raw_->from; }
  Ref reply_to() const noexcept { return raw_->reply_to; }  // nobody: no answer is wanted
  bool expects_reply() const noexcept { return raw_->expects_reply != 0; }
  uint64_t id() const noexcept { return raw_->message_id; }
  uint64_t causation_id() const noexcept { return raw_->causation_id; }
  actord_uuid correlation() const noexcept { return raw_->correlation; }
  uint64_t token() const noexcept { return raw_->token; }
  uint64_t deadline_ms() const noexcept { return raw_->deadline_ms; }  // 0: none
  uint32_t attempt() const noexcept { return raw_->attempt; }          // 1: the first
  int32_t reason() const noexcept { return raw_->reason; }
  std::string_view text() const noexcept { return to_string_view(raw_->text); }

  // The payload as a T. The error names the message type and what was wrong (FAIL_POISON).
  template <Encodable T>
  Result<T> as() const {
    Result<T> decoded = Codec<T>::decode(payload());
    if (decoded) return decoded;
    return Error{ACTORD_FAIL_POISON, std::string(type()) + ": " + decoded.error().text};
  }

  const actord_message& raw() const noexcept { return *raw_; }

 private:
  const actord_message* raw_;
};

// The end of an ask: a reply, or why there is none.
class Answer {
 public:
  explicit Answer(const Message& message) noexcept : message_(message) {}

  bool ok() const noexcept { return message_.kind() == ACTORD_MSG_REPLY; }
  uint64_t ask() const noexcept { return message_.token(); }
  const Message& message() const noexcept { return message_; }  // the reply; ok() only
  // ACTORD_DEAD_*, or ACTORD_E_TIMEOUT when no answer came in time; !ok() only.
  int32_t reason() const noexcept { return message_.reason(); }
  std::string_view text() const noexcept { return message_.text(); }

 private:
  Message message_;
};

// One durable fact of an actor.
class Event {
 public:
  explicit Event(const actord_event& event) noexcept : raw_(&event) {}

  std::string_view type() const noexcept { return to_string_view(raw_->type); }
  std::string_view body() const noexcept { return to_string_view(raw_->body); }
  uint32_t version() const noexcept { return raw_->version; }
  uint64_t seq() const noexcept { return raw_->seq; }
  int64_t unix_ms() const noexcept { return raw_->unix_ms; }

  template <Encodable T>
  Result<T> as() const {
    Result<T> decoded = Codec<T>::decode(body());
    if (decoded) return decoded;
    return Error{ACTORD_FAIL_STATE, "event " + std::string(type()) + " number " +
                                        std::to_string(seq()) + ": " + decoded.error().text};
  }

 private:
  const actord_event* raw_;
};

}  // namespace actord
