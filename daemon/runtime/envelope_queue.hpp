// EnvelopeQueue: an intrusive FIFO that owns its envelopes.
#pragma once

#include <cstddef>
#include <utility>

#include "core/envelope.hpp"

namespace actord::host {

class EnvelopeQueue {
 public:
  EnvelopeQueue() = default;
  EnvelopeQueue(const EnvelopeQueue&) = delete;
  EnvelopeQueue& operator=(const EnvelopeQueue&) = delete;
  ~EnvelopeQueue() {
    while (pop_front() != nullptr) {}
  }

  bool empty() const { return head_ == nullptr; }
  size_t size() const { return size_; }
  Envelope* front() { return head_; }

  void push_back(EnvelopePtr envelope) {
    Envelope* node = envelope.release();
    node->next = nullptr;
    (tail_ == nullptr ? head_ : tail_->next) = node;
    tail_ = node;
    ++size_;
  }
  void push_front(EnvelopePtr envelope) {
    Envelope* node = envelope.release();
    node->next = head_;
    head_ = node;
    if (tail_ == nullptr) tail_ = node;
    ++size_;
  }
  EnvelopePtr pop_front() {
    if (head_ == nullptr) return nullptr;
    EnvelopePtr envelope(head_);
    head_ = std::exchange(envelope->next, nullptr);
    if (head_ == nullptr) tail_ = nullptr;
    --size_;
    return envelope;
  }
  Envelope* find(uint64_t id) const {
    Envelope* node = head_;
    while (node != nullptr && node->id != id) node = node->next;
    return node;
  }
  // Null: it is not here. At the cost of looking from the front.
  EnvelopePtr remove(uint64_t id) {
    return remove_first([id](const Envelope& envelope) { return envelope.id == id; });
  }
  template <class Predicate>
  EnvelopePtr remove_first(Predicate&& wanted) {
    Envelope* before = nullptr;
    Envelope* node = head_;
    for (; node != nullptr && !wanted(std::as_const(*node)); node = node->next) before = node;
    if (node == nullptr) return nullptr;
    (before == nullptr ? head_ : before->next) = node->next;
    if (tail_ == node) tail_ = before;
    node->next = nullptr;
    --size_;
    return EnvelopePtr(node);
  }
  // Takes all of other, in order, ahead of what is here.
  void prepend(EnvelopeQueue& other) {
    if (other.empty()) return;
    other.tail_->next = head_;
    if (tail_ == nullptr) tail_ = other.tail_;
    head_ = other.head_;
    size_ += other.size_;
    other.head_ = other.tail_ = nullptr;
    other.size_ = 0;
  }

 private:
  Envelope* head_ = nullptr;
  Envelope* tail_ = nullptr;
  size_t size_ = 0;
};

}  // namespace actord::host
