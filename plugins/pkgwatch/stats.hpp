// pkgwatch.Stats: the door for questions. It passes them to the router, whose answer goes straight to
// who asked.
#pragma once

#include "actord/actord.hpp"
#include "parser.hpp"

namespace pkgwatch {

class Stats {
 public:
  explicit Stats(const actord::Setup& setup) : settings_(actord::settings_of<RouterPath>(setup)) {}

  static constexpr auto handlers() {
    return actord::table(actord::on(kSummaryType, &Stats::pass_on),
                         actord::on(kPackageType, &Stats::pass_on));
  }

 private:
  void pass_on(actord::Context& context) { context.forward(settings_.router); }

  const RouterPath settings_;
};

}  // namespace pkgwatch
