// What every store promises, asked of each. Numbers in brackets: rows of the failure contract.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/limits.hpp"
#include "raw_store.hpp"
#include "store_fixture.hpp"

namespace actord::host {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

enum class Backend { kMemoryStepped, kMemory, kSqlite };

class DurableLogTest : public ::testing::TestWithParam<Backend> {
 protected:
  void SetUp() override { start({}); }
  void TearDown() override {
    if (log_) {
      EXPECT_TRUE(log_->close());
    }
  }
  void start(DeadLetterBounds bounds) {
    session_.reset();
    log_.reset();
    memory_ = nullptr;
    if (GetParam() == Backend::kSqlite) {
      auto opened =
          SqliteLog::open({.data_dir = dir_.path + "/data", .dead_letters = bounds}, clock_);
      ASSERT_TRUE(opened) << opened.error().text;
      log_ = std::move(opened).value();
    } else {
      auto log = std::make_unique<MemoryLog>(
          clock_, MemoryLogOptions{.manual = GetParam() == Backend::kMemoryStepped,
                                   .dead_letters = bounds});
      memory_ = log.get();
      log_ = std::move(log);
    }
    session_ =
        std::make_unique<Session>(*log_, GetParam() == Backend::kMemoryStepped ? memory_ : nullptr);
  }
  Session& store() { return *session_; }

  // Damage, done while nothing is on its way.
  void sql(const std::string& statement) { RawStore(dir_.path + "/data/actord.db").run(statement); }
  static std::string actor(const std::string& id) {
    return "actor=(SELECT id FROM actors WHERE persistence_id='" + id + "')";
  }
  void flip_event(const std::string& id, uint64_t seq) {
    if (memory_ == nullptr)
      return sql("UPDATE events SET body=X'66' WHERE seq=" + std::to_string(seq) + " AND " +
                 actor(id));
    for (auto& stored : memory_->stored(id)->events) {
      if (stored.record.seq == seq) stored.record.body = Bytes("f");
    }
  }
  void lose_events(const std::string& id, uint64_t first, uint64_t last) {
    if (memory_ == nullptr) {
      return sql("DELETE FROM events WHERE seq BETWEEN " + std::to_string(first) + " AND " +
                 std::to_string(last) + " AND " + actor(id));
    }
    std::erase_if(memory_->stored(id)->events,
                  [&](const auto& e) { return e.record.seq >= first && e.record.seq <= last; });
  }
  void swap_events(const std::string& id, uint64_t a, uint64_t b) {
    if (memory_ == nullptr) {
      const std::string x = std::to_string(a), y = std::to_string(b);
      return sql("UPDATE events SET seq=-1 WHERE seq=" + x + " AND " + actor(id) +
                 ";UPDATE events SET seq=" + x + " WHERE seq=" + y + " AND " + actor(id) +
                 ";UPDATE events SET seq=" + y + " WHERE seq=-1 AND " + actor(id));
    }
    auto& events = memory_->stored(id)->events;
    std::swap(events[a - 1], events[b - 1]);
    std::swap(events[a - 1].record.seq, events[b - 1].record.seq);
  }
  void flip_snapshot(const std::string& id, uint64_t seq) {
    if (memory_ == nullptr)
      return sql("UPDATE snapshots SET body=X'66' WHERE seq=" + std::to_string(seq) + " AND " +
                 actor(id));
    memory_->stored(id)->snapshots[seq].record.body = Bytes("f");
  }
  void delete_events_up_to(const std::string& id, uint64_t seq) {
    if (memory_ == nullptr) {
      const std::string s = std::to_string(seq);
      return sql("UPDATE actors SET floor_seq=" + s +
                 ", floor_chain=(SELECT crc FROM events WHERE seq=" + s + " AND " + actor(id) +
                 ") WHERE persistence_id='" + id + "';DELETE FROM events WHERE seq<=" + s +
                 " AND " + actor(id));
    }
    auto& stored = *memory_->stored(id);
    stored.floor_seq = seq;
    for (const auto& e : stored.events) {
      if (e.record.seq == seq) stored.floor_chain = e.checksum;
    }
    lose_events(id, 1, seq);
  }

