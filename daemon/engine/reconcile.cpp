#include "engine/reconcile.hpp"

#include "base/assert.hpp"
#include "base/log.hpp"

namespace actord::host {
namespace {

std::vector<std::string> texts_of(const std::vector<ActorPath>& paths) {
  std::vector<std::string> texts;
  for (const ActorPath& path : paths) texts.push_back(path.text());
  return texts;
}

}  // namespace

void Reconcile::begin(Plan plan, KindCatalog catalog, OnRefusal on_refusal, Done done) {
  ACTORD_ASSERT(!busy() && done != nullptr);
  plan_ = std::move(plan);
  catalog_ = std::move(catalog);
  on_refusal_ = on_refusal;
  at_ = 0;
  started_.clear();
  outcome_ = {};
  done_ = std::move(done);
  advance();
}

void Reconcile::advance() {
  if (!busy()) return;
  for (; at_ < plan_.steps.size(); ++at_) {
    switch (take(plan_.steps[at_])) {
      case Progress::kDone: break;
      case Progress::kWait: return;
      case Progress::kFailed: finish(); return;
    }
  }
  if (all_settled()) finish();
}

void Reconcile::finish() {
  // The next plan may begin inside done, so nothing of this one may be needed after it.
  const Done done = std::exchange(done_, nullptr);
  done(std::move(outcome_));
}

Reconcile::Progress Reconcile::take(const Step& step) {
  return std::visit([&](const auto& action) { return perform(action); }, step.action);
}

Reconcile::Progress Reconcile::perform(const LoadPlugin& action) {
  const PluginInfo* const info = catalog_.plugin(action.plugin.name);
  ACTORD_ASSERT(info != nullptr);  // check has found it
  const auto loaded = factory_.load(*info, plugin_cache_);
  if (loaded) return Progress::kDone;
  outcome_.problems.push_back(action.plugin.span.text() + ": " + loaded.error().text);
  outcome_.not_loaded.push_back(action.plugin.name);
  return on_refusal_ == OnRefusal::kGoOn ? Progress::kDone : Progress::kFailed;
}

// Its code stays mapped: instances of it may still be ending.
Reconcile::Progress Reconcile::perform(const ForgetPlugin&) { return Progress::kDone; }

Reconcile::Progress Reconcile::perform(const Unsubscribe& action) {
  if (const auto pattern = TopicPattern::parse(action.subscription.topic)) {
    const auto filter =
        runtime_.broker().unsubscribe(*pattern, {{}, action.subscription.to.text()});
    if (filter != nullptr) runtime_.filters().release(*filter);
  }
  return Progress::kDone;
}

Reconcile::Progress Reconcile::perform(const Subscribe& action) {
  const auto pattern = TopicPattern::parse(action.subscription.topic);
  ACTORD_ASSERT(pattern.has_value());  // validated
  const Subscriber subscriber{{}, action.subscription.to.text()};
  const SubscriptionOptions& options = action.subscription.options;
  const auto done = runtime_.broker().subscribe(
      *pattern, subscriber,
      options.plain() ? nullptr : runtime_.filters().make(subscriber, options));
  if (!done)
    outcome_.problems.push_back(action.subscription.span.text() + ": " + done.error().text);
  return Progress::kDone;
}

// The filter stays the same one, so that nothing it holds is lost.
Reconcile::Progress Reconcile::perform(const UpdateSubscription& action) {
  const auto pattern = TopicPattern::parse(action.to.topic);
  ACTORD_ASSERT(pattern.has_value());  // validated
  const Subscriber subscriber{{}, action.to.to.text()};
  const SubscriptionOptions& options = action.to.options;
  const auto filter = runtime_.broker().filter(*pattern, subscriber);
  if (filter == nullptr) {
    if (!options.plain()) {
      runtime_.broker().set_filter(*pattern, subscriber,
                                   runtime_.filters().make(subscriber, options));
    }
  } else {
    if (options.plain()) runtime_.broker().set_filter(*pattern, subscriber, nullptr);
    runtime_.filters().change(*filter, options);
  }
  return Progress::kDone;
}

Reconcile::Progress Reconcile::perform(const StopActor& action) {
  const std::string& path = action.actor.start.path.text();
  runtime_.tree().undeclare(path);
  return runtime_.tree().standing(path).state.empty() ? Progress::kDone : Progress::kWait;
}

// All that follow at once: a parent and its child restart together, not one after the other.
Reconcile::Progress Reconcile::perform(const RestartActor&) {
  std::vector<ActorTree::Declaration> restarts;
  for (; at_ < plan_.steps.size(); ++at_) {
    const auto* const next = std::get_if<RestartActor>(&plan_.steps[at_].action);
    if (next == nullptr) break;
    started_.push_back(next->to);
    restarts.push_back({next->to.start, texts_of(next->to.after)});
  }
  --at_;  // the last one taken
  runtime_.tree().restart_as(restarts);
  return Progress::kDone;
}

// All that follow at once, so that none of them speaks before all can be spoken to.
Reconcile::Progress Reconcile::perform(const StartActor&) {
  std::vector<ActorTree::Declaration> starts;
  for (; at_ < plan_.steps.size(); ++at_) {
    const auto* const next = std::get_if<StartActor>(&plan_.steps[at_].action);
    if (next == nullptr) break;
    started_.push_back(next->actor);
    starts.push_back({next->actor.start, texts_of(next->actor.after)});
  }
  --at_;  // the last one taken
  runtime_.tree().declare(std::move(starts));
  return Progress::kDone;
}

Reconcile::Progress Reconcile::perform(const UpdateOptions& action) {
  const auto done = runtime_.tree().set_options(action.path.text(), action.to);
  if (!done) outcome_.problems.push_back(done.error().text);
  return Progress::kDone;
}

// The rest is read from the spec where it is used.
Reconcile::Progress Reconcile::perform(const SetHost& action) {
  runtime_.tree().set_policy(action.to.policy);
  return Progress::kDone;
}

Reconcile::Progress Reconcile::perform(const SetLogging& action) {
  log::configure(action.to.level, action.to.format);
  return Progress::kDone;
}

// Up, or failed: then it is a problem of this plan. An actor that hydrates in the background, or
// waits for one that failed, holds nothing up.
bool Reconcile::all_settled() {
  std::erase_if(started_, [&](const ActorSpec& actor) {
    const auto standing = runtime_.tree().standing(actor.start.path.text());
    const bool background = actor.start.options.persistence.hydrate == Hydrate::kBackground &&
                            standing.state == "hydrating";
    if (background || standing.state == "running") return true;
    const bool failed = standing.state == "parked" || standing.state == "backoff" ||
                        standing.state == "stopped" || standing.state.empty();
    if (!failed) return false;
    outcome_.problems.push_back(actor.span.text() + ": actor " + actor.start.path.text() + " is " +
                                (standing.state.empty() ? "gone" : standing.state) +
                                (standing.reason.empty() ? "" : ": " + standing.reason));
    return true;
  });
  if (started_.empty()) return true;
  // What is left starts, or waits for something that starts; if nothing moves any more, it never will.
  const TreeCounts counts = runtime_.tree().counts();
  if (counts.starting + counts.hydrating + counts.stopping + counts.undecided > 0) return false;
  for (const ActorSpec& actor : started_) {
    const auto standing = runtime_.tree().standing(actor.start.path.text());
    if (standing.state == "running") return all_settled();  // it came up between the two looks
    if (standing.state != "waiting") return false;
  }
  for (const ActorSpec& actor : started_) {
    outcome_.problems.push_back(actor.span.text() + ": actor " + actor.start.path.text() +
                                " waits for its parent or for `after`, which did not come up");
  }
  started_.clear();
  return true;
}

}  // namespace actord::host
