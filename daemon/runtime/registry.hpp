// Registry: the slab of cells and the names in it. Any thread.
//
// A cell's memory never goes away, so a reference can always be looked at; whether it still means the
// same actor is decided by the incarnation, under the mailbox's lock.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/limits.hpp"
#include "base/mutex.hpp"
#include "runtime/actor_cell.hpp"

namespace actord::host {

class Registry {
 public:
  Registry() = default;
  ~Registry();
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  // A fresh incarnation in a free cell; nobody can reach it yet. E_LIMIT past kActorsMax.
  Result<ActorRef> reserve();
  // Makes it reachable under its path. E_EXISTS when the name is taken: then nothing has changed.
  Result<void> bind(ActorRef ref, std::shared_ptr<const ActorStart> start);
  // As bind, with messages that are there before anybody can send one; what has no room is left.
  Result<void> bind(ActorRef ref, std::shared_ptr<const ActorStart> start,
                    EnvelopeQueue& inherited);
  void unbind(ActorRef ref);   // its name is free
  void recycle(ActorRef ref);  // its cell is free; also gives back what was only reserved

  ActorRef find(std::string_view path);  // nobody: no such name
  // The cell of a reference, whoever lives there now; null for a slot that never was.
  ActorCell* cell(ActorRef ref);
  std::string path_of(ActorRef ref);  // empty when gone

 private:
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  static constexpr uint64_t kChunkCells = 256;

  std::array<std::atomic<ActorCell**>, limits::kActorsMax / kChunkCells> chunks_{};
  Mutex mutex_;
  // guarded by mutex_:
  std::vector<uint64_t> free_;
  uint64_t next_slot_ = 1;  // 0 is the outside
  uint64_t last_incarnation_ = 0;
  std::unordered_map<std::string, ActorRef, Hash, std::equal_to<>> names_;
};

}  // namespace actord::host
