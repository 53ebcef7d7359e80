// Pool: workers of one kind, which the actor that has the pool spawns as its children, and one queue of
// jobs for all of them. A worker gets one job at a time, so none waits behind a slow one while another
// worker is free, and a worker never sees the bus.
//
//   class Resizers {
//     void start(Context& context) { pool_.start(context); }
//     Outcome otherwise(Context& context, const Message& message) { return pool_.submit(context, message); }
//     void resize(Context& context, const Message&) { pool_.resize(context, 8); }
//     void terminated(Context& context, Ref who, int32_t) { pool_.terminated(context, who); }
//     void heal(Context& context) { pool_.heal(context); }          // on_timer(Pool::kHeal, ...)
//     Pool pool_{{.kind = "images.Resizer", .size = 4}};
//   };
//
// The contract of a worker: it answers each job (context.reply). Its answer is the job's, and makes it
// free. A job is an ask to the worker, so it ends in any case: by the answer, at once when the worker
// fails at it (then it is tried again, `attempts` times in all), or after `job_timeout`, when the worker
// is taken for stuck, stopped, and replaced.
//
// A job is put off while it waits and while it is done (the host's stash): it is accounted for once, and
// when the actor with the pool fails, its next instance sees all jobs again, in order. So a worker may see
// a job twice. What cannot be done becomes a dead letter here, which tells the requester.
//
// Order: jobs with the same key are done one after the other, in the order they came, whoever does them;
// also when workers come and go. With by_key a key goes to the same worker as long as that worker is there
// (consistent hashing: one that leaves moves its own keys only).
//
//   waiting --next(): a free worker, its key not in hand--> in hand --answer--> settled
//      ^                                                      |
//      +---------------- a failure, attempts left ------------+ none left: dead letter
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "actord/relay.hpp"
#include "actord/routing.hpp"

namespace actord {

struct PoolOptions {
  std::string kind;             // of the workers, "plugin.Type"
  std::string settings = "{}";  // theirs
  uint32_t size = 4;
  uint32_t queue =
      1'000;  // jobs that wait; at most 9,000, with those in hand the host keeps 10,000
  bool drop_oldest = false;  // when it is full the oldest goes, not the newest
  uint32_t attempts = 1;     // of one job
  bool by_key = false;
  std::chrono::milliseconds job_timeout{30'000};
};

class Pool {
 public:
  static constexpr std::string_view kHeal = "pool.heal";  // the timer whose handler calls heal
  static constexpr uint32_t kSizeMax = 1'000;
  static constexpr uint32_t kQueueMax = 9'000;

  struct Counts {
    uint64_t size = 0, busy = 0, waiting = 0, done = 0, failed = 0;
  };

  explicit Pool(PoolOptions options) : options_(std::move(options)) {
    options_.size = std::clamp(options_.size, 1u, kSizeMax);
    options_.queue = std::clamp(options_.queue, 1u, kQueueMax);
    options_.attempts = std::max(options_.attempts, 1u);
  }

  // In the actor's start.
  void start(Context& context) { fill(context); }

  // What is no message of the actor's own is a job. The handler returns what this returns.
  Outcome submit(Context& context, const Message& message) {
    if (auto outcome = relay_.settle(context, message)) return *outcome;
    if (waiting_.size() >= options_.queue && !make_room(context)) {
      context.reject("the pool's queue holds " + std::to_string(options_.queue) + " jobs");
      return Done{};
    }
    const auto job = std::make_shared<Job>(Job{
        message.id(), std::string(message.type()), std::string(message.payload()),
        std::string(message.content_type()), std::string(message.key()), message.deadline_ms(), 0});
    context.on_failure([this, job] { std::erase(waiting_, job); });
    waiting_.push_back(job);
    next(context);
    return Defer{};
  }

  // More workers at once; fewer as they become free.
  void resize(Context& context, uint32_t size) {
    options_.size = std::clamp(size, 1u, kSizeMax);
    shrink(context);
    fill(context);
    next(context);
  }
  // A worker has ended. It is replaced after a delay that grows while none of them does anything.
  void terminated(Context& context, Ref who) {
    const auto found = std::find_if(workers_.begin(), workers_.end(),
                                    [&](const auto& one) { return one.second.actor == who; });
    if (found == workers_.end()) return;
    lose(found);
    context.set_timer(kHeal, delay_);
    delay_ = std::min(delay_ * 2, kDelayMax);
  }
  void heal(Context& context) {
    fill(context);
    next(context);
  }

  Counts counts() const {
    return {workers_.size(), in_hand_.size(), waiting_.size(), done_, failed_};
  }

 private:
  struct Job {
    uint64_t id = 0;  // of the message
    std::string type, payload, content_type, key;
    uint64_t deadline_ms = 0;
    uint32_t attempts = 0;
  };
  using JobPtr = std::shared_ptr<Job>;
  struct Worker {
    Ref actor;
    uint64_t job = 0;  // 0: it is free
  };
  using Workers = std::map<std::string, Worker>;  // by place: "w1", "w2", ...
  using Milliseconds = std::chrono::milliseconds;
  static constexpr Milliseconds kDelayMin{1'000}, kDelayMax{60'000};

