#include "runtime/user_lane.hpp"

#include "base/assert.hpp"
#include "base/limits.hpp"

namespace actord::host {
namespace {

std::string key_of(const Envelope& envelope) {
  return envelope.extra == nullptr ? std::string() : envelope.extra->key;
}

// Somebody waits for its end, which must not be that another one came.
bool is_awaited(const Envelope& envelope) { return envelope.ask != 0 || envelope.notify; }

}  // namespace

void UserLane::set_rules(const std::vector<TypeRule>& rules) {
  EnvelopeQueue waiting;
  while (EnvelopePtr envelope = pop()) waiting.push_back(std::move(envelope));
  ruled_ = nullptr;
  if (!rules.empty()) {
    ruled_ = std::make_unique<Ruled>();
    for (const TypeRule& rule : rules) {
      // A name that does not fit into the table of names is one that no message has.
      if (const auto symbol = Symbol::intern(rule.type))
        ruled_->types.push_back({rule, *symbol, 0, {}});
    }
  }
  while (EnvelopePtr envelope = waiting.pop_front()) push(std::move(envelope));
}

const UserLane::Type* UserLane::type_of(const Envelope& envelope) const {
  if (ruled_ == nullptr || envelope.kind != MessageKind::kUser) return nullptr;
  for (const Type& type : ruled_->types) {
    if (type.symbol == envelope.type) return &type;
  }
  return nullptr;
}

UserLane::Type* UserLane::type_of(const Envelope& envelope) {
  return const_cast<Type*>(std::as_const(*this).type_of(envelope));
}

const Envelope* UserLane::rival(const Envelope& envelope) const {
  const Type* const type = type_of(envelope);
  if (type == nullptr || !type->rule.conflate || is_awaited(envelope)) return nullptr;
  const auto found = type->by_key.find(key_of(envelope));
  return found == type->by_key.end() ? nullptr : found->second;
}

// The two change places: the queue's links stay with the place.
EnvelopePtr UserLane::supersede(EnvelopePtr envelope) {
  Type* const type = type_of(*envelope);
  Envelope& place = *type->by_key.at(key_of(*envelope));
  Envelope* const next = place.next;
  std::swap(place, *envelope);
  place.next = next;
  envelope->next = nullptr;
  return envelope;
}

const TypeRule* UserLane::full_type(const Envelope& envelope) const {
  const Type* const type = type_of(envelope);
  const bool full =
      type != nullptr && type->rule.capacity != 0 && type->waiting >= type->rule.capacity;
  return full ? &type->rule : nullptr;
}

void UserLane::push(EnvelopePtr envelope) {
  ++size_;
  if (ruled_ == nullptr) return queue_.push_back(std::move(envelope));
  Type* const type = type_of(*envelope);
  const int32_t priority = type == nullptr ? 0 : type->rule.priority;
  if (type != nullptr) {
    ++type->waiting;
    if (type->rule.conflate && !is_awaited(*envelope))
      type->by_key.insert_or_assign(key_of(*envelope), envelope.get());
  }
  ruled_->levels[priority].queue.push_back(std::move(envelope));
}

EnvelopePtr UserLane::left(EnvelopePtr envelope) {
  if (envelope == nullptr) return envelope;
  --size_;
  Type* const type = type_of(*envelope);
  if (type == nullptr) return envelope;
  --type->waiting;
  const auto by_key =
      type->rule.conflate ? type->by_key.find(key_of(*envelope)) : type->by_key.end();
  if (by_key != type->by_key.end() && by_key->second == envelope.get()) type->by_key.erase(by_key);
  return envelope;
}

EnvelopePtr UserLane::pop() {
  if (ruled_ != nullptr) return pop_ruled();
  EnvelopePtr envelope = queue_.pop_front();
  if (envelope != nullptr) --size_;
  return envelope;
}

EnvelopePtr UserLane::pop_ruled() {
  Level* chosen = nullptr;
  for (auto& [priority, level] : ruled_->levels) {
    if (level.queue.empty()) continue;
    if (chosen == nullptr) {
      chosen = &level;
    } else if (++level.passes > limits::kPriorityPassesMax) {
      chosen = &level;
      break;  // those below it have been passed as well, and are counted next time
    }
  }
  if (chosen == nullptr) return nullptr;
  chosen->passes = 0;
  return left(chosen->queue.pop_front());
}

EnvelopePtr UserLane::evict(const TypeRule* type) {
  const auto wanted = [&](const Envelope& envelope) {
    return envelope.counts && (type == nullptr || envelope.type.name() == type->type);
  };
  if (ruled_ == nullptr) return left(queue_.remove_first(wanted));
  for (auto level = ruled_->levels.rbegin(); level != ruled_->levels.rend(); ++level) {
    if (EnvelopePtr found = level->second.queue.remove_first(wanted)) return left(std::move(found));
  }
  return nullptr;
}

}  // namespace actord::host
