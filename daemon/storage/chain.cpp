#include "storage/chain.hpp"

#include "base/crc32c.hpp"
#include "base/little_endian.hpp"

namespace actord::host {
uint32_t event_checksum(uint32_t previous, uint64_t seq, std::string_view type, uint32_t version,
                        std::string_view body, uint64_t flags) {
  // The length of the type keeps type and body apart.
  char head[28];
  char* const flags_at =
      put_le(put_le(put_le(put_le(head, previous, 4), seq, 8), version, 4), type.size(), 4);
  const size_t size =
      static_cast<size_t>((flags == 0 ? flags_at : put_le(flags_at, flags, 8)) - head);
  return crc32c(crc32c(crc32c(0, {head, size}), type), body);
}

uint32_t snapshot_checksum(uint32_t chain, const SnapshotRecord& snapshot) {
  char head[16];
  put_le(put_le(put_le(head, chain, 4), snapshot.seq, 8), snapshot.state_version, 4);
  return crc32c(crc32c(0, {head, sizeof head}), snapshot.body.view());
}

}  // namespace actord::host
