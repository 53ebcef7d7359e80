// pkgwatch.Router: owns a pool of workers and gives each package to one of them, always the same.
//
// The worker of a key is a stable hash modulo the size of the pool, and the workers' identities in
// the store contain that size: changing it starts new, empty state instead of mixing two layouts.
//
// Questions about all packages are gathered from all workers without waiting: the question is put
// off (Defer), the workers are asked, and when all have answered the question comes back and finds
// the answer. A question is only ever answered by a gathering that began after it arrived, so what
// was acknowledged before it was asked is in it.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "actord/actord.hpp"
#include "actord/settings.hpp"
#include "counts.hpp"
#include "line.hpp"

namespace pkgwatch {

struct RouterSettings {
  uint32_t workers = 4;
  std::chrono::milliseconds timeout{3'000};
  static auto fields() {
    return actord::settings(actord::setting("workers", &RouterSettings::workers).min(1).max(64),
                            actord::setting("timeout", &RouterSettings::timeout).min(1));
  }
};

class Router {
 public:
  explicit Router(const actord::Setup& setup)
      : settings_(actord::settings_of<RouterSettings>(setup)), workers_(settings_.workers) {}

  static constexpr auto handlers() {
    return actord::table(
        actord::on(kRecordType, &Router::route), actord::on(kUnparsedType, &Router::route),
        actord::on(kPackageType, &Router::package), actord::on(kSummaryType, &Router::summary),
        actord::on_timer("respawn", &Router::respawn));
  }

  void start(actord::Context& context);
  void terminated(actord::Context& context, actord::Ref who, int32_t reason);
  void shutdown_soon(actord::Context&) { draining_ = true; }

 private:
  actord::Outcome route(actord::Context& context, const actord::Message& message);
  actord::Outcome package(actord::Context& context, const actord::Json& question,
                          const actord::Message& message);
  actord::Outcome pass_on(actord::Context& context, std::string_view key);
  actord::Outcome summary(actord::Context& context, const actord::Message& message);
  void respawn(actord::Context& context);
  void spawn(actord::Context& context, std::size_t index);

  void gather(actord::Context& context);
  void gathered(actord::Context& context, std::size_t index, const actord::Answer& answer);
  void finish_gathering(actord::Context& context);

  const RouterSettings settings_;
  std::vector<actord::Ref> workers_;  // nobody: it ended and is not back yet
  bool draining_ = false;

  uint64_t started_ = 0;   // gatherings
  uint64_t finished_ = 0;  // == started_: none is running
  std::size_t missing_ = 0;
  Counts sum_;
  std::string problem_;  // of the gathering; empty: all answered
  std::unordered_map<uint64_t, uint64_t>
      needs_;  // question -> the first gathering that may answer it
};

}  // namespace pkgwatch
