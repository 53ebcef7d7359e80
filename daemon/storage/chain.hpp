// Chain: the checksums of a journal. Each event's covers the one before it, so a flip, a gap, a swap
// or a foreign event breaks the chain at its place.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/durable_log.hpp"

namespace actord::host {

// flags: what the row says of itself (kGapFlag), so that none can be hidden as a gap. Without any the
// sum is that of the bare event.
uint32_t event_checksum(uint32_t previous, uint64_t seq, std::string_view type, uint32_t version,
                        std::string_view body, uint64_t flags = 0);
inline constexpr uint64_t kGapFlag = 1;  // numbers given out whose events are lost
inline uint32_t event_checksum(uint32_t previous, const EventRecord& event) {
  return event_checksum(previous, event.seq, event.type.name(), event.version, event.body.view());
}
// `chain`: the checksum of the snapshot's newest event.
uint32_t snapshot_checksum(uint32_t chain, const SnapshotRecord& snapshot);

}  // namespace actord::host
