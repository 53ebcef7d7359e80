#include "host/inlet.hpp"

#include <algorithm>

#include "base/limits.hpp"

namespace actord::host {

actord_status Inlet::post(std::string_view type, Bytes payload) {
  const auto symbol = Symbol::intern(type);
  if (!symbol.has_value())
    return type.size() > limits::kTypeNameBytes ? ACTORD_E_INVALID : ACTORD_E_LIMIT;
  auto envelope = std::make_unique<Envelope>();
  envelope->from_outside = true;
  envelope->to = to_;
  envelope->type = *symbol;
  envelope->payload = std::move(payload);
  const MutexLock lock(mutex_);
  if (!open_) return ACTORD_E_CLOSED;
  return services_.post_from_outside(to_, std::move(envelope));
}

void Inlet::close() {
  const MutexLock lock(mutex_);
  open_ = false;
}

void Inlet::release() {
  const MutexLock lock(mutex_);
  open_ = false;
  released_ = true;
}

bool Inlet::released() {
  const MutexLock lock(mutex_);
  return released_;
}

InletSet::~InletSet() {
  for (const auto& inlet : inlets_) inlet->close();
}

InletHandle* InletSet::open(TurnServices& services, ActorRef to) {
  std::erase_if(inlets_, [](const auto& inlet) { return inlet->released(); });
  if (inlets_.size() >= limits::kInletsPerActor) return nullptr;
  inlets_.push_back(std::make_shared<Inlet>(services, to));
  return new InletHandle{inlets_.back()};
}

}  // namespace actord::host
