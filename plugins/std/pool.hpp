// std.Pool: workers of one kind and one queue for them; see actord/pool.hpp for what holds. Every message
// but the two of its own is a job.
//
//   std.pool.Resize {"size": 8}   more or fewer workers
//   std.pool.Status               answered with {"size", "busy", "waiting", "done", "failed"}
#pragma once

#include <chrono>
#include <string>

#include "actord/actord.hpp"
#include "actord/json.hpp"
#include "actord/pool.hpp"
#include "actord/settings.hpp"

namespace standard {

struct PoolSettings {
  std::string worker;
  actord::Json settings = actord::Json::object();
  uint32_t size = 4;
  uint32_t queue = 1'000;
  std::string overflow = "reject";
  std::string assign = "any";
  uint32_t attempts = 1;
  std::chrono::milliseconds job_timeout{30'000};

  static auto fields() {
    using S = PoolSettings;
    return actord::settings(
        actord::setting("worker", &S::worker).required().min(3),
        actord::setting("settings", &S::settings),
        actord::setting("size", &S::size).min(1).max(actord::Pool::kSizeMax),
        actord::setting("queue", &S::queue).min(1).max(actord::Pool::kQueueMax),
        actord::setting("overflow", &S::overflow).one_of({"reject", "drop_oldest"}),
        actord::setting("assign", &S::assign).one_of({"any", "by_key"}),
        actord::setting("attempts", &S::attempts).min(1).max(1'000),
        actord::setting("job_timeout", &S::job_timeout).min(1));
  }
};

class Pool {
 public:
  static constexpr auto handlers() {
    return actord::table(actord::on("std.pool.Resize", &Pool::resize),
                         actord::on("std.pool.Status", &Pool::status),
                         actord::on_timer(actord::Pool::kHeal, &Pool::heal));
  }

  explicit Pool(const actord::Setup& setup);
  void start(actord::Context& context) { pool_.start(context); }
  actord::Outcome otherwise(actord::Context& context, const actord::Message& message) {
    return pool_.submit(context, message);
  }
  void terminated(actord::Context& context, actord::Ref who, int32_t) {
    pool_.terminated(context, who);
  }

 private:
  void resize(actord::Context& context, const actord::Message& message);
  void status(actord::Context& context, const actord::Message& message);
  void heal(actord::Context& context) { pool_.heal(context); }

  actord::Pool pool_;
};

}  // namespace standard