  HandClock clock_;
  TempDir dir_;
  MemoryLog* memory_ = nullptr;
  std::unique_ptr<DurableLog> log_;
  std::unique_ptr<Session> session_;
};

INSTANTIATE_TEST_SUITE_P(Stores, DurableLogTest,
                         ::testing::Values(Backend::kMemoryStepped, Backend::kMemory,
                                           Backend::kSqlite),
                         [](const auto& test) {
                           return std::string(test.param == Backend::kSqlite   ? "Sqlite"
                                              : test.param == Backend::kMemory ? "Memory"
                                                                               : "MemoryStepped");
                         });

TEST_P(DurableLogTest, UnitsBecomeDurableInTheOrderSubmitted) {
  const auto a = store().open("a"), b = store().open("b");
  EXPECT_EQ(store().log.durable(), 0u);
  for (uint64_t seq = 1; seq <= 200; ++seq) {
    EXPECT_EQ(store().submit(a, {event(seq, "x")}), 2 * seq - 1);
    EXPECT_EQ(store().submit(b, {event(seq, "y")}), 2 * seq);
  }
  store().settle(400);
  EXPECT_EQ(store().log.durable(), 400u);
  EXPECT_TRUE(std::is_sorted(store().committed.begin(), store().committed.end()));
  EXPECT_EQ(store().owners.size(), 400u);
  EXPECT_EQ(store().log.stats().events, 400u);
  EXPECT_EQ(store().log.stats().units, 400u);
}

TEST_P(DurableLogTest, RecordsComeBackAsTheyWere) {
  const auto a = store().open("a");
  EventRecord plain = event(2, "");
  plain.correlation = {};
  store().settle(store().submit(a, {event(1, std::string("\0b\xff", 3)), plain}));
  const auto events = *store().read_all(a.store_id);
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].seq, 1u);
  EXPECT_EQ(events[0].type.name(), "test.Happened");
  EXPECT_EQ(events[0].version, 3u);
  EXPECT_EQ(events[0].unix_ms, 42);
  EXPECT_EQ(events[0].correlation, (Uuid{7, 1}));
  EXPECT_EQ(events[0].causation, 1'001u);
  EXPECT_EQ(events[0].body.view(), std::string_view("\0b\xff", 3));
  EXPECT_TRUE(events[1].correlation.is_nil());
  EXPECT_TRUE(events[1].body.empty());
}

TEST_P(DurableLogTest, UnitCommitsItsLettersWithItsEvents) {
  const auto a = store().open("a");
  store().settle(store().submit(a, {event(1, "x")}, {}, {letter("/a"), letter("/a")}));
  EXPECT_EQ(store().letters().size(), 2u);
  EXPECT_EQ(store().log.stats().dead_letters, 2u);
}

// [15] An open stands in the same line as the units.
TEST_P(DurableLogTest, OpenSeesEveryUnitSubmittedBefore) {
  const auto a = store().open("a");
  for (uint64_t seq = 1; seq <= 50; ++seq) store().submit(a, {event(seq, "x")});
  const auto again = store().open("a");
  EXPECT_EQ(again.store_id, a.store_id);
  EXPECT_EQ(again.head_seq, 50u);
  EXPECT_GT(again.epoch, a.epoch);
  EXPECT_EQ(store().log.durable(), 50u);
}

// [14] [15]
TEST_P(DurableLogTest, StaleUnitIsRefusedAndItsBatchMatesAreNot) {
  const auto old = store().open("a"), b = store().open("b");
  const auto fresh = store().open("a");
  store().submit(b, {event(1, "b1")});
  const Lsn stale = store().submit(old, {event(1, "stale")}, {}, {letter("/a")});
  store().submit(fresh, {event(1, "a1")});
  store().settle(store().submit(b, {event(2, "b2")}));
  EXPECT_THAT(store().refused, ElementsAre(stale));
  EXPECT_EQ(store().owners.size(), 3u);
  EXPECT_EQ(store().log.stats().stale_units, 1u);
  EXPECT_EQ(bodies(*store().read_all(fresh.store_id)), "a1 ");
  EXPECT_EQ(bodies(*store().read_all(b.store_id)), "b1 b2 ");
  EXPECT_THAT(store().letters(), IsEmpty()) << "a refused unit stores nothing at all";
}

TEST_P(DurableLogTest, WrongNumberIsRefusedAndTheLineGoesOn) {
  const auto a = store().open("a");
  store().submit(a, {event(1, "1")});
  const Lsn hole = store().submit(a, {event(3, "3")});
  const Lsn repeat = store().submit(a, {event(1, "1")});
  store().settle(store().submit(a, {event(2, "2")}));
  EXPECT_THAT(store().refused, ElementsAre(hole, repeat));
  EXPECT_EQ(bodies(*store().read_all(a.store_id)), "1 2 ");
}

