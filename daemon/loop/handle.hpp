// What the RAII classes of this folder share.
//
// libuv closes asynchronously, so the memory of a handle must outlive its owner. Each class keeps a
// State on the heap: the libuv handle (member `native`) and the callbacks. The owner's destructor
// calls close_and_delete; the loop frees the State one iteration later. A callback may therefore
// destroy the object it belongs to while it runs.
#pragma once

#include <uv.h>

#include <string>

#include "base/assert.hpp"
#include "base/status.hpp"

namespace actord::host {

template <class Native>
uv_handle_t* as_handle(Native* native) {
  return reinterpret_cast<uv_handle_t*>(native);
}

template <class Native>
uv_stream_t* as_stream(Native* native) {
  return reinterpret_cast<uv_stream_t*>(native);
}

// Requires: state was initialised with native.data = state, and was not closed before.
template <class State>
void close_and_delete(State* state) {
  ACTORD_ASSERT(state->native.data == state);
  uv_close(as_handle(&state->native),
           [](uv_handle_t* handle) { delete static_cast<State*>(handle->data); });
}

inline Error uv_error(actord_status code, const std::string& what, int error) {
  return Error{code, what + ": " + uv_strerror(error)};
}

}  // namespace actord::host
