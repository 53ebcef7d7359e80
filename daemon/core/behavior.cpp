#include "core/behavior.hpp"

namespace actord::host {

Outcome Behavior::decide(TurnContext&, const ChildFailure&, ChosenDirective&) { return {}; }
Outcome Behavior::apply_event(const EventRecord&) {
  return {ACTORD_FAIL_STATE, "this kind applies no events"};
}
Outcome Behavior::load_snapshot(const SnapshotRecord&) {
  return {ACTORD_FAIL_STATE, "this kind loads no snapshots"};
}
Result<std::optional<Bytes>> Behavior::save_snapshot() { return std::optional<Bytes>(); }
Outcome Behavior::recovered(TurnContext&) { return {}; }

}  // namespace actord::host
