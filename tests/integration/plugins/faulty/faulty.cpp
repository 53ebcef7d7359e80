// A plugin that misbehaves on request. Written against the C ABI alone, so that what it throws really
// crosses the border.
//
//   Echo     echo: answers with the payload · version: {"version"} · tick: counts · count: {"count"}
//            never: handled, but no answer
//   Thrower  io.Line: throws when the line contains POISON, counts otherwise · boom: throws
//            poison, fail: answers FAIL_POISON, FAIL_TRANSIENT · count: {"count"}
//   Slow     work: takes settings.ms, then appends the message's number to settings.file
//   Pump     sends settings.burst ticks to settings.to every settings.every_ms
#include <actord/abi.h>
#include <actord/ext/timers.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#include "../marker.h"

#ifndef FAULTY_ID
#define FAULTY_ID "faulty"
#endif
#ifndef FAULTY_VERSION
#define FAULTY_VERSION "1"
#endif

ACTORD_MANIFEST(
    "{\"id\":\"" FAULTY_ID "\",\"version\":\"" FAULTY_VERSION
    ".0.0\",\"doc\":\"Misbehaves on request.\",\"kinds\":["
    "{\"name\":\"Echo\",\"doc\":\"Answers.\",\"settings\":{"
    "\"limit\":{\"type\":\"integer\",\"min\":1,\"max\":500,\"default\":10,\"doc\":\"Unused.\"}}},"
    "{\"name\":\"Thrower\",\"doc\":\"Throws.\",\"settings\":{"
    "\"fail_start\":{\"type\":\"boolean\",\"default\":false,\"doc\":\"Fail to start.\"}}},"
    "{\"name\":\"Slow\",\"doc\":\"Takes its time.\",\"settings\":{"
    "\"ms\":{\"type\":\"integer\",\"required\":true,\"min\":0,\"max\":60000,\"doc\":\"Time a "
    "message takes.\"},"
    "\"file\":{\"type\":\"string\",\"required\":true,\"doc\":\"Where handled numbers go.\"}}},"
    "{\"name\":\"Pump\",\"doc\":\"Sends.\",\"settings\":{"
    "\"to\":{\"type\":\"string\",\"required\":true,\"doc\":\"Target path.\"},"
    "\"every_ms\":{\"type\":\"integer\",\"default\":10,\"min\":1,\"max\":60000,\"doc\":\"Period.\"}"
    ","
    "\"burst\":{\"type\":\"integer\",\"default\":10,\"min\":1,\"max\":1000,\"doc\":\"Messages a "
    "period.\"}}}"
    "]}");

namespace {

using nlohmann::json;

std::string_view text(actord_view view) { return {view.data, view.size}; }
actord_view view(std::string_view text) { return {text.data(), text.size()}; }

struct Actor {
  Actor(const actord_create_args& args)
      : host(args.host),
        settings(json::parse(text(args.settings).empty() ? "{}" : text(args.settings))) {}
  virtual ~Actor() = default;
  virtual actord_status start(actord_turn*) { return ACTORD_OK; }
  virtual actord_status receive(actord_turn* turn, const actord_message& message) = 0;

  actord_status reply(actord_turn* turn, std::string_view type, const std::string& payload) const {
    actord_send send = {};
    send.struct_size = sizeof send;
    send.type = view(type);
    send.payload = view(payload);
    const actord_status status = host->reply(turn, &send);
    return status == ACTORD_E_NOT_FOUND ? ACTORD_OK : status;  // nobody wanted one
  }
  actord_status fail(actord_turn* turn, actord_status status, std::string_view why) const {
    host->set_error(turn, view(why));
    return status;
  }

