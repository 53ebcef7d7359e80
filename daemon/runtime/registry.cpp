#include "runtime/registry.hpp"

#include "base/assert.hpp"

namespace actord::host {

Registry::~Registry() {
  for (auto& chunk : chunks_) {
    ActorCell** cells = chunk.load(std::memory_order_acquire);
    if (cells == nullptr) continue;
    for (uint64_t i = 0; i < kChunkCells; ++i) delete cells[i];
    delete[] cells;
  }
}

Result<ActorRef> Registry::reserve() {
  const MutexLock lock(mutex_);
  uint64_t slot = 0;
  if (!free_.empty()) {
    slot = free_.back();
    free_.pop_back();
  } else {
    if (next_slot_ >= limits::kActorsMax) return Error{ACTORD_E_LIMIT, "too many actors"};
    slot = next_slot_++;
    auto& chunk = chunks_[slot / kChunkCells];
    ActorCell** cells = chunk.load(std::memory_order_relaxed);
    if (cells == nullptr) {
      cells = new ActorCell*[kChunkCells];
      for (uint64_t i = 0; i < kChunkCells; ++i) {
        cells[i] = new ActorCell(slot / kChunkCells * kChunkCells + i);
      }
      // release: whoever reads the pointer must see the cells behind it.
      chunk.store(cells, std::memory_order_release);
    }
  }
  return ActorRef{slot, ++last_incarnation_};
}

Result<void> Registry::bind(ActorRef ref, std::shared_ptr<const ActorStart> start) {
  EnvelopeQueue nothing;
  return bind(ref, std::move(start), nothing);
}

Result<void> Registry::bind(ActorRef ref, std::shared_ptr<const ActorStart> start,
                            EnvelopeQueue& inherited) {
  ActorCell* const place = cell(ref);
  ACTORD_ASSERT(place != nullptr);
  const MutexLock lock(mutex_);
  const auto [it, fresh] = names_.emplace(start->path.text(), ref);
  if (!fresh) return Error{ACTORD_E_EXISTS, "there is already an actor " + start->path.text()};
  place->ref = ref;
  place->start = start;
  place->mailbox.open(ref.incarnation, std::move(start));
  place->mailbox.inherit(ref, inherited);
  return {};
}

void Registry::unbind(ActorRef ref) {
  ActorCell* const place = cell(ref);
  const MutexLock lock(mutex_);
  names_.erase(place->start->path.text());
}

void Registry::recycle(ActorRef ref) {
  const MutexLock lock(mutex_);
  free_.push_back(ref.slot);
}

ActorRef Registry::find(std::string_view path) {
  const MutexLock lock(mutex_);
  const auto it = names_.find(path);
  return it == names_.end() ? ActorRef() : it->second;
}

ActorCell* Registry::cell(ActorRef ref) {
  if (ref.slot == 0 || ref.slot >= limits::kActorsMax) return nullptr;
  ActorCell** cells = chunks_[ref.slot / kChunkCells].load(std::memory_order_acquire);
  return cells == nullptr ? nullptr : cells[ref.slot % kChunkCells];
}

std::string Registry::path_of(ActorRef ref) {
  ActorCell* const place = cell(ref);
  if (place == nullptr) return {};
  const auto start = place->mailbox.start_of(ref.incarnation);
  return start == nullptr ? std::string() : start->path.text();
}

}  // namespace actord::host