TEST_P(DurableLogTest, IdOfAnotherKindIsRefused) {
  const auto a = store().open("a", "test.One");
  const auto other = store().try_open("a", "test.Two");
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ACTORD_E_EXISTS);
  EXPECT_THAT(other.error().text, HasSubstr("test.One"));
  store().settle(store().submit(a, {event(1, "x")}));
  EXPECT_THAT(store().refused, IsEmpty()) << "a refused open fences nobody";
}

TEST_P(DurableLogTest, ReadsComeInBoundedBatches) {
  const auto a = store().open("a");
  const uint64_t count = 2 * limits::kHydrationBatchEvents + 1;
  Lsn last = 0;
  for (uint64_t seq = 1; seq <= count; ++seq)
    last = store().submit(a, {event(seq, std::to_string(seq))});
  store().settle(last);
  const auto first = *store().read(a.store_id);
  EXPECT_EQ(first.events.size(), limits::kHydrationBatchEvents);
  EXPECT_FALSE(first.done);
  const auto all = *store().read_all(a.store_id);
  ASSERT_EQ(all.size(), count);
  EXPECT_EQ(all.back().body.view(), std::to_string(count));
}

// [12] [13]
TEST_P(DurableLogTest, DamageNamesActorAndNumbersAndSparesOthers) {
  for (const std::string id : {"flip", "gap", "swap", "fine"}) {
    const auto actor = store().open(id);
    store().settle(
        store().submit(actor, {event(1, "1"), event(2, "2"), event(3, "3"), event(4, "4")}));
  }
  flip_event("flip", 2);
  lose_events("gap", 2, 2);
  swap_events("swap", 2, 3);
  const auto text = [&](const std::string& id) {
    const auto result = store().read_all(store().open(id).store_id);
    return result ? bodies(*result)
                  : std::string(result.error().code == ACTORD_E_CORRUPT ? "" : "code? ") +
                        result.error().text;
  };
  EXPECT_THAT(text("flip"),
              HasSubstr("'flip': expected event 2, found event 2 with a wrong checksum"));
  EXPECT_THAT(text("gap"), HasSubstr("'gap': expected event 2, found event 3"));
  EXPECT_THAT(text("swap"),
              HasSubstr("'swap': expected event 2, found event 2 with a wrong checksum"));
  EXPECT_EQ(text("fine"), "1 2 3 4 ");
  EXPECT_THAT(store().failures, IsEmpty());
}

TEST_P(DurableLogTest, NewestSnapshotWithinTheLimitIsLoaded) {
  const auto a = store().open("a");
  EXPECT_FALSE(store().load(a.store_id)->has_value());
  store().submit(a, {event(1, "1"), event(2, "2")}, snapshot(2, "two"));
  store().submit(a, {event(3, "3"), event(4, "4")}, snapshot(4, "four"));
  store().submit(a, {event(5, "5")});
  store().flush();
  const auto newest = *store().load(a.store_id);
  ASSERT_TRUE(newest);
  EXPECT_EQ(newest->snapshot.seq, 4u);
  EXPECT_EQ(newest->snapshot.state_version, 5u);
  EXPECT_EQ(newest->snapshot.body.view(), "four");
  EXPECT_EQ(bodies(*store().read_all(a.store_id, 4, newest->chain)), "5 ");
  const auto older = *store().load(a.store_id, 3);
  ASSERT_TRUE(older);
  EXPECT_EQ(older->snapshot.body.view(), "two");
  EXPECT_EQ(bodies(*store().read_all(a.store_id, 2, older->chain)), "3 4 5 ");
}

TEST_P(DurableLogTest, OnlyTheNewestSnapshotsAreKept) {
  const auto a = store().open("a");
  for (uint64_t seq = 1; seq <= 5; ++seq) store().submit(a, {event(seq, "x")}, snapshot(seq, "s"));
  store().flush();
  EXPECT_TRUE(store().load(a.store_id, 4)->has_value());
  EXPECT_FALSE(store().load(a.store_id, 3)->has_value());
}

TEST_P(DurableLogTest, EachSnapshotSaysHowManyOfItsActorStay) {
  const auto a = store().open("a");
  for (uint64_t seq = 1; seq <= 5; ++seq) {
    SnapshotRecord record = snapshot(seq, "s");
    record.keep = 3;
    store().submit(a, {event(seq, "x")}, record);
  }
  store().flush();
  EXPECT_TRUE(store().load(a.store_id, 3)->has_value());
  EXPECT_FALSE(store().load(a.store_id, 2)->has_value());
}

