#include "loop/signals.hpp"

#include "loop/handle.hpp"

namespace actord::host {

struct Signals::State {
  uv_signal_t native;
  std::function<void()> caught;
};

Signals::~Signals() {
  for (const auto& [signo, state] : states_) close_and_delete(state);
}

Result<void> Signals::on(int signo, std::function<void()> caught) {
  auto* state = new State{{}, std::move(caught)};
  ACTORD_ASSERT(uv_signal_init(loop_.native(), &state->native) == 0);
  state->native.data = state;
  const int error = uv_signal_start(
      &state->native, [](uv_signal_t* signal, int) { static_cast<State*>(signal->data)->caught(); },
      signo);
  if (error != 0) {
    close_and_delete(state);
    return uv_error(ACTORD_E_INVALID, "signal " + std::to_string(signo) + " cannot be caught",
                    error);
  }
  State*& slot = states_[signo];
  if (slot != nullptr) close_and_delete(slot);
  slot = state;
  return {};
}

}  // namespace actord::host
