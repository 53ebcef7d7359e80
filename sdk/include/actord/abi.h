/* actord plugin ABI, major 1.
 *
 * C11, only <stdint.h> and <stddef.h>. This header is the whole contract between a plugin and its
 * host; the C++ wrapper (actord/actord.hpp) is made of it and adds nothing to it.
 *
 * Shape (after CLAP and SQLite's extension table):
 *   - A plugin exports one symbol, actord_plugin_entry_v1, and carries an ELF note that says what
 *     it offers. The host reads the note with file I/O and decides before it maps any code.
 *   - Every struct that crosses the border begins with struct_size. Growth is additive: members are
 *     appended, never moved; a reader tests struct_size before it reads a younger member.
 *   - Optional features are extensions, looked up by "actord.NAME/REV"; an unknown id is NULL.
 *   - No enum types, bool, bit fields, long or varargs in structs. Text is (data, size) UTF-8 and
 *     need not end in NUL.
 *
 * Rules on every function:
 *   - No C++ exception, allocator, FILE*, locale or errno crosses.
 *   - If a call returns an error, its outputs are untouched and nothing will be called back.
 *   - No host function blocks on the daemon or hands out a pointer into it. An answer is local, or
 *     there is none (fire and forget), or it arrives later as a message. That is why the same
 *     binary can run in the daemon, in a worker process and under the TestKit.
 *   - A view given to a callback is valid until that callback returns. A view given to the host is
 *     copied before the call returns.
 *
 * Thread tags:
 *   [turn]  mutual exclusion per actor with happens-before from turn to turn. Symbolic: not one OS
 *           thread, so keep nothing in thread-local variables between calls.
 *   [apply] inside apply_event or snapshot_load: state only, no host call but log.
 *   [load]  serialised per plugin, before any actor of it exists.
 *   [any]   any thread, any time.
 *
 * A turn is a transaction: send, publish, spawn, timers, persist and so on only *record* an effect.
 * All effects happen, in the order recorded, after the handler has returned success and the events
 * it persisted are durable; none of them happens when it fails.
 */
#ifndef ACTORD_ABI_H
#define ACTORD_ABI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ACTORD_ABI_MAJOR 1u
#define ACTORD_ABI_MINOR 0u

/* Status codes; see status.def for number and meaning. */
typedef int32_t actord_status;
#define ACTORD_STATUS(name, number, meaning) ACTORD_##name = (number),
enum {
#include "actord/status.def"
  ACTORD_STATUS_END_ = -1000 /* closes the list; never returned */
};
#undef ACTORD_STATUS

/* ---- Values ---------------------------------------------------------------------------------- */

/* Borrowed bytes or UTF-8 text. data may be NULL when size is 0. */
typedef struct actord_view {
  const char* data;
  uint64_t size; /* bytes */
} actord_view;

/* Names one incarnation of one actor. A value: copy, store and send it freely; a reference to an
 * actor that has ended is harmless (what is sent to it becomes a dead letter). {0, 0} is nobody. */
typedef struct actord_ref {
  uint64_t slot;
  uint64_t incarnation;
} actord_ref;

/* A UUIDv7. {0, 0} is none. */
typedef struct actord_uuid {
  uint64_t hi;
  uint64_t lo;
} actord_uuid;

typedef struct actord_host actord_host;     /* the host's side, opaque */
typedef struct actord_turn actord_turn;     /* one turn, opaque; valid during the callback */
typedef struct actord_buf actord_buf;       /* a host buffer, opaque */
typedef struct actord_writer actord_writer; /* receives a snapshot, opaque */

/* ---- Messages -------------------------------------------------------------------------------- */

/* actord_message.kind. New kinds may be added: answer an unknown one with ACTORD_UNHANDLED. */
#define ACTORD_MSG_USER 1u       /* sent, published or posted */
#define ACTORD_MSG_REPLY 2u      /* the answer to an ask; token = ask id */
#define ACTORD_MSG_ASK_FAILED 3u /* no answer will come; token = ask id, reason = why */
#define ACTORD_MSG_TIMER 4u      /* a timer fired; type = its key, payload as given */
#define ACTORD_MSG_TERMINATED 5u /* a watched actor ended; from = it, reason = ACTORD_STOP_* */
/* A message sent with NOTIFY became a dead letter; token = as given in the send, reason =
 * ACTORD_DEAD_*. */
#define ACTORD_MSG_UNDELIVERED 6u
#define ACTORD_MSG_SHUTDOWN_SOON 7u /* the host drains: start no new work */
#define ACTORD_MSG_FILE_CHANGED 8u  /* something happened to a watched file; type = its path */
/* A change among those that carry a followed tag; see ext/registry.h */
#define ACTORD_MSG_LISTED 10u

