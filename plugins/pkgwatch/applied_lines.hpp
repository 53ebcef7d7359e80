// AppliedLines: which lines of one source a worker has. Everything up to the floor is settled at the
// source and never wanted again; above it the numbers are kept one by one, because a worker gets only
// some of them and may get them out of order after a retry. The source's window bounds how many.
#pragma once

#include <cstdint>
#include <set>

#include "actord/json.hpp"

namespace pkgwatch {

class AppliedLines {
 public:
  bool has(uint64_t seq) const { return seq <= floor_ || above_.contains(seq); }
  void add(uint64_t seq, uint64_t settled) {
    above_.insert(seq);
    if (settled <= floor_) return;
    floor_ = settled;
    above_.erase(above_.begin(), above_.upper_bound(floor_));
  }
  uint64_t high() const { return above_.empty() ? floor_ : *above_.rbegin(); }

  friend void to_json(actord::Json& json, const AppliedLines& lines) {
    json = {{"floor", lines.floor_}, {"above", lines.above_}};
  }
  friend void from_json(const actord::Json& json, AppliedLines& lines) {
    json.at("floor").get_to(lines.floor_);
    json.at("above").get_to(lines.above_);
  }

 private:
  uint64_t floor_ = 0;
  std::set<uint64_t> above_;
};

}  // namespace pkgwatch
