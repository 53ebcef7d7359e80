// WorkList: messages an actor has seen and not handled yet, to be taken in an order of its own choice.
//
// The host keeps the messages themselves (it is the stash, see ext/stash.h), so each is accounted for
// exactly once and none is lost by a restart: the next instance sees them again, in the order in which
// they had come. The list remembers what the actor has to know to choose.
//
//   Outcome job(Context& context, const Message& message) {
//     if (!list_.taken(message)) {                       // new: it waits for its place
//       if (busy_ == 0) context.send(context.self(), "jobs.Next");
//       return list_.put(context, message, priority_of(message));
//     }
//     ...                                                // its turn has come
//   }
//   void next(Context& context) { list_.take(context); }               // the most important one
//   void moved(Context& context) { list_.delegate(context, "/other", [](const auto& item) {
//     return item.key == "eu"; }); }
//   void closed(Context& context) { list_.drop(context, "the line is closed", [](const auto&) {
//     return true; }); }
//
// A call belongs to its turn: when that fails, the list is as it was before.
#pragma once

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "actord/context.hpp"

namespace actord {

// Note: what the actor wants to remember of each message.
template <class Note = std::monostate>
class WorkList {
 public:
  struct Item {
    uint64_t id = 0;  // of the message
    int64_t priority = 0;
    std::string type, key;
    Ref from;
    uint64_t deadline_ms =
        0;  // 0: none; one that has expired becomes a dead letter when it is taken
    Note note;
  };

  // max: messages in the list; at most 10,000, which is what the host keeps for an actor.
  explicit WorkList(std::size_t max = 1'000) : max_(std::min<std::size_t>(max, 10'000)) {}

  std::size_t size() const noexcept { return items_.size(); }
  bool empty() const noexcept { return items_.empty(); }
  const std::vector<Item>& items() const noexcept { return items_; }  // in the order they came

  // Whether this message comes from the list; then it is to be handled now.
  bool taken(const Message& message) { return taken_.erase(message.id()) > 0; }

  // Puts the current message off, also one that was taken. The handler returns what this returns. A list
  // that is full rejects it.
  Outcome put(Context& context, const Message& message, int64_t priority = 0, Note note = {}) {
    if (items_.size() >= max_) {
      context.reject("the work list holds " + std::to_string(max_) + " messages");
      return Done{};
    }
    const uint64_t id = message.id();
    context.on_failure([this, id] { remove(id); });
    items_.push_back({id, priority, std::string(message.type()), std::string(message.key()),
                      message.from(), message.deadline_ms(), std::move(note)});
    return Defer{};
  }

  // Hands back the one with the highest priority, of these the oldest. False: there is none.
  bool take(Context& context) {
    return take(context, [](const Item&) { return true; });
  }
  // ... of those for which the predicate holds.
  template <class Predicate>
  bool take(Context& context, Predicate&& wanted) {
    const auto best = find_best(wanted);
    if (best == items_.end()) return false;
    const uint64_t id = best->id;
    context.unstash(id);
    erase(context, best);
    // Those that expired on their way never came to be asked for.
    while (taken_.size() >= max_) taken_.erase(taken_.begin());
    context.on_failure([this, id] { taken_.erase(id); });
    taken_.insert(id);
    return true;
  }

  // Passes on the best one for which the predicate holds; who gets it answers the original requester.
  template <class Predicate>
  bool delegate(Context& context, const Target& to, Predicate&& wanted) {
    const auto best = find_best(wanted);
    if (best == items_.end()) return false;
    context.forward_stashed(best->id, to);
    erase(context, best);
    return true;
  }

  // Makes dead letters of all for which the predicate holds. Returns how many.
  template <class Predicate>
  std::size_t drop(Context& context, std::string_view why, Predicate&& unwanted) {
    std::size_t dropped = 0;
    for (auto item = items_.begin(); item != items_.end();) {
      if (!unwanted(std::as_const(*item))) {
        ++item;
        continue;
      }
      context.reject_stashed(item->id, why);
      item = erase(context, item);
      ++dropped;
    }
    return dropped;
  }

 private:
  using Place = typename std::vector<Item>::iterator;

  template <class Predicate>
  Place find_best(Predicate& wanted) {
    Place best = items_.end();
    for (Place item = items_.begin(); item != items_.end(); ++item) {
      const bool better = best == items_.end() || item->priority > best->priority;
      if (better && wanted(std::as_const(*item))) best = item;
    }
    return best;
  }

  Place erase(Context& context, Place place) {
    const std::size_t at = static_cast<std::size_t>(place - items_.begin());
    context.on_failure([this, at, item = std::move(*place)] {
      items_.insert(items_.begin() + static_cast<std::ptrdiff_t>(at), item);
    });
    return items_.erase(place);
  }
  void remove(uint64_t id) {
    std::erase_if(items_, [&](const Item& item) { return item.id == id; });
  }

  std::size_t max_;
  std::vector<Item> items_;
  std::set<uint64_t> taken_;
};

}  // namespace actord
