// The ABI's plain values and the daemon's, one into the other.
#pragma once

#include <string>
#include <string_view>

#include "actord/abi.h"
#include "base/bytes.hpp"
#include "base/uuid.hpp"
#include "core/actor_ref.hpp"

namespace actord::host {

inline actord_view to_abi(std::string_view text) { return {text.data(), text.size()}; }
inline actord_ref to_abi(ActorRef ref) { return {ref.slot, ref.incarnation}; }
inline actord_uuid to_abi(Uuid id) { return {id.hi, id.lo}; }
inline actord_buf* to_abi(Buffer* buffer) { return reinterpret_cast<actord_buf*>(buffer); }

inline ActorRef from_abi(actord_ref ref) { return {ref.slot, ref.incarnation}; }
inline Buffer* from_abi(actord_buf* buffer) { return reinterpret_cast<Buffer*>(buffer); }
inline const Buffer* from_abi(const actord_buf* buffer) {
  return reinterpret_cast<const Buffer*>(buffer);
}

// A view of size bytes at nowhere cannot be read.
inline bool readable(actord_view view) { return view.data != nullptr || view.size == 0; }
// Requires: readable(view).
inline std::string_view from_abi(actord_view view) {
  return view.size == 0 ? std::string_view() : std::string_view(view.data, view.size);
}

// What can be read of it.
inline std::string text_of(actord_view view) {
  return readable(view) ? std::string(from_abi(view)) : std::string();
}

}  // namespace actord::host
