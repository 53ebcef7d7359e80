// pkgwatch.Parser: io.Line in, a typed record to the router, reply target kept. No state.
//
// A line that is no record goes the same way: the worker that owns its key counts it and makes it a
// dead letter, both in one commit, so that it is neither missed nor doubled.
#pragma once

#include <string>

#include "actord/actord.hpp"
#include "actord/settings.hpp"
#include "line.hpp"

namespace pkgwatch {

struct RouterPath {
  std::string router;
  static auto fields() {
    return actord::settings(actord::setting("router", &RouterPath::router).required().min(2));
  }
};

class Parser {
 public:
  explicit Parser(const actord::Setup& setup) : settings_(actord::settings_of<RouterPath>(setup)) {}

  static constexpr auto handlers() { return actord::table(actord::on("io.Line", &Parser::line)); }

 private:
  void line(actord::Context& context, const actord::Message& message);

  const RouterPath settings_;
};

}  // namespace pkgwatch