/* One message. Views are valid until receive returns.
 * Lifetime: to keep the payload, copy it or take buf_ref(buf). */
typedef struct actord_message {
  uint32_t struct_size;
  uint32_t kind; /* ACTORD_MSG_* */
  actord_view type;
  actord_view payload;
  actord_view content_type; /* empty means application/json */
  actord_view topic;        /* empty when not published */
  actord_view key;          /* routing key, may be empty */
  actord_ref from;          /* {0,0}: from outside */
  actord_ref reply_to;      /* where an answer goes; kept by forward; {0,0}: nobody wants one */
  actord_uuid correlation;
  uint64_t message_id;
  uint64_t causation_id; /* message_id of the message whose turn sent this one; 0 = from outside */
  uint64_t token;        /* see the kinds */
  uint64_t deadline_ms;  /* on the clock of now_ms; 0 = none */
  int32_t reason;        /* see the kinds */
  uint32_t hops;    /* how often this chain was published or forwarded; over 100: dead letter */
  uint32_t attempt; /* 1 = first */
  uint32_t expects_reply; /* 1: this is an ask */
  actord_view text;       /* words for people with reason, may be empty */
  actord_buf* buf;        /* the payload's buffer; NULL when the payload is empty */
} actord_message;

/* Why an actor ended: actord_message.reason of TERMINATED, and stop's argument. */
#define ACTORD_STOP_NORMAL 0  /* asked for by itself, its parent or an operator */
#define ACTORD_STOP_FAILED 1  /* its supervisor gave it up */
#define ACTORD_STOP_NO_SUCH 2 /* watched after it had ended, or it never was */
#define ACTORD_STOP_HOST 3    /* the host shuts down */
#define ACTORD_STOP_RESTART 4 /* this instance ends, a new one takes over (never in TERMINATED) */

/* Why a message became a dead letter. */
#define ACTORD_DEAD_NO_SUCH_ACTOR 1
#define ACTORD_DEAD_STALE_INCARNATION 2
#define ACTORD_DEAD_STOPPED 3
#define ACTORD_DEAD_MAILBOX_FULL 4
#define ACTORD_DEAD_DROPPED_OLDEST 5
#define ACTORD_DEAD_EXPIRED 6
#define ACTORD_DEAD_UNHANDLED 7
#define ACTORD_DEAD_HANDLER_FAILED 8
#define ACTORD_DEAD_ATTEMPTS_EXHAUSTED 9
#define ACTORD_DEAD_NO_SUBSCRIBER 10
#define ACTORD_DEAD_BREAKER_OPEN 11
#define ACTORD_DEAD_STASH_FULL 12
#define ACTORD_DEAD_HOP_LIMIT 13
#define ACTORD_DEAD_REJECTED 14
#define ACTORD_DEAD_SHUTDOWN 15

/* actord_send.flags */
#define ACTORD_SEND_NOTIFY 1u /* tell me (UNDELIVERED, with token) if this becomes a dead letter */
#define ACTORD_SEND_EDGE 2u   /* born of something outside: gets a correlation id of its own */
#define ACTORD_SEND_URGENT 4u /* the urgent lane: before user messages, dropped by no policy */

/* A message to be sent. Zero what you don't use.
 * Requires: struct_size set; type not empty and at most 128 bytes; either buf or payload. */
typedef struct actord_send {
  uint32_t struct_size;
  uint32_t flags;      /* ACTORD_SEND_* */
  actord_ref to;       /* or {0,0} and: */
  actord_view to_path; /* an absolute path, resolved when the turn's effects are released */
  actord_view type;
  actord_view payload;
  actord_buf* buf; /* sealed; the host takes its own reference. NULL: payload is copied */
  actord_view content_type;
  actord_view key;
  actord_ref reply_to;    /* {0,0}: the sending actor */
  uint64_t token;         /* comes back with UNDELIVERED */
  uint64_t expires_in_ms; /* 0: never; else not handed over after that */
} actord_send;

/* ---- What the host offers -------------------------------------------------------------------- */

#define ACTORD_LOG_TRACE 0
#define ACTORD_LOG_DEBUG 1
#define ACTORD_LOG_INFO 2
#define ACTORD_LOG_WARN 3
#define ACTORD_LOG_ERROR 4

