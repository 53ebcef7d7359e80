#include "base/bytes.hpp"

#include <cstdlib>
#include <new>

#include "base/assert.hpp"

namespace actord::host {

Buffer* Buffer::make(uint64_t capacity) {
  void* memory = std::malloc(sizeof(Buffer) + capacity);
  ACTORD_ASSERT(memory != nullptr);  // out of memory ends the process
  auto* buffer = new (memory) Buffer;
  buffer->references.store(1, std::memory_order_relaxed);
  buffer->sealed = 0;
  buffer->size = 0;
  buffer->capacity = capacity;
  return buffer;
}

void Buffer::seal(uint64_t used) {
  size = used < capacity ? used : capacity;
  sealed = 1;
}

void Buffer::unref() {
  // acq_rel: whoever frees must see every other holder's last read as done.
  if (references.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    this->~Buffer();
    std::free(this);
  }
}

Bytes::Bytes(std::string_view text) {
  if (text.empty()) return;
  buffer_ = Buffer::make(text.size());
  std::memcpy(buffer_->data(), text.data(), text.size());
  buffer_->seal(text.size());
}

}  // namespace actord::host
