// HostAdmin: the operator's requests, carried out by the engine and answered as JSON.
#pragma once

#include "engine/admin.hpp"
#include "engine/engine.hpp"

namespace actord::host {

class HostAdmin final : public Admin {
 public:
  explicit HostAdmin(Engine& engine) : engine_(engine) {}

  void status(AdminReply reply) override;
  void ps(AdminReply reply) override;
  void describe(std::string path, AdminReply reply) override;
  void send(std::string path, std::string type, std::string payload, AdminReply reply) override;
  void ask(std::string path, std::string type, std::string payload, uint64_t timeout_ms,
           AdminReply reply) override;
  void publish(std::string topic, std::string type, std::string payload, AdminReply reply) override;
  void reload(bool dry_run, AdminReply reply) override;
  void diff(std::string file, AdminReply reply) override;
  void start(std::string path, AdminReply reply) override;
  void stop(std::string path, AdminReply reply) override;
  void restart(std::string path, AdminReply reply) override;
  void park(std::string path, AdminReply reply) override;
  void suspend(std::string path, AdminReply reply) override;
  void resume(std::string path, AdminReply reply) override;
  void dead_letters(std::string actor, std::string reason, int64_t since_unix_ms, uint64_t limit,
                    AdminReply reply) override;
  void dead_letter(uint64_t id, AdminReply reply) override;
  void subscriptions(AdminReply reply) override;
  void tags(AdminReply reply) override;

 private:
  using Change = Result<void> (ActorTree::*)(const std::string&);
  // Carries a change of one actor out; logs event and answers when it has arrived there.
  void change(Change wanted, const char* event, std::string path, AdminReply reply);
  bool taking_messages(const AdminReply& reply) const;

  Engine& engine_;
};

}  // namespace actord::host