  const actord_host_api* host;
  json settings;
  uint64_t count = 0;
};

struct Echo final : Actor {
  using Actor::Actor;
  actord_status receive(actord_turn* turn, const actord_message& message) override {
    const std::string_view type = text(message.type);
    if (type == "tick") return ++count, ACTORD_OK;
    if (type == "echo") return reply(turn, "echoed", std::string(text(message.payload)));
    if (type == "version") return reply(turn, "version", json{{"version", FAULTY_VERSION}}.dump());
    if (type == "count") return reply(turn, "count", json{{"count", count}}.dump());
    return type == "never" ? ACTORD_OK : ACTORD_UNHANDLED;
  }
};

struct Thrower final : Actor {
  using Actor::Actor;
  actord_status start(actord_turn* turn) override {
    if (settings.value("fail_start", false))
      return fail(turn, ACTORD_FAIL_CONFIG, "told to fail at start");
    return ACTORD_OK;
  }
  actord_status receive(actord_turn* turn, const actord_message& message) override {
    const std::string_view type = text(message.type);
    if (type == "boom") throw std::runtime_error("boom on request");
    if (type == "poison") return fail(turn, ACTORD_FAIL_POISON, "poison on request");
    if (type == "fail") return fail(turn, ACTORD_FAIL_TRANSIENT, "failure on request");
    if (type == "count") return reply(turn, "count", json{{"count", count}}.dump());
    if (type != "io.Line") return ACTORD_UNHANDLED;
    if (text(message.payload).find("POISON") != std::string_view::npos) {
      throw std::runtime_error("a POISON line");
    }
    ++count;
    return ACTORD_OK;
  }
};

struct Slow final : Actor {
  using Actor::Actor;
  actord_status receive(actord_turn*, const actord_message& message) override {
    if (text(message.type) != "work") return ACTORD_UNHANDLED;
    std::this_thread::sleep_for(std::chrono::milliseconds(settings.at("ms").get<int>()));
    const json work = json::parse(text(message.payload));
    const std::unique_ptr<FILE, int (*)(FILE*)> file(
        std::fopen(settings.at("file").get<std::string>().c_str(), "a"), &std::fclose);
    if (file == nullptr) return ACTORD_FAIL_PERMANENT;
    std::fprintf(file.get(), "%d\n", work.value("n", -1));
    return ACTORD_OK;
  }
};

struct Pump final : Actor {
  using Actor::Actor;
  actord_status start(actord_turn* turn) override {
    const auto* timers =
        static_cast<const actord_timers_api*>(host->get_extension(host->host, ACTORD_EXT_TIMERS));
    if (timers == nullptr) return fail(turn, ACTORD_FAIL_CONFIG, "needs actord.timers/1");
    const auto every = settings.value("every_ms", uint64_t{10});
    return timers->set(turn, view("pump"), every, every, view(""));
  }
  actord_status receive(actord_turn* turn, const actord_message& message) override {
    if (message.kind != ACTORD_MSG_TIMER) return ACTORD_UNHANDLED;
    const auto to = settings.at("to").get<std::string>();
    for (int i = 0; i < settings.value("burst", 10); ++i) {
      actord_send send = {};
      send.struct_size = sizeof send;
      send.to_path = view(to);
      send.type = view("tick");
      if (const actord_status status = host->send(turn, &send); status != ACTORD_OK) return status;
    }
    return ACTORD_OK;
  }
};

template <class T>
constexpr actord_kind kind(std::string_view name) {
  actord_kind kind = {};
  kind.struct_size = sizeof kind;
  kind.name = {name.data(), name.size()};
  kind.create = [](const actord_create_args* args, void** self) -> actord_status {
    *self = static_cast<Actor*>(new T(*args));
    return ACTORD_OK;
  };
  kind.start = [](void* self, actord_turn* turn) { return static_cast<Actor*>(self)->start(turn); };
  kind.receive = [](void* self, actord_turn* turn, const actord_message* message) {
    return static_cast<Actor*>(self)->receive(turn, *message);
  };
  kind.stop = [](void*, actord_turn*, int32_t) {};
  kind.destroy = [](void* self) { delete static_cast<Actor*>(self); };
  return kind;
}

const actord_kind kKinds[] = {kind<Echo>("Echo"), kind<Thrower>("Thrower"), kind<Slow>("Slow"),
                              kind<Pump>("Pump")};

const actord_plugin kPlugin = {
    sizeof(actord_plugin),
    ACTORD_ABI_MAJOR,
    ACTORD_ABI_MINOR,
    0,
    view(FAULTY_ID),
    view(FAULTY_VERSION ".0.0"),
    nullptr,
    std::size(kKinds),
    sizeof(actord_kind),
    kKinds,
};

}  // namespace

extern "C" ACTORD_EXPORT const actord_plugin* actord_plugin_entry_v1(void) { return &kPlugin; }
