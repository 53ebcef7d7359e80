#include "runtime/tags.hpp"

#include <algorithm>

#include "actord/ext/registry.h"
#include "base/limits.hpp"

namespace actord::host {

// ---- who carries what ----------------------------------------------------------------------------

void Tags::declare(ActorRef ref, const std::string& path, const std::vector<std::string>& tags) {
  if (tags.empty() && used_by_.load(std::memory_order_acquire) == 0) return;
  const MutexLock lock(mutex_);
  if (const auto actor = actors_.find(ref); actor != actors_.end()) {
    for (const std::string& tag : std::vector<std::string>(actor->second.carries)) {
      if (std::find(tags.begin(), tags.end(), tag) == tags.end())
        drop(ref, tag, &Carrier::declared);
    }
  }
  for (const std::string& tag : tags) carry(ref, path, tag, &Carrier::declared);
  forget_idle(ref);
}

Result<void> Tags::add(ActorRef ref, const std::string& path, const std::string& tag) {
  const MutexLock lock(mutex_);
  if (const auto actor = actors_.find(ref); actor != actors_.end()) {
    const auto& carries = actor->second.carries;
    const bool has = std::find(carries.begin(), carries.end(), tag) != carries.end();
    if (!has && carries.size() >= limits::kTagsPerActor)
      return Error{ACTORD_E_LIMIT, "the actor carries 64 tags already"};
  }
  carry(ref, path, tag, &Carrier::by_code);
  return {};
}

void Tags::remove(ActorRef ref, const std::string& tag) {
  const MutexLock lock(mutex_);
  drop(ref, tag, &Carrier::by_code);
  forget_idle(ref);
}

void Tags::end_instance(ActorRef ref) {
  if (used_by_.load(std::memory_order_acquire) == 0) return;
  const MutexLock lock(mutex_);
  const auto actor = actors_.find(ref);
  if (actor == actors_.end()) return;
  for (const std::string& tag : std::vector<std::string>(actor->second.follows))
    drop_follow(ref, tag);
  for (const std::string& tag : std::vector<std::string>(actor->second.carries))
    drop(ref, tag, &Carrier::by_code);
  forget_idle(ref);
}

void Tags::leave(ActorRef ref) {
  if (used_by_.load(std::memory_order_acquire) == 0) return;
  const MutexLock lock(mutex_);
  const auto actor = actors_.find(ref);
  if (actor == actors_.end()) return;
  for (const std::string& tag : std::vector<std::string>(actor->second.carries)) {
    drop(ref, tag, &Carrier::declared);
    drop(ref, tag, &Carrier::by_code);
  }
  forget_idle(ref);
}

void Tags::end(ActorRef ref) {
  end_instance(ref);
  leave(ref);
}

void Tags::carry(ActorRef ref, const std::string& path, const std::string& name,
                 bool Carrier::*why) {
  Tag& tag = tags_[name];
  const auto [carrier, fresh] = tag.carriers.try_emplace(ref.incarnation);
  carrier->second.*why = true;
  if (!fresh) return;
  carrier->second.who = {ref, path};
  actors_[ref].carries.push_back(name);
  used_by_.store(actors_.size(), std::memory_order_release);
  tell(tag, name, carrier->second.who, ACTORD_LISTED_ADDED);
}

void Tags::drop(ActorRef ref, const std::string& name, bool Carrier::*why) {
  const auto tag = tags_.find(name);
  if (tag == tags_.end()) return;
  const auto carrier = tag->second.carriers.find(ref.incarnation);
  if (carrier == tag->second.carriers.end()) return;
  carrier->second.*why = false;
  if (carrier->second.declared || carrier->second.by_code) return;
  const Tagged who = std::move(carrier->second.who);
  tag->second.carriers.erase(carrier);
  std::erase(actors_[ref].carries, name);
  tell(tag->second, name, who, ACTORD_LISTED_REMOVED);
  forget_empty(tag);
}

void Tags::forget_empty(ByName::iterator tag) {
  if (tag->second.carriers.empty() && tag->second.followers.empty()) tags_.erase(tag);
}

void Tags::forget_idle(ActorRef ref) {
  const auto actor = actors_.find(ref);
  if (actor == actors_.end()) return;
  if (actor->second.carries.empty() && actor->second.follows.empty()) actors_.erase(actor);
  used_by_.store(actors_.size(), std::memory_order_release);
}

// ---- who follows ---------------------------------------------------------------------------------

Result<void> Tags::follow(ActorRef follower, const std::string& name) {
  const MutexLock lock(mutex_);
  auto& follows = actors_[follower].follows;
  used_by_.store(actors_.size(), std::memory_order_release);
  if (std::find(follows.begin(), follows.end(), name) == follows.end()) {
    if (follows.size() >= limits::kFollowsPerActor)
      return Error{ACTORD_E_LIMIT, "the actor follows 64 tags already"};
    follows.push_back(name);
  }
  Tag& tag = tags_[name];
  Follow& follow = tag.followers[follower];
  follow = Follow{};
  follow.number = ++last_number_;
  for (const auto& [incarnation, carrier] : tag.carriers) {
    const auto change =
        follow.changes.insert(follow.changes.end(), {carrier.who, ACTORD_LISTED_PRESENT});
    follow.pending.emplace(incarnation, change);
  }
  follow.changes.push_back({{}, ACTORD_LISTED_ALL});
  pump(follower, name, follow);
  return {};
}

void Tags::unfollow(ActorRef follower, const std::string& name) {
  const MutexLock lock(mutex_);
  drop_follow(follower, name);
  forget_idle(follower);
}

void Tags::drop_follow(ActorRef follower, const std::string& name) {
  const auto tag = tags_.find(name);
  if (tag == tags_.end() || tag->second.followers.erase(follower) == 0) return;
  std::erase(actors_[follower].follows, name);
  forget_empty(tag);
}

// A change that takes back one the follower has not been told of is no change.
void Tags::tell(Tag& tag, const std::string& name, const Tagged& who, int32_t reason) {
  for (auto& [follower, follow] : tag.followers) {
    const auto untold = follow.pending.find(who.ref.incarnation);
    if (untold != follow.pending.end()) {
      follow.changes.erase(untold->second);
      follow.pending.erase(untold);
      continue;
    }
    const auto change = follow.changes.insert(follow.changes.end(), {who, reason});
    follow.pending.emplace(who.ref.incarnation, change);
    pump(follower, name, follow);
  }
}

void Tags::pump(ActorRef follower, const std::string& name, Follow& follow) {
  while (!follow.changes.empty() && follow.in_flight < limits::kListedInFlight) {
    Change change = std::move(follow.changes.front());
    follow.changes.pop_front();
    follow.pending.erase(change.who.ref.incarnation);
    ++follow.in_flight;
    auto notice = std::make_unique<Envelope>();
    notice->kind = MessageKind::kListed;
    notice->to = follower;
    notice->from = change.who.ref;
    notice->reason = change.reason;
    notice->ask = follow.number;
    notice->token = 1;  // in flight: counted off once
    notice->with_extra().key = name;
    notice->with_extra().text = std::move(change.who.path);
    post_(std::move(notice));
  }
}

bool Tags::arrived(ActorRef follower, Envelope& notice) {
  const MutexLock lock(mutex_);
  const std::string& name = notice.extra->key;
  const auto tag = tags_.find(name);
  if (tag == tags_.end()) return false;
  const auto follow = tag->second.followers.find(follower);
  if (follow == tag->second.followers.end() || follow->second.number != notice.ask) return false;
  if (notice.token == 0) return true;  // it was put off, and comes again
  notice.token = 0;
  --follow->second.in_flight;
  pump(follower, tag->first, follow->second);
  return true;
}

// ---- looking -------------------------------------------------------------------------------------

std::vector<ActorRef> Tags::find(std::string_view name) const {
  std::vector<ActorRef> found;
  const MutexLock lock(mutex_);
  const auto tag = tags_.find(name);
  if (tag == tags_.end()) return found;
  for (const auto& [incarnation, carrier] : tag->second.carriers) found.push_back(carrier.who.ref);
  return found;
}

std::vector<std::string> Tags::of(ActorRef ref) const {
  const MutexLock lock(mutex_);
  const auto actor = actors_.find(ref);
  if (actor == actors_.end()) return {};
  std::vector<std::string> tags = actor->second.carries;
  std::sort(tags.begin(), tags.end());
  return tags;
}

std::vector<TagView> Tags::list() const {
  std::vector<TagView> views;
  const MutexLock lock(mutex_);
  for (const auto& [name, tag] : tags_) {
    TagView view{name, {}, tag.followers.size()};
    for (const auto& [incarnation, carrier] : tag.carriers) view.carriers.push_back(carrier.who);
    views.push_back(std::move(view));
  }
  return views;
}

}  // namespace actord::host
