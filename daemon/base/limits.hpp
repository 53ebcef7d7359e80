// Every limit of the daemon, with its reason and what happens at it. (Limits an operator sets live
// in core/actor_options.hpp with their defaults.)
#pragma once

#include <cstdint>

namespace actord::host::limits {

// --- messages ---
// A message lives in memory once per mailbox it waits in. Larger data belongs in a file whose name
// is sent. At the limit: the send is refused with E_LIMIT.
inline constexpr uint64_t kPayloadBytes = 16ull << 20;
// Type names are interned and never freed. At the limit: E_LIMIT.
inline constexpr uint64_t kTypeNameBytes = 128;
inline constexpr uint64_t kSymbolsMax = 65'536;
// How often one chain of messages may be published or forwarded: long enough for an event that crosses
// every actor of a deep topology, short enough to stop a storm of events that cause each other. At the limit: dead letter hop_limit.
inline constexpr uint32_t kHopsMax = 100;
// The urgent lane has no bound in the topology, because it is for what has to pass a full mailbox; so it
// has one here, far above that. At the limit: dead letter mailbox_full.
inline constexpr uint64_t kUrgentMessagesMax = 10'000;
inline constexpr uint64_t kUrgentBytesMax = 64ull << 20;
// One turn's effects are released in one go. At the limit: E_LIMIT.
inline constexpr uint64_t kEffectsPerTurn = 10'000;
// And are held in memory until its events are durable; a buffer that is sent to many counts once.
inline constexpr uint64_t kEffectBytesPerTurn = 64ull << 20;
inline constexpr uint64_t kSpawnsPerTurn = 1'024;
inline constexpr uint64_t kTopicBytes = 255;
inline constexpr uint64_t kTopicSegments = 16;
inline constexpr uint64_t kKeyBytes = 255;

// --- actors ---
inline constexpr uint64_t kPathBytes = 255;  // a line in a log stays a line
inline constexpr uint64_t kPathSegmentBytes = 64;
inline constexpr uint64_t kPathDepth = 16;
// The slab of cells is addressed by a table of fixed size. At the limit: a spawn fails.
inline constexpr uint64_t kActorsMax = 4'194'304;
inline constexpr uint64_t kTimersPerActor = 10'000;
inline constexpr uint64_t kAsksPerActor = 10'000;
inline constexpr uint64_t kWatchesPerActor = 10'000;
// A link is looked at for each peer when one of them ends. At the limit: not linked, and a log line.
inline constexpr uint64_t kLinksPerActor = 1'000;
// Of an actor, each kept in a list that is searched.
inline constexpr uint64_t kTagsPerActor = 64;
inline constexpr uint64_t kFollowsPerActor = 64;
inline constexpr uint64_t kTagBytes = 128;
// Notices of one tag on their way to one follower. What happens meanwhile is kept as a difference.
inline constexpr uint64_t kListedInFlight = 64;
inline constexpr uint64_t kInletsPerActor = 64;
inline constexpr uint64_t kFileWatchesPerActor = 64;
// Messages put off by DEFER. At the limit: dead letter stash_full.
inline constexpr uint64_t kStashMax = 10'000;
// A failed child is held until its parent has decided: long enough for a parent with a full batch ahead
// of the question, short enough that a stuck one keeps nobody from working. After it: the topology decides.
inline constexpr uint64_t kDecisionMs = 5'000;
inline constexpr uint64_t kAskTimeoutMsMax = 86'400'000;
// A request that has waited this long, or half its time if that is less, is looked at: do those who ask
// wait for each other? Shorter ones are over before anybody could do anything about it.
inline constexpr uint64_t kAskLookMs = 1'000;
inline constexpr uint64_t kAskLookMsMin = 50;
// How far such a look goes. At the limit: a circle may go unsaid.
inline constexpr uint64_t kAskCycleActors = 1'000;
// Circles that are remembered as said. At the limit: all are forgotten, and said again when met again.
inline constexpr uint64_t kAskCyclesKnown = 1'000;
// Subscriptions cost memory and match time. At the limit: E_LIMIT.
inline constexpr uint64_t kSubscriptionsMax = 100'000;
// A condition is asked for every message of its subscription, on the publisher's thread. At the limit:
// E308.
inline constexpr uint64_t kConditionBytes = 1'024;
inline constexpr uint64_t kConditionNodes = 64;
inline constexpr uint64_t kConditionDepth = 32;
inline constexpr uint64_t kConditionPathSteps = 16;
// Parsing JSON takes about ten times its size and a few milliseconds a megabyte. At the limit: it counts
// as no JSON, and the subscription as having met something unreadable.
inline constexpr uint64_t kConditionPayloadBytes = 1ull << 20;
// Topics or keys that one subscription throttles or debounces apart. At the limit: further ones share one
// throttle, and are not debounced.
inline constexpr uint64_t kFilterGroups = 10'000;

// --- scheduling ---
// Messages one actor handles before others get the worker: small enough that 1,000 busy actors
// each run within milliseconds, large enough to amortise the hand-over.
inline constexpr uint32_t kBatchMessages = 64;
// A message of lower priority is passed by so many of higher ones before its turn comes.
inline constexpr uint32_t kPriorityPassesMax = 64;
// Fewer waiting messages than these are no high water, however small the mailbox.
inline constexpr uint64_t kHighWaterMessagesMin = 16;
// Rules for message types of one actor: each push looks at them.
inline constexpr uint64_t kTypeRulesMax = 64;
inline constexpr uint32_t kWorkersMax = 1'024;

// --- durability ---
inline constexpr uint64_t kEventBytes = 1ull << 20;
inline constexpr uint64_t kEventsPerTurn = 1'024;
inline constexpr uint64_t kTurnEventBytes = 4ull << 20;
inline constexpr uint64_t kSnapshotBytes = 64ull << 20;
// One commit group: enough to amortise a sync, short enough that nobody waits long behind it.
inline constexpr uint64_t kGroupEvents = 2'000;
inline constexpr uint64_t kGroupBytes = 8ull << 20;
// Turns of one actor whose effects wait at the output gate. At the limit: the actor is not
// scheduled until the gate opens (its mailbox fills and pushes back).
inline constexpr uint64_t kHeldTurnsPerActor = 1'024;
inline constexpr uint64_t kHydrationBatchEvents = 1'000;
inline constexpr uint64_t kHydrationBatchBytes = 4ull << 20;
inline constexpr uint64_t kHydrationsAtOnce = 50;
// The write-ahead log is moved into the store when it has grown this far: the first when nothing
// waits, the second whatever waits. Past the third somebody keeps it from shrinking: alarm.
inline constexpr uint64_t kWalIdleBytes = 4ull << 20;
inline constexpr uint64_t kWalForcedBytes = 64ull << 20;
inline constexpr uint64_t kWalAlarmBytes = 1ull << 30;
// A full disk is tried again after this long, doubling: soon enough after space was made.
inline constexpr uint64_t kSpaceRetryMs = 20;
inline constexpr uint64_t kSpaceRetryMaxMs = 2'000;

// --- dead letters ---
inline constexpr uint64_t kDeadLetterPayloadBytes = 64ull << 10;  // stored; longer is cut, marked
// Waiting to be stored: a flood must not fill the memory while a sync runs. At the limit: the newest
// is counted and dropped (its log line was written before).
inline constexpr uint64_t kDeadLettersQueued = 10'000;
inline constexpr uint64_t kDeadLetterQueueBytes = 32ull << 20;
// One answer: small enough to sit in memory while it is sent. At the limit: the newest of them.
inline constexpr uint64_t kDeadLettersPerQuery = 1'000;
inline constexpr uint64_t kDeadLetterLogPayloadBytes = 256;  // shown in the log line
// Lines of one (recipient, type, reason) per interval; the rest is counted in one summary line.
inline constexpr uint64_t kDeadLetterLogBurst = 10;
inline constexpr uint64_t kDeadLetterLogIntervalMs = 10'000;
// How exact budgets and deadlines of turns are; each look costs a few loads per worker.
inline constexpr uint64_t kWatchdogMs = 200;
// A turn that still does not end is reported again after this.
inline constexpr uint64_t kStuckReportMs = 30'000;
// Threads that may be lost to turns that do not end. At the limit: they are still reported, and their
// workers' queues are left to the other workers.
inline constexpr uint64_t kStuckWorkersMax = 64;

// --- topology ---
// A topology of a million lines is a mistake. At the limit: E107.
inline constexpr uint64_t kTopologyFileBytes = 16ull << 20;
inline constexpr uint64_t kTopologyFiles = 1'000;
// Aliases multiply ("billion laughs"). Nodes with aliases counted in full. At the limit: E101.
inline constexpr uint64_t kTopologyNodes = 2'000'000;
// The readers of the tree recurse. At the limit: E101.
inline constexpr uint32_t kTopologyDepth = 200;
// 100 years. At the limit: E105.
inline constexpr uint64_t kDurationMsMax = 100ull * 365 * 24 * 3'600'000;
inline constexpr uint64_t kPersistenceIdBytes = 255;

// --- plugins ---
// Far above any real plugin, so that a wrong file is refused before it is hashed and copied.
inline constexpr uint64_t kPluginFileBytes = 512ull << 20;
// A manifest is read by people and editors. At the limit: the plugin is refused (E203).
inline constexpr uint64_t kManifestBytes = 1ull << 20;
inline constexpr uint64_t kManifestDepth = 32;
inline constexpr uint64_t kKindsPerPlugin = 1'024;
// Program headers, section headers or libraries of one ELF file; real ones have tens.
inline constexpr uint64_t kElfHeaders = 8'192;
// One table (symbols or names) of an ELF file that is read whole.
inline constexpr uint64_t kElfTableBytes = 64ull << 20;
// Private copies kept in the cache beside those in use, for debuggers. Older ones are deleted.
inline constexpr uint64_t kPluginCopiesKept = 16;
// --- loop ---
// Functions waiting for the loop thread. Every poster has a bounded number outstanding (a commit
// group, a reply, a wake), so reaching this is a bug of ours. At the limit: assertion.
inline constexpr uint64_t kLoopPostsMax = 4'194'304;
// An editor's save is several events within a few milliseconds; they are told as one.
inline constexpr uint64_t kFileChangeCoalesceMs = 20;
// A watched directory that went away is looked for again this often.
inline constexpr uint64_t kFileWatchRetryMs = 1'000;

// --- control ---
inline constexpr uint64_t kControlFrameBytes = 32ull << 20;
// At the limit: the connection that has been idle longest is closed for the new one, so that nobody can
// lock the operator out; when each waits for an answer, the new one is refused.
inline constexpr uint64_t kControlConnections = 64;
// Frames that have begun and not ended, of all connections: two full ones. At the limit: the connection
// whose frame began first is closed.
inline constexpr uint64_t kControlUnfinishedBytes = 2 * kControlFrameBytes;
// A frame is written in one go. One that takes longer than this is no operator's: its connection is closed.
inline constexpr uint64_t kControlFrameMs = 30'000;
// Requests of one connection that wait for their answer. At the limit: the next is answered E_LIMIT.
inline constexpr uint64_t kControlPendingRequests = 128;
// Answers a peer does not read: two full frames. At the limit: its connection is closed.
inline constexpr uint64_t kControlWriteQueueBytes = 2 * kControlFrameBytes;
// Serialising walks JSON by recursion, so its depth is bounded. At the limit: the frame is refused.
inline constexpr uint64_t kControlNesting = 64;
// How long shutdown waits for peers to read their last answers. After that: connections are closed.
inline constexpr uint64_t kControlCloseMs = 1'000;
inline constexpr uint64_t kControlAskTimeoutMs = 5'000;    // of an ask that names none
inline constexpr uint64_t kControlDeadLettersShown = 100;  // of dead.ls without a limit
// One answer must fit a frame. At the limit: the request is refused with E_INVALID.
inline constexpr uint64_t kControlDeadLettersShownMax = 10'000;
inline constexpr uint64_t kDiagnosticsMax = 50;
inline constexpr uint64_t kLogTextBytes = 8ull << 10;

}  // namespace actord::host::limits
