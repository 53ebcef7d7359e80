// The messages of the pipeline. Each line keeps, from the tail to the worker that counts it, who read
// it (source), its number there (seq) and up to where that reader is settled (settled), so that the
// worker can tell a line it has from one it lacks.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "actord/json.hpp"
#include "record.hpp"

namespace pkgwatch {

struct Origin {
  std::string source;  // the tail and the life of its numbering
  uint64_t seq = 0;
  uint64_t settled = 0;
  bool ack = false;  // io.Ack is wanted
  // A line that claims to be settled itself would make those that follow it look like old ones.
  bool valid() const { return settled < seq; }
};

// Worker's input: a record, or (type pkgwatch.Unparsed) a line that is none.
struct RoutedLine {
  Origin origin;
  Record record;
  std::string text;  // of an unparsed line
  std::string why;   // it is none
};

inline constexpr std::string_view kRecordType = "pkgwatch.Record";
inline constexpr std::string_view kUnparsedType = "pkgwatch.Unparsed";
inline constexpr std::string_view kSummaryType = "pkgwatch.Summary";
inline constexpr std::string_view kCountsType = "pkgwatch.Counts";
inline constexpr std::string_view kPackageType = "pkgwatch.Package";
inline constexpr std::string_view kUnavailableType = "pkgwatch.Unavailable";

inline void to_json(actord::Json& json, const RoutedLine& line) {
  const Record& record = line.record;
  json = {{"source", line.origin.source},
          {"seq", line.origin.seq},
          {"settled", line.origin.settled},
          {"ack", line.origin.ack},
          {"action", name_of(record.action)}};
  const auto put = [&](const char* key, const std::string& value) {
    if (!value.empty()) json[key] = value;
  };
  put("time", record.time);
  put("package", record.package);
  put("state", record.state);
  put("version", record.version);
  put("available", record.available);
  put("subject", record.subject);
  put("line", line.text);
  put("why", line.why);
}

inline void from_json(const actord::Json& json, RoutedLine& line) {
  json.at("source").get_to(line.origin.source);
  json.at("seq").get_to(line.origin.seq);
  json.at("settled").get_to(line.origin.settled);
  json.at("ack").get_to(line.origin.ack);
  const auto action = action_named(json.at("action").get<std::string>());
  line.record.action = action.value_or(Action::kUnparsed);
  line.record.time = json.value("time", "");
  line.record.package = json.value("package", "");
  line.record.state = json.value("state", "");
  line.record.version = json.value("version", "");
  line.record.available = json.value("available", "");
  line.record.subject = json.value("subject", "");
  line.text = json.value("line", "");
  line.why = json.value("why", "");
}

}  // namespace pkgwatch
