// std.Router: passes each message on to one of several actors, or to all of them. Whoever gets it answers
// the original requester.
//
// Its targets are those that carry a tag (followed live: one that begins to stop gets nothing new), or
// paths (looked up each time: one that does not run is passed over). With nobody there a message is
// rejected, or held until somebody is.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "actord/actord.hpp"
#include "actord/routing.hpp"
#include "actord/settings.hpp"

namespace standard {

struct RouterSettings {
  std::string strategy = "round_robin";
  std::string tag;
  std::vector<std::string> targets;
  std::string when_empty = "reject";

  static auto fields() {
    using S = RouterSettings;
    return actord::settings(
        actord::setting("strategy", &S::strategy)
            .one_of({"round_robin", "random", "least_loaded", "consistent_hash", "broadcast"}),
        actord::setting("tag", &S::tag), actord::setting("targets", &S::targets),
        actord::setting("when_empty", &S::when_empty).one_of({"reject", "hold"}));
  }
};

class Router {
 public:
  static constexpr std::string_view kLook = "look";  // held messages: is somebody there by now?
  static constexpr auto handlers() { return actord::table(actord::on_timer(kLook, &Router::look)); }

  explicit Router(const actord::Setup& setup);
  void start(actord::Context& context);
  void listed(actord::Context& context, const actord::Listed& change);
  actord::Outcome otherwise(actord::Context& context, const actord::Message& message);

 private:
  void look(actord::Context& context);
  void find_targets(actord::Context& context);
  void route(actord::Context& context, const actord::Message& message);

  RouterSettings settings_;
  bool broadcast_;
  actord::Routees routees_;
  bool holding_ = false;
};

}  // namespace standard
