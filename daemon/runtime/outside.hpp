// Outside: asks that come from no actor (the control socket). Replies to kOutside end here.
#pragma once

#include <cstdint>
#include <functional>
#include <unordered_map>

#include "base/mutex.hpp"
#include "base/status.hpp"
#include "core/envelope.hpp"
#include "runtime/router.hpp"
#include "runtime/timers.hpp"

namespace actord::host {

struct OutsideReply {
  Symbol type;
  Symbol content_type;
  Bytes payload;
};

class Outside {
 public:
  using Done = std::function<void(Result<OutsideReply>)>;
  Outside(Router& router, Timers& timers) : router_(router), timers_(timers) {}

  // done is called exactly once, on any thread. FAIL_PERMANENT: the request became a dead letter; the
  // text is "RECIPIENT: REASON: WORDS".
  void ask(EnvelopePtr request, uint64_t deadline_ms, Done done);
  void reply(EnvelopePtr reply);  // from the router
  void timeout(uint64_t ask);     // from the timers
  void cancel_all();              // everybody gets E_CLOSED

 private:
  struct Pending {
    Done done;
    TimerId timer;
  };
  bool take(uint64_t ask, Pending& pending);

  Router& router_;
  Timers& timers_;
  Mutex mutex_;
  uint64_t last_ = 0;                              // guarded by mutex_
  std::unordered_map<uint64_t, Pending> pending_;  // guarded by mutex_
};

}  // namespace actord::host
