// The extensions of the host table: ask, timers, spawn, stash, registry, topics, files, persist, inlet.
#include "actord/ext/ask.h"
#include "actord/ext/files.h"
#include "actord/ext/inlet.h"
#include "actord/ext/mailbox.h"
#include "actord/ext/persist.h"
#include "actord/ext/registry.h"
#include "actord/ext/spawn.h"
#include "actord/ext/stash.h"
#include "actord/ext/timers.h"
#include "actord/ext/topics.h"
#include "core/tag.hpp"
#include "host/host_api.hpp"
#include "host/inlet.hpp"
#include "host/snapshot_collector.hpp"
#include "host/turn_argument.hpp"

namespace actord::host {
namespace {

actord_status ask(actord_turn* turn, const actord_send* message, uint64_t timeout_ms,
                  uint64_t* out_ask) noexcept {
  TurnContext* context = turn_argument(turn, "ask");
  if (context == nullptr) return ACTORD_E_WRONG_PHASE;
  if (out_ask == nullptr) return ACTORD_E_INVALID;
  actord_status status = ACTORD_OK;
  const auto request = send_argument(message, status);
  if (!request) return status;
  uint64_t number = 0;
  status = context->ask(*request, timeout_ms, &number);
  if (status == ACTORD_OK) *out_ask = number;
  return status;
}

void ask_cancel(actord_turn* turn, uint64_t number) noexcept {
  TurnContext* context = turn_argument(turn, "ask cancel");
  if (context != nullptr) context->cancel_ask(number);
}

actord_status timer_set(actord_turn* turn, actord_view key, uint64_t delay_ms, uint64_t period_ms,
                        actord_view payload) noexcept {
  TurnContext* context = turn_argument(turn, "timer set");
  if (context == nullptr) return ACTORD_E_WRONG_PHASE;
  if (!readable(key)) return ACTORD_E_INVALID;
  actord_status status = ACTORD_OK;
  auto bytes = payload_argument(payload, status);
  return bytes ? context->set_timer(from_abi(key), delay_ms, period_ms, std::move(*bytes)) : status;
}

void timer_cancel(actord_turn* turn, actord_view key) noexcept {
  TurnContext* context = turn_argument(turn, "timer cancel");
  if (context != nullptr && readable(key)) context->cancel_timer(from_abi(key));
}

actord_status spawn(actord_turn* turn, actord_view name, actord_view kind, actord_view settings,
                    actord_view persistence_id, actord_ref* out) noexcept {
  TurnContext* context = turn_argument(turn, "spawn");
  if (context == nullptr) return ACTORD_E_WRONG_PHASE;
  for (const actord_view view : {name, kind, settings, persistence_id}) {
    if (!readable(view)) return ACTORD_E_INVALID;
  }
  if (out == nullptr) return ACTORD_E_INVALID;
  ActorRef child;
  const actord_status status = context->spawn(from_abi(name), from_abi(kind), from_abi(settings),
                                              from_abi(persistence_id), &child);
  if (status == ACTORD_OK) *out = to_abi(child);
  return status;
}

actord_status stop(actord_turn* turn, actord_ref child) noexcept {
  TurnContext* context = turn_argument(turn, "stop");
  return context == nullptr ? ACTORD_E_WRONG_PHASE : context->stop(from_abi(child));
}

actord_status watch(actord_turn* turn, actord_ref other) noexcept {
  TurnContext* context = turn_argument(turn, "watch");
  return context == nullptr ? ACTORD_E_WRONG_PHASE : context->watch(from_abi(other));
}

void unwatch(actord_turn* turn, actord_ref other) noexcept {
  TurnContext* context = turn_argument(turn, "unwatch");
  if (context != nullptr) context->unwatch(from_abi(other));
}

actord_status watch_with(actord_turn* turn, actord_ref other, const actord_send* message) noexcept {
  TurnContext* context = turn_argument(turn, "watch");
  if (context == nullptr) return ACTORD_E_WRONG_PHASE;
  actord_status status = ACTORD_OK;
  const auto request = send_argument(message, status);
  return request ? context->watch_with(from_abi(other), *request) : status;
}

actord_status suspend(actord_turn* turn, actord_ref actor) noexcept {
  TurnContext* context = turn_argument(turn, "suspend");
  return context == nullptr ? ACTORD_E_WRONG_PHASE : context->suspend(from_abi(actor), true);
}

actord_status resume(actord_turn* turn, actord_ref actor) noexcept {
  TurnContext* context = turn_argument(turn, "resume");
  return context == nullptr ? ACTORD_E_WRONG_PHASE : context->suspend(from_abi(actor), false);
}

actord_status link(actord_turn* turn, actord_ref other) noexcept {
  TurnContext* context = turn_argument(turn, "link");
  return context == nullptr ? ACTORD_E_WRONG_PHASE : context->link(from_abi(other));
}

void unlink(actord_turn* turn, actord_ref other) noexcept {
  TurnContext* context = turn_argument(turn, "unlink");
  if (context != nullptr) context->unlink(from_abi(other));
}

actord_status unstash(actord_turn* turn, uint64_t message_id) noexcept {
  TurnContext* context = turn_argument(turn, "unstash");
  return context == nullptr ? ACTORD_E_WRONG_PHASE : context->unstash(message_id);
}

actord_status forward_stashed(actord_turn* turn, uint64_t message_id, actord_ref to,
                              actord_view to_path) noexcept {
  TurnContext* context = turn_argument(turn, "stash forward");
  if (context == nullptr) return ACTORD_E_WRONG_PHASE;
  if (!readable(to_path)) return ACTORD_E_INVALID;
  return context->forward_stashed(message_id, from_abi(to), from_abi(to_path));
}

actord_status reject_stashed(actord_turn* turn, uint64_t message_id, actord_view text) noexcept {
  TurnContext* context = turn_argument(turn, "stash reject");
  if (context == nullptr) return ACTORD_E_WRONG_PHASE;
  if (!readable(text)) return ACTORD_E_INVALID;
  return context->reject_stashed(message_id, from_abi(text).substr(0, limits::kLogTextBytes));
}

actord_status subscribe(actord_turn* turn, actord_view pattern) noexcept {
  TurnContext* context = turn_argument(turn, "subscribe");
  if (context == nullptr) return ACTORD_E_WRONG_PHASE;
  return readable(pattern) ? context->subscribe(from_abi(pattern)) : ACTORD_E_INVALID;
}

void unsubscribe(actord_turn* turn, actord_view pattern) noexcept {
  TurnContext* context = turn_argument(turn, "unsubscribe");
  if (context != nullptr && readable(pattern)) context->unsubscribe(from_abi(pattern));
}

actord_status tag(actord_turn* turn, actord_view name) noexcept {
  TurnContext* context = turn_argument(turn, "tag");
  if (context == nullptr) return ACTORD_E_WRONG_PHASE;
  return readable(name) ? context->tag(from_abi(name)) : ACTORD_E_INVALID;
}

void untag(actord_turn* turn, actord_view name) noexcept {
  TurnContext* context = turn_argument(turn, "untag");
  if (context != nullptr && readable(name)) context->untag(from_abi(name));
}

actord_status follow(actord_turn* turn, actord_view tag) noexcept {
  TurnContext* context = turn_argument(turn, "follow");
  if (context == nullptr) return ACTORD_E_WRONG_PHASE;
  return readable(tag) ? context->follow(from_abi(tag)) : ACTORD_E_INVALID;
}

void unfollow(actord_turn* turn, actord_view tag) noexcept {
  TurnContext* context = turn_argument(turn, "unfollow");
  if (context != nullptr && readable(tag)) context->unfollow(from_abi(tag));
}

actord_status find_tagged(actord_turn* turn, actord_view tag, actord_ref* out, uint64_t capacity,
                          uint64_t* count) noexcept {
  TurnContext* context = turn_argument(turn, "find");
  if (context == nullptr) return ACTORD_E_WRONG_PHASE;
  const bool room = count != nullptr && (out != nullptr || capacity == 0);
  if (!room || !readable(tag) || !valid_tag(from_abi(tag))) return ACTORD_E_INVALID;
  const std::vector<ActorRef> found = context->services().tagged(from_abi(tag));
  for (size_t i = 0; i < found.size() && i < capacity; ++i) out[i] = to_abi(found[i]);
  *count = found.size();
  return ACTORD_OK;
}

actord_status load(actord_turn* turn, actord_ref actor, uint64_t* messages) noexcept {
  TurnContext* context = turn_argument(turn, "load");
  if (context == nullptr) return ACTORD_E_WRONG_PHASE;
  if (messages == nullptr) return ACTORD_E_INVALID;
  const auto found = context->services().load(from_abi(actor));
  if (!found) return ACTORD_E_NOT_FOUND;
  *messages = *found;
  return ACTORD_OK;
}

actord_status watch_file(actord_turn* turn, actord_view path) noexcept {
  TurnContext* context = turn_argument(turn, "file watch");
  if (context == nullptr) return ACTORD_E_WRONG_PHASE;
  return readable(path) ? context->watch_file(from_abi(path)) : ACTORD_E_INVALID;
}

actord_status persist(actord_turn* turn, actord_view type, uint32_t version,
                      actord_view body) noexcept {
  TurnContext* context = turn_argument(turn, "persist");
  if (context == nullptr) return ACTORD_E_WRONG_PHASE;
  if (!readable(type) || !readable(body)) return ACTORD_E_INVALID;
  return context->persist(from_abi(type), version, from_abi(body));
}

actord_status snapshot(actord_turn* turn) noexcept {
  TurnContext* context = turn_argument(turn, "snapshot");
  return context == nullptr ? ACTORD_E_WRONG_PHASE : context->snapshot();
}

uint64_t last_seq(actord_turn* turn) noexcept {
  TurnContext* context = turn_argument(turn, "last_seq");
  return context == nullptr ? 0 : context->last_seq();
}

actord_status write(actord_writer* writer, const void* data, uint64_t size) noexcept {
  if (writer == nullptr || (data == nullptr && size != 0)) return ACTORD_E_INVALID;
  return reinterpret_cast<SnapshotCollector*>(writer)->write(data, size);
}

actord_status inlet_open(actord_turn* turn, actord_inlet** out) noexcept {
  TurnContext* context = turn_argument(turn, "inlet open");
  if (context == nullptr || current_plugin_call->inlets == nullptr) return ACTORD_E_WRONG_PHASE;
  if (out == nullptr) return ACTORD_E_INVALID;
  InletHandle* handle = current_plugin_call->inlets->open(context->services(), context->self());
  if (handle == nullptr) return ACTORD_E_LIMIT;
  *out = reinterpret_cast<actord_inlet*>(handle);
  return ACTORD_OK;
}

actord_status inlet_post(actord_inlet* inlet, actord_view type, actord_view payload) noexcept {
  if (inlet == nullptr || !readable(type) || type.size == 0) return ACTORD_E_INVALID;
  actord_status status = ACTORD_OK;
  auto bytes = payload_argument(payload, status);
  if (!bytes) return status;
  return reinterpret_cast<InletHandle*>(inlet)->inlet->post(from_abi(type), std::move(*bytes));
}

void inlet_close(actord_inlet* inlet) noexcept {
  if (inlet == nullptr) return;
  auto* handle = reinterpret_cast<InletHandle*>(inlet);
  handle->inlet->release();
  delete handle;
}

constexpr actord_ask_api kAsk = {sizeof(actord_ask_api), 0, ask, ask_cancel};
constexpr actord_timers_api kTimers = {sizeof(actord_timers_api), 0, timer_set, timer_cancel};
constexpr actord_spawn_api kSpawn = {
    sizeof(actord_spawn_api), 0, spawn, stop, watch, unwatch, watch_with, link, unlink};
constexpr actord_stash_api kStash = {sizeof(actord_stash_api), 0, unstash, forward_stashed,
                                     reject_stashed};
constexpr actord_topics_api kTopics = {sizeof(actord_topics_api), 0, subscribe, unsubscribe};
constexpr actord_mailbox_api kMailbox = {sizeof(actord_mailbox_api), 0, suspend, resume};
constexpr actord_registry_api kRegistry = {
    sizeof(actord_registry_api), 0, tag, untag, follow, unfollow, find_tagged, load};
constexpr actord_files_api kFiles = {sizeof(actord_files_api), 0, watch_file};
constexpr actord_persist_api kPersist = {
    sizeof(actord_persist_api), 0, persist, snapshot, last_seq, write};
constexpr actord_inlet_api kInlet = {sizeof(actord_inlet_api), 0, inlet_open, inlet_post,
                                     inlet_close};

struct Extension {
  std::string_view id;
  const void* table;
};
constexpr Extension kExtensions[] = {
    {ACTORD_EXT_ASK, &kAsk},           {ACTORD_EXT_TIMERS, &kTimers},
    {ACTORD_EXT_SPAWN, &kSpawn},       {ACTORD_EXT_TOPICS, &kTopics},
    {ACTORD_EXT_FILES, &kFiles},       {ACTORD_EXT_PERSIST, &kPersist},
    {ACTORD_EXT_INLET, &kInlet},       {ACTORD_EXT_STASH, &kStash},
    {ACTORD_EXT_REGISTRY, &kRegistry}, {ACTORD_EXT_MAILBOX, &kMailbox},
};

}  // namespace

const void* host_extension(std::string_view id) {
  for (const Extension& extension : kExtensions) {
    if (extension.id == id) return extension.table;
  }
  return nullptr;
}

}  // namespace actord::host
