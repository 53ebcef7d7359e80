// Structured log lines: an event name, a sentence, and fields.
//
// Sinks (spdlog): "pretty" for people, "json" for machines; "auto" picks pretty on a terminal. Lines
// go to standard error. Any thread.
#pragma once

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>

namespace actord::host::log {

enum class Level { kTrace, kDebug, kInfo, kWarn, kError, kOff };
enum class Format { kAuto, kPretty, kJson };

struct Field {
  Field(std::string_view k, std::string_view v) : key(k), value(v) {}
  Field(std::string_view k, const char* v) : key(k), value(v) {}
  Field(std::string_view k, std::string v) : key(k), value(std::move(v)) {}
  template <std::integral T>
  Field(std::string_view k, T v) : key(k), value(std::to_string(v)), bare(true) {}
  Field(std::string_view k, bool v) : key(k), value(v ? "true" : "false"), bare(true) {}

  std::string_view key;
  std::string value;
  bool bare = false;  // a number or boolean: no quotes
};
using Fields = std::initializer_list<Field>;

void configure(Level level, Format format);  // once, before threads start; again on reload
void set_level(Level level);
bool enabled(Level level);
void write(Level level, std::string_view event, std::string_view text, Fields fields = {});

inline void debug(std::string_view event, std::string_view text, Fields fields = {}) {
  write(Level::kDebug, event, text, fields);
}
inline void info(std::string_view event, std::string_view text, Fields fields = {}) {
  write(Level::kInfo, event, text, fields);
}
inline void warn(std::string_view event, std::string_view text, Fields fields = {}) {
  write(Level::kWarn, event, text, fields);
}
inline void error(std::string_view event, std::string_view text, Fields fields = {}) {
  write(Level::kError, event, text, fields);
}

}  // namespace actord::host::log