  // ---- workers ----
  // A place has one name for keys; who comes later in it has another path, as the old one may not have
  // left yet.
  void fill(Context& context) {
    for (uint32_t i = 1; i <= options_.size && workers_.size() < options_.size; ++i) {
      const std::string place = "w" + std::to_string(i);
      if (workers_.contains(place)) continue;
      const uint32_t life = ++lives_[place];
      const std::string name = life == 1 ? place : place + "-" + std::to_string(life);
      const Ref actor = context.spawn(name, options_.kind, options_.settings);
      context.watch(actor);
      workers_[place] = {actor, 0};
      places_.add(actor, place);
    }
  }
  void shrink(Context& context) {
    for (auto worker = workers_.begin();
         worker != workers_.end() && workers_.size() > options_.size;) {
      const auto here = worker++;
      if (here->second.job != 0) continue;
      context.unwatch(here->second.actor);
      context.stop(here->second.actor);
      lose(here);
    }
  }
  void lose(Workers::iterator worker) {
    places_.remove(worker->second.actor);
    workers_.erase(worker);
  }
  // It took too long: whatever it does now, nobody waits for it.
  void replace(Context& context, const std::string& place, Ref actor) {
    const auto worker = workers_.find(place);
    if (worker == workers_.end() || worker->second.actor != actor) return;
    context.log_warn("worker " + place + " did not answer in time; it is stopped and replaced");
    context.unwatch(actor);
    context.stop(actor);
    lose(worker);
    fill(context);
  }

  // ---- jobs ----
  bool make_room(Context& context) {
    if (!options_.drop_oldest || waiting_.empty()) return false;
    ++failed_;
    context.reject_stashed(waiting_.front()->id,
                           "dropped for a newer job: the pool's queue is full");
    waiting_.pop_front();
    return true;
  }
  // Hands out what can be done now: the oldest first, no two of one key at a time.
  void next(Context& context) {
    std::set<std::string_view> passed;  // an older job of this key waits
    for (auto at = waiting_.begin(); at != waiting_.end() && in_hand_.size() < workers_.size();) {
      const JobPtr job = *at;
      if (job->deadline_ms != 0 && context.now_ms() >= job->deadline_ms) {
        context.unstash(job->id);  // the host makes a dead letter of it: expired
        at = waiting_.erase(at);
        continue;
      }
      const std::string& key = job->key;
      const bool ready = key.empty() || (!passed.contains(key) && !keys_.contains(key));
      const auto worker = ready ? free_worker(key) : workers_.end();
      if (worker == workers_.end()) {
        if (!key.empty()) passed.insert(key);
        ++at;
        continue;
      }
      at = waiting_.erase(at);
      give(context, worker->first, worker->second, job);
    }
  }
  Workers::iterator free_worker(const std::string& key) {
    if (options_.by_key && !key.empty()) {
      const Routees::Entry* const owner = places_.empty() ? nullptr : places_.owner_of(key);
      const auto worker = owner == nullptr ? workers_.end() : workers_.find(owner->name);
      return worker == workers_.end() || worker->second.job != 0 ? workers_.end() : worker;
    }
    return std::find_if(workers_.begin(), workers_.end(),
                        [](const auto& one) { return one.second.job == 0; });
  }
  void give(Context& context, const std::string& place, Worker& worker, const JobPtr& job) {
    context.on_failure([this, job] {
      --job->attempts;
      release(*job);
      waiting_.push_front(job);
    });
    ++job->attempts;
    worker.job = job->id;
    if (!job->key.empty()) keys_.insert(job->key);
    in_hand_.emplace(job->id, job);
    // For as long as a worker may take, whatever the requester's own deadline: until then it is not free.
    relay_.ask_again(
        context, job->id, worker.actor, job->type, job->payload, options_.job_timeout,
        [this, job, place, actor = worker.actor](Context& later, const Answer& answer) {
          return answered(later, job, place, actor, answer);
        },
        {.content_type = job->content_type, .key = job->key});
  }
  // Out of hand, and its worker is free.
  void release(const Job& job) {
    in_hand_.erase(job.id);
    keys_.erase(job.key);
    for (auto& [place, worker] : workers_) {
      if (worker.job == job.id) worker.job = 0;
    }
  }
  // Whether the job is settled with this answer.
  bool answered(Context& context, const JobPtr& job, const std::string& place, Ref actor,
                const Answer& answer) {
    // One that never began its life has not tried.
    if (!answer.ok() && answer.reason() == ACTORD_DEAD_STALE_INCARNATION) --job->attempts;
    const bool again = !answer.ok() && job->attempts < options_.attempts;
    context.on_failure([this, job] { waiting_.push_front(job); });
    release(*job);
    if (!answer.ok() && answer.reason() == ACTORD_E_TIMEOUT) replace(context, place, actor);
    if (again) {
      waiting_.push_front(job);  // ahead of all that came after it
    } else {
      ++(answer.ok() ? done_ : failed_);
    }
    if (answer.ok()) delay_ = kDelayMin;
    shrink(context);
    next(context);
    return !again;
  }

  PoolOptions options_;
  Relay relay_;
  Workers workers_;
  Routees places_{Strategy::kConsistentHash};
  std::map<std::string, uint32_t> lives_;  // of each place so far
  std::deque<JobPtr> waiting_;
  std::map<uint64_t, JobPtr> in_hand_;
  std::set<std::string, std::less<>> keys_;  // in hand
  Milliseconds delay_ = kDelayMin;
  uint64_t done_ = 0, failed_ = 0;
};

}  // namespace actord
