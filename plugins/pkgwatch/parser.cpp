#include "parser.hpp"

namespace pkgwatch {
namespace {

using actord::Json, actord::Result;

struct TailLine {
  Origin origin;
  std::string text;
};

void from_json(const Json& json, TailLine& line) {
  json.at("line").get_to(line.text);
  json.at("seq").get_to(line.origin.seq);
  line.origin.source = json.contains("source") ? json.at("source").get<std::string>()
                                               : json.at("path").get<std::string>();
  line.origin.settled = json.value("settled", uint64_t{0});
  line.origin.ack = json.value("ack", false);
}
void to_json(Json& json, const TailLine& line) {
  json = {{"line", line.text}, {"seq", line.origin.seq}};
}

std::string key_of(const Record& record) {
  return std::string(record.package.empty() ? name_of(record.action)
                                            : package_name(record.package));
}

}  // namespace

void Parser::line(actord::Context& context, const actord::Message& message) {
  Result<TailLine> read = message.as<TailLine>();
  if (!read) return context.reject(read.error().text);
  if (!read->origin.valid()) {
    return context.reject("no io.Line: settled (" + std::to_string(read->origin.settled) +
                          ") has to be below seq (" + std::to_string(read->origin.seq) + ")");
  }
  RoutedLine routed;
  routed.origin = std::move(read->origin);
  routed.origin.ack = routed.origin.ack && message.reply_to();
  Result<Record> record = parse_record(read->text);
  if (record) {
    routed.record = std::move(*record);
  } else {
    routed.text = std::move(read->text);
    routed.why = record.error().text;
  }
  const std::string key = key_of(routed.record);
  context.send(settings_.router, record ? kRecordType : kUnparsedType, actord::to_text(routed),
               {.key = std::string_view(key).substr(0, 255), .reply_to = message.reply_to()});
}

}  // namespace pkgwatch
