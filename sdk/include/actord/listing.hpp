// Listed and Listing: what an actor with the member
//
//   void listed(Context&, const Listed&);
//
// is told of a tag it follows (Context::follow), and the set that this adds up to.
//
//   void start(Context& context) { context.follow("worker"); }
//   void listed(Context&, const Listed& change) { workers_.apply(change); }
//   void job(Context& context, const Message& message) {
//     if (workers_.empty()) return context.reject("no worker is there");
//     context.forward(workers_.next());
//   }
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "actord/ext/registry.h"
#include "actord/message.hpp"
#include "actord/ref.hpp"

namespace actord {

// A view; valid until listed returns.
class Listed {
 public:
  explicit Listed(const Message& message) noexcept : message_(message) {}

  std::string_view tag() const noexcept { return message_.type(); }
  Ref actor() const noexcept { return message_.from(); }
  std::string_view path() const noexcept { return message_.text(); }
  bool carries() const noexcept { return present() || added(); }  // it does now
  bool present() const noexcept { return message_.reason() == ACTORD_LISTED_PRESENT; }
  bool all() const noexcept { return message_.reason() == ACTORD_LISTED_ALL; }  // actor is nobody
  bool added() const noexcept { return message_.reason() == ACTORD_LISTED_ADDED; }
  bool removed() const noexcept { return message_.reason() == ACTORD_LISTED_REMOVED; }

 private:
  const Message& message_;
};

// Those that carry a tag, as its follower has been told. Of one tag; an actor that follows two has two.
class Listing {
 public:
  struct Entry {
    Ref actor;
    std::string path;
  };

  void apply(const Listed& change) {
    if (change.all()) complete_ = true;
    if (change.removed()) remove(change.actor());
    if (!change.carries() || contains(change.actor())) return;
    entries_.push_back({change.actor(), std::string(change.path())});
  }

  bool complete() const noexcept { return complete_; }  // the first look is over
  bool empty() const noexcept { return entries_.empty(); }
  std::size_t size() const noexcept { return entries_.size(); }
  const std::vector<Entry>& entries() const noexcept { return entries_; }  // the oldest first
  bool contains(Ref actor) const { return find(actor) != entries_.end(); }

  // One after the other. Requires: not empty.
  Ref next() {
    if (turn_ >= entries_.size()) turn_ = 0;
    return entries_[turn_++].actor;
  }

 private:
  std::vector<Entry>::const_iterator find(Ref actor) const {
    return std::find_if(entries_.begin(), entries_.end(),
                        [&](const Entry& entry) { return entry.actor == actor; });
  }
  void remove(Ref actor) {
    const auto entry = find(actor);
    if (entry == entries_.end()) return;
    // Nobody is passed over because one before it is gone.
    if (static_cast<std::size_t>(entry - entries_.begin()) < turn_) --turn_;
    entries_.erase(entry);
  }

  std::vector<Entry> entries_;
  std::size_t turn_ = 0;
  bool complete_ = false;
};

}  // namespace actord
