// pkgwatch.Worker: the state of those packages whose name hashes to it. Persistent.
//
// One line, one event: the event changes the counts, the package and the memory of applied lines
// together, and the acknowledgement leaves only when it is durable. A line the worker has already is
// acknowledged again and changes nothing. So every line counts exactly once, however often it comes.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "actord/actord.hpp"
#include "applied_lines.hpp"
#include "counts.hpp"
#include "line.hpp"

namespace pkgwatch {

// Which line of which source said it. A line that was lost on its way and sent again comes behind
// newer ones of its source; it counts like any other, but what a newer one said stands.
struct SaidBy {
  std::string source;
  uint64_t seq = 0;
  bool is_newer_than(const Origin& origin) const {
    return source == origin.source && seq > origin.seq;
  }
};

struct PackageState {
  std::string status;       // of its last status record
  std::string version;      // beside it; "<none>" when nothing is installed
  std::string last_action;  // of its last record that is no status
  std::string last_time;    // of its last record
  uint64_t records = 0;
  SaidBy status_by, action_by;
};

class Worker {
 public:
  static constexpr uint32_t kStateVersion = 2;

  static constexpr auto handlers() {
    return actord::table(
        actord::on(kRecordType, &Worker::line), actord::on(kUnparsedType, &Worker::line),
        actord::on(kCountsType, &Worker::count), actord::on(kPackageType, &Worker::package));
  }

  actord::Result<void> apply(const actord::Event& event);
  std::string save() const;
  actord::Result<void> load(uint32_t version, std::string_view body);

 private:
  void line(actord::Context& context, const RoutedLine& line, const actord::Message& message);
  void count(actord::Context& context);
  void package(actord::Context& context, const actord::Json& question);
  void change(const Origin& origin, const Record& record);

  std::map<std::string, AppliedLines> sources_;
  std::map<std::string, PackageState> packages_;
  Counts counts_;
};

}  // namespace pkgwatch
