// MailboxAlarms: says when a mailbox fills up and when it is normal again, once each: a log line, a message
// on the topic actord.mailbox, and a place in `actorctl status` for as long as it lasts. Any thread.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/mutex.hpp"
#include "runtime/registry.hpp"

namespace actord::host {

inline constexpr std::string_view kMailboxTopic = "actord.mailbox";

struct FilledMailbox {
  std::string path;
  uint64_t messages = 0, capacity = 0;
  uint64_t bytes = 0, bytes_max = 0;
};

class MailboxAlarms {
 public:
  using Publish = std::function<void(const FilledMailbox&, bool high)>;
  explicit MailboxAlarms(Registry& registry) : registry_(registry) {}
  void connect(Publish publish) { publish_ = std::move(publish); }

  void high(ActorRef ref);
  void calm(ActorRef ref);
  void gone(ActorRef ref);  // it has ended, whatever its mailbox held
  std::vector<FilledMailbox> now();

 private:
  std::optional<FilledMailbox> look(ActorRef ref);
  bool forget(ActorRef ref);

  Registry& registry_;
  Publish publish_;
  std::atomic<size_t> count_{0};  // of high_: an end of one costs no lock while all is well
  Mutex mutex_;
  std::unordered_set<ActorRef, ActorRefHash> high_;  // guarded by mutex_
};

}  // namespace actord::host
