#pragma once
// Admin: what an operator may ask of a running host. Called on the loop thread, never blocks; each reply runs exactly once, on the loop thread.
#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "actord/result.hpp"

namespace actord::host {

using AdminReply = std::function<void(Result<nlohmann::json>)>;

class Admin {
 public:
  virtual ~Admin() = default;
  virtual void status(AdminReply) = 0;
  virtual void ps(AdminReply) = 0;
  virtual void describe(std::string path, AdminReply) = 0;
  virtual void send(std::string path, std::string type, std::string payload, AdminReply) = 0;
  virtual void ask(std::string path, std::string type, std::string payload, uint64_t timeout_ms,
                   AdminReply) = 0;
  virtual void publish(std::string topic, std::string type, std::string payload, AdminReply) = 0;
  virtual void reload(bool dry_run, AdminReply) = 0;
  virtual void diff(std::string file /*empty: the running one*/, AdminReply) = 0;
  virtual void start(std::string path, AdminReply) = 0;
  virtual void stop(std::string path, AdminReply) = 0;
  virtual void restart(std::string path, AdminReply) = 0;
  virtual void park(std::string path, AdminReply) = 0;
  virtual void suspend(std::string path, AdminReply) = 0;
  virtual void resume(std::string path, AdminReply) = 0;
  virtual void dead_letters(std::string actor, std::string reason, int64_t since_unix_ms,
                            uint64_t limit, AdminReply) = 0;
  virtual void dead_letter(uint64_t id, AdminReply) = 0;
  virtual void subscriptions(AdminReply) = 0;
  virtual void tags(AdminReply) = 0;
};

}  // namespace actord::host
