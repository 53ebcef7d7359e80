#include "storage/chain.hpp"

#include "base/crc32c.hpp"

namespace actord::host {
namespace {

// Little-endian on every machine: stores can be copied between them.
char* put(char* at, uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) *at++ = static_cast<char>(value >> (8 * i));
  return at;
}

}  // namespace

uint32_t event_checksum(uint32_t previous, uint64_t seq, std::string_view type, uint32_t version,
                        std::string_view body) {
  // The length of the type keeps type and body apart.
  char head[20];
  put(put(put(put(head, previous, 4), seq, 8), version, 4), type.size(), 4);
  return crc32c(crc32c(crc32c(0, {head, sizeof head}), type), body);
}

uint32_t snapshot_checksum(uint32_t chain, const SnapshotRecord& snapshot) {
  char head[16];
  put(put(put(head, chain, 4), snapshot.seq, 8), snapshot.state_version, 4);
  return crc32c(crc32c(0, {head, sizeof head}), snapshot.body.view());
}

}  // namespace actord::host