typedef struct actord_host_api {
  uint32_t struct_size;
  uint32_t abi_major;
  uint32_t abi_minor;
  uint32_t reserved;
  const actord_host* host; /* first argument of the functions below */

  /* An extension's table by id, e.g. "actord.persist/1"; NULL if this host has none. The table
   * begins with uint32_t struct_size and lives as long as the plugin. [any] since 1.0 */
  const void* (*get_extension)(const actord_host* host, const char* id);

  /* A log line, tagged with the actor when turn is given (it may be NULL). Text past 8 KiB is cut.
   * [any] since 1.0 */
  void (*log)(const actord_host* host, actord_turn* turn, int32_t level, actord_view text);

  /* A new writable buffer of size bytes, or NULL when over the payload limit (16 MiB). The caller
   * owns one reference. [any] since 1.0 */
  actord_buf* (*buf_new)(const actord_host* host, uint64_t size);
  /* Where to write. Requires: not sealed. [any] since 1.0 */
  void* (*buf_data)(actord_buf* buf);
  /* Ends writing; used <= size bytes count. From here on the buffer never changes.
   * [any] since 1.0 */
  void (*buf_seal)(actord_buf* buf, uint64_t used);
  void (*buf_ref)(actord_buf* buf);
  void (*buf_unref)(actord_buf* buf);
  /* The bytes; valid while a reference is held. Requires: sealed. [any] since 1.0 */
  actord_view (*buf_view)(const actord_buf* buf);

  actord_ref (*self)(actord_turn* turn);       /* [turn] since 1.0 */
  actord_view (*self_path)(actord_turn* turn); /* valid until the callback returns. [turn] */
  actord_ref (*sender)(actord_turn* turn);     /* from of the current message. [turn] */

  /* The actor now living at an absolute path. A local look-up that may be out of date as soon as
   * it returns; ACTORD_E_NOT_FOUND if there is none, ACTORD_E_INVALID for a path that is none.
   * [turn] since 1.0 */
  actord_status (*resolve)(actord_turn* turn, actord_view path, actord_ref* out);

  /* Records a message to one actor. [turn] since 1.0
   * Errors: E_INVALID (no type, bad path), E_LIMIT (payload over 16 MiB, effects over 10,000 a
   * turn), E_WRONG_PHASE (in create or while events are applied). */
  actord_status (*send)(actord_turn* turn, const actord_send* message);
  /* Records an answer to the current message: to its reply_to, carrying its ask id. Only type,
   * payload, buf and content_type count. E_NOT_FOUND when nobody wants an answer. [turn] */
  actord_status (*reply)(actord_turn* turn, const actord_send* message);
  /* Records passing the current message on unchanged: sender, reply_to, ask and correlation are
   * kept, so the next actor answers the original requester. [turn] since 1.0 */
  actord_status (*forward)(actord_turn* turn, actord_ref to, actord_view to_path);
  /* Records a message to whoever subscribes to topic when the effect is released. to is ignored.
   * E_INVALID for an empty segment or a wildcard in topic. [turn] since 1.0 */
  actord_status (*publish)(actord_turn* turn, actord_view topic, const actord_send* message);
  /* Records the current message (or, with message given, that one) as a dead letter with reason
   * REJECTED and text; for a persistent actor in the same commit as the turn's events.
   * E_WRONG_PHASE without a current message, or when it is rejected already. [turn] since 1.0 */
  actord_status (*reject)(actord_turn* turn, const actord_send* message, actord_view text);

  uint64_t (*now_ms)(actord_turn* turn);     /* monotonic milliseconds. [turn] since 1.0 */
  int64_t (*now_unix_ms)(actord_turn* turn); /* wall clock. [turn] since 1.0 */
  uint64_t (*random_u64)(actord_turn* turn); /* [turn] since 1.0 */
  /* Words that go with a failure status returned from this callback; the last call wins.
   * [turn] since 1.0 */
  void (*set_error)(actord_turn* turn, actord_view text);
  /* Records the end of this actor after this turn. [turn] since 1.0 */
  void (*stop_self)(actord_turn* turn);
  /* Records handing all stashed messages back, oldest first, ahead of the mailbox. [turn] */
  void (*unstash_all)(actord_turn* turn);
  /* As reject, with the reason the dead letter has: ACTORD_DEAD_REJECTED, ACTORD_DEAD_EXPIRED or
   * ACTORD_DEAD_BREAKER_OPEN; E_INVALID for another, which only the host can know. [turn] since 1.0 */
  actord_status (*reject_as)(actord_turn* turn, const actord_send* message, int32_t reason,
                             actord_view text);
} actord_host_api;

/* ---- What a plugin offers -------------------------------------------------------------------- */

typedef struct actord_create_args {
  uint32_t struct_size;
  uint32_t reserved;
  const actord_host_api* host; /* lives as long as the plugin */
  actord_view kind;            /* "plugin.Type" */
  actord_view path;
  actord_view settings; /* JSON object, checked against the manifest's schema, defaults filled in */
  /* Set by create on failure: static text or text that outlives the call; may stay empty. */
  actord_view* error;
} actord_create_args;

