// Host: the host's table and those of its extensions, looked up once per instance. An extension this
// host lacks is null; using it through Context fails the turn with a text that names it.
#pragma once

#include <string_view>

#include "actord/abi.h"
#include "actord/bytes.hpp"
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

namespace actord {

struct Host {
  const actord_host_api* api = nullptr;
  const actord_ask_api* ask = nullptr;
  const actord_files_api* files = nullptr;
  const actord_inlet_api* inlet = nullptr;
  const actord_mailbox_api* mailbox = nullptr;
  const actord_persist_api* persist = nullptr;
  const actord_registry_api* registry = nullptr;
  const actord_spawn_api* spawn = nullptr;
  const actord_stash_api* stash = nullptr;
  const actord_timers_api* timers = nullptr;
  const actord_topics_api* topics = nullptr;

  Host() = default;
  explicit Host(const actord_host_api& table) noexcept
      : api(&table),
        ask(extension<actord_ask_api>(ACTORD_EXT_ASK)),
        files(extension<actord_files_api>(ACTORD_EXT_FILES)),
        inlet(extension<actord_inlet_api>(ACTORD_EXT_INLET)),
        mailbox(extension<actord_mailbox_api>(ACTORD_EXT_MAILBOX)),
        persist(extension<actord_persist_api>(ACTORD_EXT_PERSIST)),
        registry(extension<actord_registry_api>(ACTORD_EXT_REGISTRY)),
        spawn(extension<actord_spawn_api>(ACTORD_EXT_SPAWN)),
        stash(extension<actord_stash_api>(ACTORD_EXT_STASH)),
        timers(extension<actord_timers_api>(ACTORD_EXT_TIMERS)),
        topics(extension<actord_topics_api>(ACTORD_EXT_TOPICS)) {}

  void log(actord_turn* turn, int32_t level, std::string_view text) const noexcept {
    api->log(api->host, turn, level, to_view(text));
  }

 private:
  template <class T>
  const T* extension(const char* id) const noexcept {
    return static_cast<const T*>(api->get_extension(api->host, id));
  }
};

}  // namespace actord
