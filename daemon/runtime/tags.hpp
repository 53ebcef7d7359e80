// Tags: which actors carry a tag, and who follows one. Any thread.
//
// An actor carries what the topology says of it until it begins to stop for good, through restarts,
// backoff and parking; what its code added ends with the instance, as its subscriptions do. Who follows a
// tag is told of those that carry it, then that this was all, then of each change, in the order in which
// they happened.
//
// A follower that is slow must not be buried in changes: at most kListedInFlight notices are on their way
// to it at a time. What happens meanwhile is kept as a difference to what it has been told, so a carrier
// that came and went is never mentioned, and what is kept is bounded by the number of carriers. The next
// notice leaves when one has arrived (arrived()).
//
// Lock order: tree mutex -> this mutex -> mailbox, scheduler queue. Notices are posted under the lock, so
// that those of two threads reach a follower in the order of the changes.
#pragma once

#include <atomic>
#include <functional>
#include <list>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/mutex.hpp"
#include "base/status.hpp"
#include "core/actor_ref.hpp"
#include "core/envelope.hpp"

namespace actord::host {

struct Tagged {
  ActorRef ref;
  std::string path;
};

struct TagView {
  std::string tag;
  std::vector<Tagged> carriers;  // the oldest first
  uint64_t followers = 0;
};

class Tags {
 public:
  using Post = std::function<void(EnvelopePtr)>;
  void connect(Post post) { post_ = std::move(post); }

  // --- who carries what ---
  // By the topology: in the place of what was declared before.
  void declare(ActorRef ref, const std::string& path, const std::vector<std::string>& tags);
  // By its code. E_LIMIT past kTagsPerActor.
  Result<void> add(ActorRef ref, const std::string& path, const std::string& tag);
  void remove(ActorRef ref, const std::string& tag);  // what its code added
  void end_instance(ActorRef ref);                    // what its code added, and all it follows
  void leave(ActorRef ref);  // it is about to stop: carries nothing any longer
  void end(ActorRef ref);    // everything: its address is gone

  // --- who follows ---
  // Once more: it is told from the beginning. E_LIMIT past kFollowsPerActor.
  Result<void> follow(ActorRef follower, const std::string& tag);
  void unfollow(ActorRef follower, const std::string& tag);
  // A notice has come to its follower. False: it does not follow any longer, so the notice means nothing.
  bool arrived(ActorRef follower, Envelope& notice);

  std::vector<ActorRef> find(std::string_view tag) const;  // the oldest first
  std::vector<std::string> of(ActorRef ref) const;         // in alphabetical order
  std::vector<TagView> list() const;

 private:
  struct Carrier {
    Tagged who;
    bool declared = false, by_code = false;
  };
  struct Change {
    Tagged who;  // nobody: these were all
    int32_t reason = 0;
  };
  // One follower's view of a tag. number: of this act of following; a notice of an earlier one is void.
  struct Follow {
    uint64_t number = 0;
    uint64_t in_flight = 0;
    std::list<Change> changes;                                          // not posted yet
    std::unordered_map<uint64_t, std::list<Change>::iterator> pending;  // by incarnation
  };
  struct Tag {
    std::map<uint64_t, Carrier> carriers;  // by incarnation, which grows: by age
    std::unordered_map<ActorRef, Follow, ActorRefHash> followers;
  };
  struct Actor {
    std::vector<std::string> carries, follows;
  };
  using ByName = std::map<std::string, Tag, std::less<>>;

  void carry(ActorRef ref, const std::string& path, const std::string& tag, bool Carrier::*why)
      ACTORD_REQUIRES(mutex_);
  void drop(ActorRef ref, const std::string& tag, bool Carrier::*why) ACTORD_REQUIRES(mutex_);
  void drop_follow(ActorRef follower, const std::string& tag) ACTORD_REQUIRES(mutex_);
  void tell(Tag& tag, const std::string& name, const Tagged& who, int32_t reason)
      ACTORD_REQUIRES(mutex_);
  void pump(ActorRef follower, const std::string& name, Follow& follow) ACTORD_REQUIRES(mutex_);
  void forget_empty(ByName::iterator tag) ACTORD_REQUIRES(mutex_);
  void forget_idle(ActorRef ref) ACTORD_REQUIRES(mutex_);

  Post post_;
  mutable Mutex mutex_;
  // guarded by mutex_:
  ByName tags_;
  std::unordered_map<ActorRef, Actor, ActorRefHash> actors_;
  uint64_t last_number_ = 0;
  // Size of actors_: an end of one of a host that uses no tags takes no lock.
  std::atomic<uint64_t> used_by_{0};
};

}  // namespace actord::host
