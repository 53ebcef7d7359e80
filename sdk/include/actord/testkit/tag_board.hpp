// TagBoard: who carries which tag and who follows it, in the TestKit. Every change is told at once; the
// daemon holds back what a slow follower need not see.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "actord/ext/registry.h"
#include "actord/ref.hpp"

namespace actord::testkit {

class TagBoard {
 public:
  struct Notice {
    Ref follower, actor;
    std::string tag, path;
    int32_t reason = 0;   // ACTORD_LISTED_*
    uint64_t number = 0;  // of the act of following
  };
  using Tell = std::function<void(const Notice&)>;
  explicit TagBoard(Tell tell) : tell_(std::move(tell)) {}

  // declared: by the topology, else by code, which ends with the instance.
  void add(Ref actor, const std::string& path, const std::string& tag, bool declared) {
    auto& carriers = carriers_[tag];
    const auto known = find(carriers, actor);
    if (known != carriers.end()) {
      (declared ? known->declared : known->by_code) = true;
      return;
    }
    carriers.push_back({actor, path, declared, !declared});
    tell_all(tag, actor, path, ACTORD_LISTED_ADDED);
  }
  void remove(Ref actor, const std::string& tag, bool declared) {
    auto& carriers = carriers_[tag];
    const auto known = find(carriers, actor);
    if (known == carriers.end()) return;
    (declared ? known->declared : known->by_code) = false;
    if (known->declared || known->by_code) return;
    const std::string path = known->path;
    carriers.erase(known);
    tell_all(tag, actor, path, ACTORD_LISTED_REMOVED);
  }
  void follow(Ref follower, const std::string& tag) {
    const uint64_t number = ++numbers_;
    following_[{follower.slot, tag}] = {follower, number};
    for (const Carrier& carrier : carriers_[tag])
      tell_({follower, carrier.actor, tag, carrier.path, ACTORD_LISTED_PRESENT, number});
    tell_({follower, Ref(), tag, "", ACTORD_LISTED_ALL, number});
  }
  void unfollow(Ref follower, const std::string& tag) { following_.erase({follower.slot, tag}); }
  bool follows(Ref follower, const std::string& tag, uint64_t number) const {
    const auto found = following_.find({follower.slot, tag});
    return found != following_.end() && found->second.second == number;
  }
  void end_instance(Ref actor) {
    std::erase_if(following_, [&](const auto& one) { return one.second.first == actor; });
    for (const auto& tag : names()) remove(actor, tag, false);
  }
  void end(Ref actor) {
    end_instance(actor);
    for (const auto& tag : names()) remove(actor, tag, true);
  }
  std::vector<Ref> carriers(const std::string& tag) const {
    std::vector<Ref> refs;
    if (const auto found = carriers_.find(tag); found != carriers_.end()) {
      for (const Carrier& carrier : found->second) refs.push_back(carrier.actor);
    }
    return refs;
  }
  void clear() {
    carriers_.clear();
    following_.clear();
  }

 private:
  struct Carrier {
    Ref actor;
    std::string path;
    bool declared = false, by_code = false;
  };
  static std::vector<Carrier>::iterator find(std::vector<Carrier>& carriers, Ref actor) {
    return std::find_if(carriers.begin(), carriers.end(),
                        [&](const Carrier& carrier) { return carrier.actor == actor; });
  }
  std::vector<std::string> names() const {
    std::vector<std::string> tags;
    for (const auto& [tag, carriers] : carriers_) tags.push_back(tag);
    return tags;
  }
  void tell_all(const std::string& tag, Ref actor, const std::string& path, int32_t reason) {
    const auto following = following_;
    for (const auto& [key, follower] : following) {
      if (key.second == tag) tell_({follower.first, actor, tag, path, reason, follower.second});
    }
  }

  Tell tell_;
  std::map<std::string, std::vector<Carrier>> carriers_;
  std::map<std::pair<uint64_t, std::string>, std::pair<Ref, uint64_t>> following_;
  uint64_t numbers_ = 0;
};

}  // namespace actord::testkit
