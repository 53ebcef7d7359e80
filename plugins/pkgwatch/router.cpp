#include "router.hpp"

#include <algorithm>

namespace pkgwatch {

using actord::Answer, actord::Context, actord::Defer, actord::Done, actord::Json, actord::Message,
    actord::Outcome, actord::Ref;
using namespace std::chrono_literals;

namespace {

// FNV-1a: which worker owns a package must not change with the compiler.
uint64_t stable_hash(std::string_view key) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : key) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return hash;
}

std::string worker_name(std::size_t index) {
  return std::string("w").append(std::to_string(index));
}

}  // namespace

void Router::start(Context& context) {
  for (std::size_t index = 0; index < workers_.size(); ++index) spawn(context, index);
}

void Router::spawn(Context& context, std::size_t index) {
  const std::string name = worker_name(index);
  const std::string identity =
      std::string(context.path()) + "/" + std::to_string(workers_.size()) + "/" + name;
  workers_[index] = context.spawn(name, "pkgwatch.Worker", "{}", identity);
  context.watch(workers_[index]);
}

// Lines for a worker that is away wait in the stash, in their order.
void Router::terminated(Context& context, Ref who, int32_t reason) {
  const auto worker = std::find(workers_.begin(), workers_.end(), who);
  if (worker == workers_.end()) return;
  *worker = Ref();
  if (draining_ || reason == ACTORD_STOP_HOST) return;
  // When the router itself is being stopped its workers end first, and it never comes to this timer.
  context.set_timer("respawn", 1s);
}

void Router::respawn(Context& context) {
  if (draining_) return;
  for (std::size_t index = 0; index < workers_.size(); ++index) {
    if (workers_[index]) continue;
    context.log_warn("worker " + worker_name(index) + " has ended; it is started again");
    spawn(context, index);
  }
  context.unstash_all();
}

Outcome Router::route(Context& context, const Message& message) {
  return pass_on(context, message.key());
}

Outcome Router::package(Context& context, const Json& question, const Message&) {
  const bool named =
      question.is_object() && question.contains("name") && question.at("name").is_string();
  if (!named) {
    context.reject("pkgwatch.Package wants {\"name\": \"libc6\"}");
    return Done{};
  }
  const auto name = question.at("name").get<std::string>();
  return pass_on(context, package_name(name));
}

Outcome Router::pass_on(Context& context, std::string_view key) {
  const Ref worker = workers_[stable_hash(key) % workers_.size()];
  if (!worker) return Defer{};
  context.forward(worker);
  return Done{};
}

// ---- gathering ----

Outcome Router::summary(Context& context, const Message& message) {
  const auto [need, is_new] = needs_.try_emplace(message.id(), started_ + 1);
  if (finished_ >= need->second) {
    needs_.erase(need);
    if (problem_.empty()) {
      Json json(sum_);
      json["workers"] = workers_.size();
      context.reply(kSummaryType, actord::to_text(json));
    } else {
      context.reply(kUnavailableType, actord::to_text(Json{{"error", problem_}}));
    }
    return Done{};
  }
  if (finished_ == started_) gather(context);
  return Defer{};
}

void Router::gather(Context& context) {
  started_ += 1;
  sum_ = Counts();
  problem_.clear();
  missing_ = workers_.size();
  for (std::size_t index = 0; index < workers_.size(); ++index) {
    // By path: one that is away is nobody, and its ask fails at once like that of any dead one.
    context.ask(std::string(context.path()) + "/" + worker_name(index), kCountsType, "{}",
                settings_.timeout, [this, index](Context& later, const Answer& answer) {
                  gathered(later, index, answer);
                });
  }
}

void Router::gathered(Context& context, std::size_t index, const Answer& answer) {
  const auto counts =
      answer.ok()
          ? answer.message().as<Counts>()
          : actord::Result<Counts>(actord::Error{ACTORD_FAIL_TIMEOUT, std::string(answer.text())});
  if (counts) {
    sum_ += *counts;
  } else {
    problem_ = "worker " + worker_name(index) + " did not answer: " + counts.error().text;
  }
  if (--missing_ == 0) finish_gathering(context);
}

void Router::finish_gathering(Context& context) {
  finished_ = started_;
  // Questions two gatherings old had their chance: they expired in the stash.
  std::erase_if(needs_, [this](const auto& need) { return need.second + 2 <= finished_; });
  context.unstash_all();
}

}  // namespace pkgwatch