/* One kind of actor. All functions but get_extension are required. */
typedef struct actord_kind {
  uint32_t struct_size;
  uint32_t state_version; /* version written with snapshots; 0 = none */
  actord_view name;       /* the Type of "plugin.Type" */

  /* Makes an instance; no sends yet. On failure *self stays untouched. [turn] since 1.0 */
  actord_status (*create)(const actord_create_args* args, void** self);
  /* The first turn, after hydration. [turn] since 1.0 */
  actord_status (*start)(void* self, actord_turn* turn);
  /* One message. [turn] since 1.0 */
  actord_status (*receive)(void* self, actord_turn* turn, const actord_message* message);
  /* The last turn (ACTORD_STOP_*). Not called when start failed. [turn] since 1.0 */
  void (*stop)(void* self, actord_turn* turn, int32_t reason);
  /* Frees the instance, in whatever state a failed callback left it. [turn] since 1.0 */
  void (*destroy)(void* self);
  /* Optional features of the kind (ext/ headers), NULL if absent; may itself be NULL.
   * The table lives as long as the plugin. [any] since 1.0 */
  const void* (*get_extension)(const char* id);
} actord_kind;

typedef struct actord_plugin {
  uint32_t struct_size;
  uint32_t abi_major;
  uint32_t abi_minor_built; /* ACTORD_ABI_MINOR of the header it was built with */
  uint32_t abi_minor_min;   /* the oldest host minor it can live with */
  actord_view id;           /* the "plugin" of "plugin.Type"; same as in the manifest */
  actord_view version;
  /* Called once after loading. NULL is fine. [load] since 1.0 */
  actord_status (*init)(const actord_host_api* host);
  uint32_t kind_count;
  uint32_t kind_stride; /* sizeof(actord_kind) of the plugin: kinds may grow */
  const actord_kind* kinds;
} actord_plugin;

/* The one exported symbol: const actord_plugin* actord_plugin_entry_v1(void). [load] */
typedef const actord_plugin* (*actord_plugin_entry_fn)(void);
#define ACTORD_PLUGIN_ENTRY_SYMBOL "actord_plugin_entry_v1"

#if defined(__GNUC__)
#define ACTORD_EXPORT __attribute__((visibility("default")))
#else
#define ACTORD_EXPORT
#endif

/* ---- The manifest: an ELF note that is read without running anything --------------------------
 *
 * Section .note.actord, owner "actord", two notes:
 *   type 1: actord_note_version (fixed size, little endian)
 *   type 2: the manifest, JSON in UTF-8, closed by one NUL
 *
 * Manifest members: id, version, doc, kinds: [{name, doc, persistent, state_version, accepts: [..],
 * emits: [..], settings: {KEY: {type: string|path|integer|number|boolean|duration|size|array|object,
 * required, default, min, max, enum, doc}}}].
 *
 * What reaches create is the JSON of the settings with every default filled in. A duration is a number
 * of milliseconds there and a size a number of bytes, however they were written ("250ms", "64KiB"). A
 * path is the text of an actor's path; the host has checked that the topology has this actor, or one
 * above it whose code may spawn it.
 *
 * ACTORD_MANIFEST("...") stands once in a plugin, at file scope, with a string literal.
 */
#define ACTORD_NOTE_SECTION ".note.actord"
#define ACTORD_NOTE_OWNER "actord"
#define ACTORD_NOTE_VERSION 1u
#define ACTORD_NOTE_MANIFEST 2u

typedef struct actord_note_version {
  uint32_t major;
  uint32_t minor_built;
  uint32_t minor_min;
  uint32_t flags; /* 0 */
} actord_note_version;

#define ACTORD_MANIFEST_MAJOR_(json, note_major)                                        \
  __attribute__((section(ACTORD_NOTE_SECTION), used, aligned(4))) static const struct { \
    uint32_t version_namesz, version_descsz, version_type;                              \
    char version_name[8];                                                               \
    actord_note_version version;                                                        \
    uint32_t json_namesz, json_descsz, json_type;                                       \
    char json_name[8];                                                                  \
    char text[(sizeof(json) + 3u) & ~3u];                                               \
  } actord_manifest_note_ = {7u,                                                        \
                             (uint32_t)sizeof(actord_note_version),                     \
                             ACTORD_NOTE_VERSION,                                       \
                             ACTORD_NOTE_OWNER,                                         \
                             {note_major, ACTORD_ABI_MINOR, 0u, 0u},                    \
                             7u,                                                        \
                             (uint32_t)sizeof(json),                                    \
                             ACTORD_NOTE_MANIFEST,                                      \
                             ACTORD_NOTE_OWNER,                                         \
                             json}
#define ACTORD_MANIFEST(json) ACTORD_MANIFEST_MAJOR_(json, ACTORD_ABI_MAJOR)

#ifdef __cplusplus
}
#endif
#endif /* ACTORD_ABI_H */
