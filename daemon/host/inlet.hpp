// Inlets: the doors through which a plugin's own threads post to an actor.
//
// An inlet has two owners, the plugin's handle and the actor's instance, and closes when the instance
// ends (a restart is a new instance, under the same reference). Posting holds the inlet's lock, so after
// InletSet is gone no post is inside the runtime any more.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/mutex.hpp"
#include "core/turn_context.hpp"

namespace actord::host {

class Inlet {
 public:
  Inlet(TurnServices& services, ActorRef to) : services_(services), to_(to) {}

  actord_status post(std::string_view type, Bytes payload);  // any thread
  void close();                                              // the instance has ended
  void release();                                            // the plugin has given up its handle
  bool released();

 private:
  TurnServices& services_;  // used under mutex_, while open_
  const ActorRef to_;
  Mutex mutex_;
  bool open_ ACTORD_GUARDED_BY(mutex_) = true;
  bool released_ ACTORD_GUARDED_BY(mutex_) = false;
};

// What an actord_inlet* points to.
struct InletHandle {
  std::shared_ptr<Inlet> inlet;
};

// The inlets of one instance; used in its turns only.
class InletSet {
 public:
  InletSet() = default;
  InletSet(const InletSet&) = delete;
  InletSet& operator=(const InletSet&) = delete;
  ~InletSet();

  // Null at the limit. The handle belongs to the plugin.
  InletHandle* open(TurnServices& services, ActorRef to);

 private:
  std::vector<std::shared_ptr<Inlet>> inlets_;
};

}  // namespace actord::host