// [19]
TEST_P(DurableLogTest, BrokenSnapshotFallsBackToTheOlderThenToNone) {
  const auto a = store().open("a");
  store().submit(a, {event(1, "1")}, snapshot(1, "one"));
  store().submit(a, {event(2, "2")}, snapshot(2, "two"));
  store().flush();
  flip_snapshot("a", 2);
  EXPECT_EQ((*store().load(a.store_id))->snapshot.body.view(), "one");
  flip_snapshot("a", 1);
  EXPECT_FALSE(store().load(a.store_id)->has_value());
  EXPECT_EQ(bodies(*store().read_all(a.store_id)), "1 2 ");
}

// [19] Never start empty.
TEST_P(DurableLogTest, WithoutSnapshotsAndWithDeletedEventsTheActorIsRefused) {
  const auto a = store().open("a");
  store().submit(a, {event(1, "1")}, snapshot(1, "one"));
  store().submit(a, {event(2, "2")}, snapshot(2, "two"));
  store().flush();
  delete_events_up_to("a", 1);
  flip_snapshot("a", 1);
  flip_snapshot("a", 2);
  EXPECT_EQ(store().load(a.store_id).error().code, ACTORD_E_CORRUPT);
  EXPECT_EQ(store().read_all(a.store_id).error().code, ACTORD_E_CORRUPT);
}

// [20]
TEST_P(DurableLogTest, SnapshotAboveTheHeadIsIgnoredAndItsNumbersAreNotReused) {
  const auto a = store().open("a");
  store().submit(a, {event(1, "1"), event(2, "2")}, snapshot(2, "two"));
  store().submit(a, {event(3, "3"), event(4, "4")}, snapshot(4, "four"));
  store().flush();
  lose_events("a", 3, 4);
  const auto again = store().open("a");
  EXPECT_EQ(again.head_seq, 4u);
  EXPECT_EQ((*store().load(a.store_id, again.head_seq))->snapshot.body.view(), "two");
  EXPECT_EQ(bodies(*store().read_all(a.store_id)), "1 2 ");
  store().settle(store().submit(again, {event(5, "5")}));
  EXPECT_THAT(store().refused, IsEmpty());
  EXPECT_EQ(bodies(*store().read_all(a.store_id)), "1 2 5 ");
  EXPECT_EQ(store().open("a").head_seq, 5u);
}

// [21] [22]
TEST_P(DurableLogTest, NumbersGoOnAfterEveryEventWasDeleted) {
  const auto a = store().open("a");
  store().submit(a, {event(1, "1"), event(2, "2"), event(3, "3")}, snapshot(3, "three"));
  store().flush();
  delete_events_up_to("a", 3);
  const auto again = store().open("a");
  EXPECT_EQ(again.head_seq, 3u);
  EXPECT_EQ(again.floor_seq, 3u);
  store().submit(again, {event(4, "4")});
  store().flush();
  const auto loaded = *store().load(a.store_id);
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->snapshot.body.view(), "three");
  EXPECT_EQ(bodies(*store().read_all(a.store_id, 3, loaded->chain)), "4 ");
}

TEST_P(DurableLogTest, SnapshotOfAnUnknownEventCostsOnlyItself) {
  const auto a = store().open("a");
  store().submit(a, {event(1, "1")});
  store().submit(a, {event(2, "2")}, snapshot(1, "one"));
  store().flush();
  const auto loaded = *store().load(a.store_id);
  ASSERT_TRUE(loaded);
  EXPECT_EQ(bodies(*store().read_all(a.store_id, 1, loaded->chain)), "2 ");
}

TEST_P(DurableLogTest, DeadLettersComeBackAsTheyWere) {
  DeadLetter sent = letter("/orders/ledger", DeadReason::kExpired);
  sent.from = "/shop";
  sent.topic = "order.placed";
  sent.content_type = "application/json";
  sent.error = "too late";
  sent.correlation = {1, 2};
  sent.message_id = 3;
  sent.causation_id = 4;
  sent.attempts = 5;
  store().log.append_dead_letter(sent);
  store().flush();
  const auto found = store().letters();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_GT(found[0].id, 0u);
  EXPECT_EQ(found[0].unix_ms, sent.unix_ms);
  EXPECT_EQ(found[0].reason, DeadReason::kExpired);
  EXPECT_EQ(found[0].to, "/orders/ledger");
  EXPECT_EQ(found[0].from, "/shop");
  EXPECT_EQ(found[0].type, "test.Message");
  EXPECT_EQ(found[0].topic, "order.placed");
  EXPECT_EQ(found[0].content_type, "application/json");
  EXPECT_EQ(found[0].error, "too late");
  EXPECT_EQ(found[0].correlation, (Uuid{1, 2}));
  EXPECT_EQ(found[0].message_id, 3u);
  EXPECT_EQ(found[0].causation_id, 4u);
  EXPECT_EQ(found[0].attempts, 5u);
  EXPECT_EQ(found[0].size, 7u);
  EXPECT_EQ(found[0].payload.view(), "payload");
}

