#include "base/uuid.hpp"

#include <cstdio>

namespace actord::host {

std::string Uuid::text() const {
  char out[37];
  std::snprintf(out, sizeof out, "%08x-%04x-%04x-%04x-%012llx", static_cast<unsigned>(hi >> 32),
                static_cast<unsigned>(hi >> 16 & 0xffff), static_cast<unsigned>(hi & 0xffff),
                static_cast<unsigned>(lo >> 48),
                static_cast<unsigned long long>(lo & 0xffffffffffffULL));
  return out;
}

std::optional<Uuid> Uuid::parse(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  Uuid uuid;
  int digits = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (i == 8 || i == 13 || i == 18 || i == 23) {
      if (c != '-') return std::nullopt;
      continue;
    }
    uint64_t value = 0;
    if (c >= '0' && c <= '9') {
      value = static_cast<uint64_t>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      value = static_cast<uint64_t>(c - 'a' + 10);
    } else if (c >= 'A' && c <= 'F') {
      value = static_cast<uint64_t>(c - 'A' + 10);
    } else {
      return std::nullopt;
    }
    uint64_t& half = digits < 16 ? uuid.hi : uuid.lo;
    half = half << 4 | value;
    ++digits;
  }
  return uuid;
}

Uuid UuidSource::next() {
  const auto now = static_cast<uint64_t>(clock_.unix_ms()) << 12;
  const MutexLock lock(mutex_);
  last_ = now > last_ ? now : last_ + 1;
  Uuid uuid;
  uuid.hi = (last_ >> 12) << 16 | 0x7000 | (last_ & 0xfff);
  uuid.lo = (random_.next() >> 2) | 0x8000000000000000ULL;
  return uuid;
}

}  // namespace actord::host
