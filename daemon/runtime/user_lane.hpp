// UserLane: the user messages of one mailbox, in the order in which they will be handled. The mailbox's
// lock guards it.
//
// Without rules it is one queue. With rules (mailbox.types of the topology) there is one queue for each
// priority that occurs, and those who wait are known by type:
//   - Of one priority, messages keep their order. A higher one goes ahead, but no queue is passed more than
//     kPriorityPassesMax times in a row.
//   - A type with a capacity of its own has room for so many waiting ones, whatever the mailbox has.
//   - Of a type that is conflated by key only the newest of each key waits: it takes the place of the older
//     one, which is over. Not of requests, nor of messages whose sender wants to know their end: these
//     always wait themselves.
// What the host brings in this lane (answers, notices) has priority 0 and no rule.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/actor_options.hpp"
#include "runtime/envelope_queue.hpp"

namespace actord::host {

class UserLane {
 public:
  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }
  bool has_rules() const { return ruled_ != nullptr; }

  // Whoever waits goes on waiting.
  void set_rules(const std::vector<TypeRule>& rules);

  // The message that the new one would take the place of; null: none.
  const Envelope* rival(const Envelope& envelope) const;
  // Takes that place. Returns the one that had it.
  EnvelopePtr supersede(EnvelopePtr envelope);
  // The rule whose capacity leaves no room for it; null: there is room.
  const TypeRule* full_type(const Envelope& envelope) const;
  void push(EnvelopePtr envelope);

  EnvelopePtr pop();  // whose turn it is
  // Of the lowest priority the oldest that counts, notices are stepped over; of that type only, if one is
  // given. Null: there is none.
  EnvelopePtr evict(const TypeRule* type);

 private:
  struct Level {
    EnvelopeQueue queue;
    uint32_t passes = 0;  // in a row
  };
  struct Type {
    TypeRule rule;
    Symbol symbol;
    uint64_t waiting = 0;
    std::unordered_map<std::string, Envelope*> by_key;  // conflated ones that wait
  };
  struct Ruled {
    std::map<int32_t, Level, std::greater<>> levels;  // the highest first
    std::vector<Type> types;
  };

  const Type* type_of(const Envelope& envelope) const;
  Type* type_of(const Envelope& envelope);
  EnvelopePtr left(EnvelopePtr envelope);  // is not waiting any longer
  EnvelopePtr pop_ruled();

  EnvelopeQueue queue_;  // without rules
  std::unique_ptr<Ruled> ruled_;
  size_t size_ = 0;
};

}  // namespace actord::host