TEST_P(DurableLogTest, DeadLettersAreFoundNewestFirstAndFiltered) {
  for (int i = 0; i < 4; ++i) {
    DeadLetter sent = letter(i % 2 == 0 ? "/even" : "/odd",
                             i < 2 ? DeadReason::kUnhandled : DeadReason::kStopped);
    sent.unix_ms += i;
    store().log.append_dead_letter(sent);
  }
  store().flush();
  const auto ids = [&](auto narrow) {
    DeadLetterFilter filter;
    narrow(filter);
    std::vector<int64_t> found;
    for (const auto& one : store().letters(filter))
      found.push_back(one.unix_ms - 1'700'000'000'000);
    return found;
  };
  EXPECT_THAT(ids([](auto&) {}), ElementsAre(3, 2, 1, 0));
  EXPECT_THAT(ids([](auto& f) { f.limit = 2; }), ElementsAre(3, 2));
  EXPECT_THAT(ids([](auto& f) { f.to = "/odd"; }), ElementsAre(3, 1));
  EXPECT_THAT(ids([](auto& f) { f.reason = DeadReason::kStopped; }), ElementsAre(3, 2));
  EXPECT_THAT(ids([](auto& f) { f.to = "/odd", f.reason = DeadReason::kUnhandled; }),
              ElementsAre(1));
  EXPECT_THAT(ids([](auto& f) { f.since_unix_ms = 1'700'000'000'001; }), ElementsAre(3, 2, 1));
  const uint64_t newest = store().letters()[0].id;
  EXPECT_THAT(ids([&](auto& f) { f.id = newest; }), ElementsAre(3));
}

TEST_P(DurableLogTest, LongDeadLetterPayloadIsCutAndItsSizeKept) {
  DeadLetter sent = letter("/a");
  sent.payload = Bytes(std::string(limits::kDeadLetterPayloadBytes + 1, 'x'));
  store().log.append_dead_letter(sent);
  store().flush();
  EXPECT_EQ(store().letters()[0].payload.size(), limits::kDeadLetterPayloadBytes);
  EXPECT_EQ(store().letters()[0].size, limits::kDeadLetterPayloadBytes + 1);
}

TEST_P(DurableLogTest, DeadLettersStayWithinTheirCountOldestFirst) {
  start({.count = 3});
  for (int i = 0; i < 5; ++i) store().log.append_dead_letter(letter("/" + std::to_string(i)));
  store().flush();
  ASSERT_EQ(store().letters().size(), 3u);
  EXPECT_EQ(store().letters()[2].to, "/2");
  EXPECT_EQ(store().log.stats().dead_letters, 3u);
  EXPECT_EQ(store().log.stats().dead_letters_removed, 2u);
}

TEST_P(DurableLogTest, DeadLettersStayWithinTheirBytes) {
  start({.bytes = 5'000});
  for (int i = 0; i < 5; ++i) {
    DeadLetter sent = letter("/" + std::to_string(i));
    sent.payload = Bytes(std::string(2'000, 'x'));
    store().log.append_dead_letter(sent);
  }
  store().flush();
  EXPECT_EQ(store().letters().size(), 2u);
  EXPECT_EQ(store().log.stats().dead_letters_removed, 3u);
}

TEST_P(DurableLogTest, OldDeadLettersAreRemoved) {
  start({.age_ms = 1'000});
  store().log.append_dead_letter(letter("/old"));
  store().flush();
  clock_.wall += 1'001;
  DeadLetter fresh = letter("/fresh");
  fresh.unix_ms = clock_.wall;
  store().log.append_dead_letter(fresh);
  store().flush();
  ASSERT_EQ(store().letters().size(), 1u);
  EXPECT_EQ(store().letters()[0].to, "/fresh");
}

TEST_P(DurableLogTest, CloseMakesEverythingSubmittedDurable) {
  const auto a = store().open("a");
  for (uint64_t seq = 1; seq <= 100; ++seq) store().submit(a, {event(seq, "x")});
  EXPECT_TRUE(log_->close());
  EXPECT_EQ(store().committed.back(), 100u);
  log_.reset();
}

}  // namespace
}  // namespace actord::host
