// Counts: what a worker has counted, and what the sum of all workers is.
#pragma once

#include <array>
#include <cstdint>
#include <numeric>
#include <string>

#include "actord/json.hpp"
#include "record.hpp"

namespace pkgwatch {

struct Counts {
  std::array<uint64_t, kActionNames.size()> by_action{};
  uint64_t packages = 0;       // distinct PKG:ARCH seen
  uint64_t installed_now = 0;  // of them, those whose last status record says `installed`

  uint64_t lines() const {
    return std::accumulate(by_action.begin(), by_action.end(), uint64_t{0});
  }

  Counts& operator+=(const Counts& other) {
    for (std::size_t i = 0; i < by_action.size(); ++i) by_action[i] += other.by_action[i];
    packages += other.packages;
    installed_now += other.installed_now;
    return *this;
  }
};

inline void to_json(actord::Json& json, const Counts& counts) {
  json = {{"lines", counts.lines()},
          {"packages", counts.packages},
          {"installed_now", counts.installed_now}};
  for (std::size_t i = 0; i < kActionNames.size(); ++i)
    json[std::string(kActionNames[i])] = counts.by_action[i];
}
inline void from_json(const actord::Json& json, Counts& counts) {
  json.at("packages").get_to(counts.packages);
  json.at("installed_now").get_to(counts.installed_now);
  for (std::size_t i = 0; i < kActionNames.size(); ++i) {
    json.at(std::string(kActionNames[i])).get_to(counts.by_action[i]);
  }
}

}  // namespace pkgwatch
