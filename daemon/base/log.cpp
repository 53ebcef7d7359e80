#include "base/log.hpp"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

namespace actord::host::log {
namespace {

struct State {
  std::shared_ptr<spdlog::logger> logger = spdlog::stderr_color_mt("actord");
  bool json = false;
};

State& state() {
  static State instance;
  return instance;
}

spdlog::level::level_enum spd_level(Level level) {
  switch (level) {
    case Level::kTrace: return spdlog::level::trace;
    case Level::kDebug: return spdlog::level::debug;
    case Level::kInfo: return spdlog::level::info;
    case Level::kWarn: return spdlog::level::warn;
    case Level::kError: return spdlog::level::err;
    case Level::kOff: return spdlog::level::off;
  }
  return spdlog::level::info;
}

constexpr const char* kLevelNames[] = {"trace", "debug", "info", "warn", "error", "off"};

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

bool needs_quotes(std::string_view value) {
  if (value.empty()) return true;
  for (const char c : value) {
    if (std::isspace(static_cast<unsigned char>(c)) != 0 || c == '"' || c == '=' || is_control(c)) {
      return true;
    }
  }
  return false;
}

// JSON's quoting; bytes that are no UTF-8 become replacement characters, so a line stays a line.
std::string json_quoted(std::string_view value) {
  return nlohmann::json(value).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string json_line(Level level, std::string_view event, std::string_view text, Fields fields) {
  std::string line = "\"level\":\"";
  line += kLevelNames[static_cast<int>(level)];
  line += "\",\"event\":" + json_quoted(event) + ",\"message\":" + json_quoted(text);
  for (const Field& field : fields) {
    line +=
        "," + json_quoted(field.key) + ":" + (field.bare ? field.value : json_quoted(field.value));
  }
  return line;
}

// A text stays what it says, and stays on its line: it may hold what a message brought along.
std::string one_line(std::string_view text) {
  if (std::none_of(text.begin(), text.end(), is_control)) return std::string(text);
  const std::string quoted = json_quoted(text);
  return quoted.substr(1, quoted.size() - 2);
}

std::string pretty_line(std::string_view event, std::string_view text, Fields fields) {
  std::string line = one_line(text);
  for (const Field& field : fields) {
    line += "  ";
    line += field.key;
    line += '=';
    line += needs_quotes(field.value) ? json_quoted(field.value) : field.value;
  }
  line += "  [";
  line += event;
  line += ']';
  return line;
}

}  // namespace

void configure(Level level, Format format) {
  State& s = state();
  s.json = format == Format::kJson || (format == Format::kAuto && ::isatty(2) == 0);
  s.logger->set_level(spd_level(level));
  s.logger->flush_on(spdlog::level::trace);
  if (s.json) {
    s.logger->set_pattern("{\"ts\":\"%Y-%m-%dT%H:%M:%S.%e%z\",%v}");
  } else {
    s.logger->set_pattern("%H:%M:%S.%e %^%-5l%$ %v");
  }
}

void set_level(Level level) { state().logger->set_level(spd_level(level)); }

bool enabled(Level level) { return state().logger->should_log(spd_level(level)); }

void write(Level level, std::string_view event, std::string_view text, Fields fields) {
  State& s = state();
  if (!s.logger->should_log(spd_level(level))) return;
  s.logger->log(spd_level(level), "{}",
                s.json ? json_line(level, event, text, fields) : pretty_line(event, text, fields));
}

}  // namespace actord::host::log
