// ActorRef: names one incarnation of one actor. A value; never a pointer.
#pragma once

#include <cstdint>
#include <functional>

namespace actord::host {

struct ActorRef {
  uint64_t slot = 0;
  uint64_t incarnation = 0;  // unique in the life of the process; 0 = nobody

  bool is_nobody() const { return incarnation == 0; }
  bool operator==(const ActorRef&) const = default;
};

struct ActorRefHash {
  size_t operator()(const ActorRef& ref) const {
    return std::hash<uint64_t>{}(ref.incarnation * 0x9e3779b97f4a7c15ULL ^ ref.slot);
  }
};

}  // namespace actord::host
