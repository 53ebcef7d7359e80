#include "router.hpp"

#include <algorithm>
#include <utility>

namespace standard {
namespace {

using actord::Context, actord::Defer, actord::Done, actord::Failure, actord::Listed,
    actord::Message, actord::Outcome, actord::Ref, actord::Routees, actord::Strategy;

constexpr std::chrono::milliseconds kLookAgain{500};

Strategy strategy_of(const std::string& name) {
  if (name == "random") return Strategy::kRandom;
  if (name == "least_loaded") return Strategy::kLeastLoaded;
  if (name == "consistent_hash") return Strategy::kConsistentHash;
  return Strategy::kRoundRobin;
}

}  // namespace

Router::Router(const actord::Setup& setup)
    : settings_(actord::settings_of<RouterSettings>(setup)),
      broadcast_(settings_.strategy == "broadcast"),
      routees_(strategy_of(settings_.strategy)) {
  if (settings_.tag.empty() == settings_.targets.empty()) {
    throw Failure("settings: give either tag (those that carry it) or targets (a list of paths)",
                  ACTORD_FAIL_CONFIG);
  }
}

void Router::start(Context& context) {
  if (!settings_.tag.empty()) context.follow(settings_.tag);
}

void Router::listed(Context& context, const Listed& change) {
  if (change.removed()) routees_.remove(change.actor());
  if (!change.carries()) return;
  routees_.add(change.actor(), std::string(change.path()));
  if (std::exchange(holding_, false)) context.unstash_all();
}

// Those of the paths that run now. The order and the turn of each are kept.
void Router::find_targets(Context& context) {
  for (const std::string& path : settings_.targets) {
    const Ref now = context.resolve(path);
    const auto known =
        std::find_if(routees_.entries().begin(), routees_.entries().end(),
                     [&](const Routees::Entry& entry) { return entry.name == path; });
    if (known != routees_.entries().end() && known->actor != now) routees_.remove(known->actor);
    if (now) routees_.add(now, path);
  }
}

Outcome Router::otherwise(Context& context, const Message& message) {
  if (!settings_.targets.empty()) find_targets(context);
  if (!routees_.empty()) {
    route(context, message);
    return Done{};
  }
  if (settings_.when_empty == "reject") {
    context.reject(settings_.tag.empty() ? "none of the router's targets is running"
                                         : "nobody carries the tag " + settings_.tag);
    return Done{};
  }
  holding_ = true;
  if (!settings_.targets.empty()) context.set_timer(kLook, kLookAgain);
  return Defer{};
}

void Router::route(Context& context, const Message& message) {
  if (!broadcast_) return context.forward(routees_.choose(context, message.key()));
  for (const Routees::Entry& entry : routees_.entries()) context.forward(entry.actor);
}

void Router::look(Context& context) {
  find_targets(context);
  if (routees_.empty()) return context.set_timer(kLook, kLookAgain);
  holding_ = false;
  context.unstash_all();
}

}  // namespace standard
