// What only a store on a disk can promise. Numbers in brackets: rows of the failure contract.
#include "storage/sqlite_log.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <iostream>
#include <map>
#include <set>

#include "fault_vfs.hpp"
#include "raw_store.hpp"
#include "storage/data_dir.hpp"
#include "store_fixture.hpp"

namespace actord::host {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class SqliteLogTest : public ::testing::Test {
 protected:
  Result<std::unique_ptr<SqliteLog>> try_start(const char* vfs = "unix-excl") {
    return SqliteLog::open({.data_dir = data_, .dead_letters = {}, .vfs = vfs}, clock_);
  }
  void start(const char* vfs = "unix-excl") {
    auto opened = try_start(vfs);
    ASSERT_TRUE(opened) << opened.error().text;
    log_ = std::move(opened).value();
    session_ = std::make_unique<Session>(*log_);
  }
  void start_with_faults() {
    FaultVfs::install();
    FaultVfs::reset();
    start(FaultVfs::kName);
  }
  void stop() {
    auto closed = log_->close();
    EXPECT_TRUE(closed) << closed.error().text;
    log_.reset();
  }
  // What is left when the process dies here: the files as they are, copied while it lives.
  void kill() {
    const std::string copy = dir_.path + "/copy";
    std::filesystem::copy(data_, copy);
    stop();
    std::filesystem::remove_all(data_);
    std::filesystem::rename(copy, data_);
  }
  Session& store() { return *session_; }
  void fill(const std::string& id, uint64_t count) {
    const auto actor = store().open(id);
    for (uint64_t seq = 1; seq <= count; ++seq)
      store().settle(store().submit(actor, {event(seq, std::to_string(seq))}));
  }
  std::string database() const { return data_ + "/actord.db"; }
  std::string wal() const { return data_ + "/actord.db-wal"; }
  std::string mark() const { return data_ + "/actord.mark"; }

  HandClock clock_;
  TempDir dir_;
  const std::string data_ = dir_.path + "/a/data";
  std::unique_ptr<SqliteLog> log_;
  std::unique_ptr<Session> session_;
};

TEST_F(SqliteLogTest, ReopenKeepsEverything) {
  start();
  const auto a = store().open("a");
  store().submit(a, {event(1, "1"), event(2, "2", "test.Other")}, snapshot(2, "two"),
                 {letter("/a")});
  store().submit(a, {event(3, "3")});
  stop();
  start();
  const auto again = store().open("a");
  EXPECT_EQ(again.store_id, a.store_id);
  EXPECT_EQ(again.epoch, a.epoch + 1);
  EXPECT_EQ(again.head_seq, 3u);
  const auto events = *store().read_all(a.store_id);
  EXPECT_EQ(bodies(events), "1 2 3 ");
  EXPECT_EQ(events[1].type.name(), "test.Other");
  EXPECT_EQ((*store().load(a.store_id))->snapshot.body.view(), "two");
  EXPECT_EQ(store().letters().size(), 1u);
  EXPECT_EQ(log_->stats().dead_letters, 1u);
  store().settle(store().submit(again, {event(4, "4")}));
  EXPECT_EQ(bodies(*store().read_all(a.store_id)), "1 2 3 4 ");
  stop();
}

// [21] The numbers of deleted events and letters are gone for good.
TEST_F(SqliteLogTest, HeadsSurviveDeletionAndRestart) {
  start();
  const auto a = store().open("a");
  store().submit(a, {event(1, "1"), event(2, "2")}, snapshot(2, "two"), {letter("/a")});
  store().flush();
  stop();
  {
    RawStore raw(database(), "unix");
    raw.run(
        "UPDATE actors SET floor_seq=2, floor_chain=(SELECT crc FROM events WHERE seq=2);"
        "INSERT INTO meta VALUES('floor_gseq', (SELECT max(gseq) FROM events));"
        "DELETE FROM events; DELETE FROM dead_letters");
  }
  start();
  const auto again = store().open("a");
  EXPECT_EQ(again.head_seq, 2u);
  EXPECT_EQ(again.floor_seq, 2u);
  store().settle(store().submit(again, {event(3, "3")}, {}, {letter("/a")}));
  const auto loaded = *store().load(a.store_id);
  ASSERT_TRUE(loaded);
  EXPECT_EQ(bodies(*store().read_all(a.store_id, 2, loaded->chain)), "3 ");
  EXPECT_EQ(store().letters()[0].id, 2u);
  EXPECT_EQ(RawStore(database()).number("SELECT gseq FROM events"), 3);
  stop();
}

TEST_F(SqliteLogTest, DirectoryIsMadePrivate) {
  start();
  struct stat status {};
  ASSERT_EQ(stat(data_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0007, 0u);
  EXPECT_EQ(log_->stats().location, database());
  EXPECT_THAT(log_->stats().promise, HasSubstr("strict"));
  EXPECT_GT(log_->stats().bytes, 0u);
  stop();
}

TEST_F(SqliteLogTest, SettingsOfTheFileAreTheOnesWanted) {
  start();
  fill("a", 1);
  RawStore raw(database());
  EXPECT_EQ(raw.number("PRAGMA application_id"), 0x61637464);
  EXPECT_EQ(raw.number("PRAGMA user_version"), 2);
  EXPECT_EQ(raw.number("PRAGMA page_size"), 4'096);
  EXPECT_EQ(raw.number("SELECT count(*) FROM pragma_journal_mode WHERE journal_mode='wal'"), 1);
  EXPECT_FALSE(std::filesystem::exists(database() + "-shm"));
  stop();
  EXPECT_EQ(std::filesystem::file_size(wal()), 0u) << "a clean end leaves nothing in the log";
}

// [18]
TEST_F(SqliteLogTest, SecondDaemonIsRefusedWithTheHoldersPid) {
  start();
  fill("a", 1);
  const auto second = try_start();
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ACTORD_E_LOCKED);
  EXPECT_THAT(second.error().text, HasSubstr("process " + std::to_string(getpid()) + " "));
  const auto a = store().open("a");
  store().settle(store().submit(a, {event(2, "2")}));
  EXPECT_EQ(bodies(*store().read_all(a.store_id)), "1 2 ");
  EXPECT_TRUE(log_->close());
  EXPECT_TRUE(try_start()) << "closing frees the lock";
  log_.reset();
}

// Another process that waits for a word, acts, answers with a byte, and leaves when told to. It must
// be made before the store is opened: SQLite's idea of its locks does not survive a fork.
class OtherProcess {
 public:
  explicit OtherProcess(std::function<int(const std::function<void(int)>& answer_and_stay)> act) {
    EXPECT_EQ(pipe(to_) | pipe(from_), 0);
    pid_ = fork();
    if (pid_ != 0) return;
    wait_word();
    const int answer = act([this](int early) {
      say(from_[1], early);
      wait_word();
    });
    say(from_[1], answer);
    _exit(0);
  }
  ~OtherProcess() {
    for (const int fd : {to_[0], to_[1], from_[0], from_[1]}) ::close(fd);
    waitpid(pid_, nullptr, 0);
  }
  int ask() {
    say(to_[1], 0);
    char byte = -1;
    EXPECT_EQ(read(from_[0], &byte, 1), 1);
    return byte;
  }

 private:
  static void say(int fd, int word) {
    const char byte = static_cast<char>(word);
    EXPECT_EQ(write(fd, &byte, 1), 1);
  }
  void wait_word() {
    char byte;
    if (read(to_[0], &byte, 1) != 1) _exit(1);
  }
  int to_[2], from_[2];
  pid_t pid_;
};

// [18]
TEST_F(SqliteLogTest, ForeignProgramOnTheStoreIsNamed) {
  OtherProcess foreign([&](const auto& answer_and_stay) {
    RawStore raw(database(), "unix");
    answer_and_stay(static_cast<int>(raw.number("SELECT count(*) FROM events")));
    return 0;
  });
  start();
  fill("a", 1);
  stop();
  EXPECT_EQ(foreign.ask(), 1);
  const auto refused = try_start();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ACTORD_E_LOCKED);
  EXPECT_THAT(refused.error().text, HasSubstr("another program has " + database()));
  foreign.ask();
  start();
  stop();
}

// [18]
TEST_F(SqliteLogTest, ForeignProgramIsKeptOutWhileTheStoreIsOpen) {
  OtherProcess foreign([&](const auto&) {
    sqlite3* raw = nullptr;
    sqlite3_open_v2(database().c_str(), &raw, SQLITE_OPEN_READONLY, "unix");
    return sqlite3_exec(raw, "SELECT count(*) FROM events", nullptr, nullptr, nullptr);
  });
  start();
  fill("a", 1);
  EXPECT_EQ(foreign.ask(), SQLITE_BUSY);
  stop();
}

// [23]
TEST_F(SqliteLogTest, NewerStoreIsRefusedAndLeftAsItWas) {
  start();
  fill("a", 3);
  kill();
  RawStore(database(), "unix").run("PRAGMA user_version=99");
  const std::string file = slurp(database()), log = slurp(wal()), mark_before = slurp(mark());
  const auto refused = try_start();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ACTORD_E_NEWER);
  EXPECT_THAT(refused.error().text, HasSubstr("schema 99"));
  EXPECT_EQ(slurp(database()), file);
  EXPECT_EQ(slurp(wal()), log);
  EXPECT_EQ(slurp(mark()), mark_before);
}

TEST_F(SqliteLogTest, ASchemaThatNeverWasIsRefusedWithOneHonestText) {
  start();
  fill("a", 2);
  stop();
  for (const char* version : {"-1", "0"}) {
    RawStore(database(), "unix").run(std::string("PRAGMA user_version=") + version);
    const std::string before = slurp(database());
    const auto refused = try_start();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ACTORD_E_CORRUPT);
    EXPECT_THAT(refused.error().text, HasSubstr(std::string("of schema ") + version));
    EXPECT_THAT(refused.error().text, HasSubstr("Restore a backup"));
    EXPECT_EQ(slurp(database()), before);
  }
}

TEST_F(SqliteLogTest, ReadOnlyDatabaseIsRefusedAtTheStart) {
  start();
  fill("a", 1);
  stop();
  ASSERT_EQ(chmod(dir_.path.c_str(), 0755), 0);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(dir_.path))
    ASSERT_EQ(chmod(entry.path().c_str(), 0777), 0);
  ASSERT_EQ(chmod(database().c_str(), 0444), 0);
  OtherProcess unprivileged([&](const auto&) {
    if (geteuid() == 0 && setuid(65'534) != 0) return 1;
    const auto refused = try_start();
    if (refused || refused.error().code != ACTORD_E_PERMISSION) return 2;
    return refused.error().text.find("give this user the right to write there") == std::string::npos
               ? 3
               : 0;
  });
  EXPECT_EQ(unprivileged.ask(), 0);
}

TEST_F(SqliteLogTest, DatabaseOfAnotherProgramIsRefusedAndLeftAsItWas) {
  std::filesystem::create_directories(data_);
  {
    sqlite3* raw = nullptr;
    sqlite3_open(database().c_str(), &raw);
    sqlite3_exec(raw, "CREATE TABLE bookmarks(url)", nullptr, nullptr, nullptr);
    sqlite3_close(raw);
  }
  const std::string file = slurp(database());
  const auto refused = try_start();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ACTORD_E_CORRUPT);
  EXPECT_EQ(slurp(database()), file);
}

TEST_F(SqliteLogTest, FileThatIsNoDatabaseIsRefused) {
  std::filesystem::create_directories(data_);
  spill(database(), std::string(10'000, 'x'));
  EXPECT_EQ(try_start().error().code, ACTORD_E_CORRUPT);
}

// [10] SQLite itself would open this with fewer rows and not a word.
TEST_F(SqliteLogTest, FlippedBitInTheWalIsFoundThroughTheMark) {
  start();
  fill("a", 100);
  kill();
  std::string log = slurp(wal());
  ASSERT_GT(log.size(), 100'000u);
  log[log.size() / 2] ^= 4;
  spill(wal(), log);
  const auto refused = try_start();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ACTORD_E_CORRUPT);
  EXPECT_THAT(refused.error().text,
              ::testing::ContainsRegex("committed events [0-9]+ to 100 have vanished"));
  EXPECT_EQ(slurp(wal()), log);
  EXPECT_EQ(slurp(data_ + "/damaged-100/actord.db-wal"), log);
  EXPECT_FALSE(try_start()) << "and the next start decides the same";
  std::filesystem::remove(mark());
  start();
  const auto a = store().open("a");
  EXPECT_GT(a.head_seq, 0u);
  EXPECT_LT(a.head_seq, 100u);
  EXPECT_EQ(store().read_all(a.store_id)->size(), a.head_seq) << "what is left is a prefix";
  stop();
}

// [10]
TEST_F(SqliteLogTest, TruncatedWalIsFoundThroughTheMark) {
  start();
  fill("a", 20);
  kill();
  std::filesystem::resize_file(wal(), std::filesystem::file_size(wal()) - 1);
  EXPECT_THAT(try_start().error().text, HasSubstr("committed events 20 to 20 have vanished"));
  std::filesystem::remove(wal());
  std::filesystem::remove(database());
  EXPECT_THAT(try_start().error().text, HasSubstr("committed events 1 to 20 have vanished"));
}

// [10]
TEST_F(SqliteLogTest, ReplacedEventIsFoundThroughTheMark) {
  start();
  fill("a", 2);
  stop();
  RawStore(database(), "unix").run("UPDATE events SET crc=crc+1 WHERE gseq=2");
  EXPECT_THAT(try_start().error().text, HasSubstr("event 2 is not the one that was committed"));
}

// [2] A kill between the commit and the mark.
// What a row says of itself is under the checksum too.
TEST_F(SqliteLogTest, AnEventCannotBeHiddenAsAGap) {
  for (const char* flags : {"1", "2"}) {
    start();
    fill("a", 3);
    stop();
    RawStore(database(), "unix")
        .run(std::string("UPDATE events SET flags=") + flags + " WHERE seq=2");
    start();
    const auto read = store().read_all(store().open("a").store_id);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, ACTORD_E_CORRUPT);
    EXPECT_THAT(read.error().text, HasSubstr("found event 2 with a wrong checksum"));
    stop();
    std::filesystem::remove_all(data_);
  }
}

// Rows deleted at the end of a journal leave no hole, so the head is remembered beside it.
TEST_F(SqliteLogTest, AJournalWithoutItsEndIsRefused) {
  start();
  fill("cut", 3);
  fill("emptied", 2);
  fill("whole", 2);
  stop();
  {
    RawStore raw(database(), "unix");
    raw.run(
        "DELETE FROM events WHERE actor=(SELECT id FROM actors WHERE persistence_id='emptied');"
        "DELETE FROM events WHERE seq>1 AND actor=(SELECT id FROM actors WHERE "
        "persistence_id='cut')");
  }
  start();
  const auto cut = store().try_open("cut"), emptied = store().try_open("emptied");
  ASSERT_FALSE(cut);
  ASSERT_FALSE(emptied);
  EXPECT_EQ(cut.error().code, ACTORD_E_CORRUPT);
  EXPECT_THAT(cut.error().text, HasSubstr("journal of 'cut' ends at event 1, but event 3 was "
                                          "committed; restore the store from a backup"));
  EXPECT_THAT(emptied.error().text, HasSubstr("ends at event 0, but event 2"));
  EXPECT_EQ(store().open("whole").head_seq, 2u);
  stop();
}

TEST_F(SqliteLogTest, HeadsAreTakenFromAnOlderStore) {
  start();
  fill("a", 3);
  stop();
  RawStore(database(), "unix")
      .run("ALTER TABLE actors DROP COLUMN head_seq; PRAGMA user_version=1");
  start();
  EXPECT_EQ(store().open("a").head_seq, 3u);
  fill("b", 1);
  stop();
  RawStore(database(), "unix").run("DELETE FROM events WHERE seq=3");
  start();
  EXPECT_EQ(store().try_open("a").error().code, ACTORD_E_CORRUPT);
  stop();
}

TEST_F(SqliteLogTest, HeadAheadOfTheMarkIsANormalStart) {
  start();
  fill("a", 1);
  const std::string before = slurp(mark());
  const auto a = store().open("a");
  store().settle(store().submit(a, {event(2, "2")}));
  kill();
  spill(mark(), before);
  start();
  EXPECT_EQ(store().open("a").head_seq, 2u);
  stop();
}

// [7]
TEST_F(SqliteLogTest, FullDiskHoldsTheGroupAndLosesNothing) {
  start_with_faults();
  const auto a = store().open("a"), b = store().open("b");
  store().settle(store().submit(a, {event(1, "1")}));
  FaultVfs::full = true;
  Lsn last = 0;
  for (uint64_t seq = 1; seq <= 100; ++seq) {
    store().submit(a, {event(seq + 1, std::to_string(seq + 1))}, {}, {letter("/a")});
    last =
        store().submit(b, {event(seq, std::to_string(seq), "test.New" + std::to_string(seq % 3))});
  }
  while (!log_->stats().waiting_for_space) std::this_thread::yield();
  EXPECT_EQ(log_->durable(), 1u);
  EXPECT_EQ(bodies(*store().read_all(a.store_id)), "1 ") << "reading goes on";
  FaultVfs::full = false;
  store().settle(last);
  EXPECT_FALSE(log_->stats().waiting_for_space);
  EXPECT_EQ(store().read_all(a.store_id)->size(), 101u);
  EXPECT_EQ(store().read_all(b.store_id)->size(), 100u);
  DeadLetterFilter all;
  all.limit = 1'000;
  EXPECT_EQ(store().letters(all).size(), 100u);
  EXPECT_EQ(log_->stats().events, 201u);
  EXPECT_EQ(log_->stats().dead_letters, 100u);
  EXPECT_THAT(store().refused, IsEmpty());
  EXPECT_THAT(store().failures, IsEmpty());
  EXPECT_EQ(RawStore(database(), FaultVfs::kName).number("SELECT max(gseq) FROM events"), 201);
  stop();
}

// [7]
TEST_F(SqliteLogTest, CloseOnAFullDiskReportsIt) {
  start_with_faults();
  const auto a = store().open("a");
  FaultVfs::full = true;
  store().submit(a, {event(1, "1")});
  while (!log_->stats().waiting_for_space) std::this_thread::yield();
  EXPECT_EQ(log_->close().error().code, ACTORD_E_DISK_FULL);
  log_.reset();
  EXPECT_THAT(store().committed, IsEmpty());
  FaultVfs::full = false;
  start();
  EXPECT_EQ(store().open("a").head_seq, 0u);
  stop();
}

TEST_F(SqliteLogTest, SnapshotThatDoesNotFitCostsOnlyItself) {
  start_with_faults();
  const auto a = store().open("a");
  store().submit(a, {event(1, "1")}, snapshot(1, "one"));
  store().flush();
  RawStore(database(), FaultVfs::kName)
      .run(
          "CREATE TRIGGER no_room BEFORE INSERT ON snapshots BEGIN SELECT RAISE(ABORT, 'no room'); "
          "END");
  store().submit(a, {event(2, "2")}, snapshot(2, "two"));
  store().flush();
  EXPECT_THAT(store().failures, IsEmpty());
  EXPECT_EQ((*store().load(a.store_id))->snapshot.body.view(), "one");
  EXPECT_EQ(bodies(*store().read_all(a.store_id)), "1 2 ");
  stop();
}

// [5] [8] Law 9.
TEST_F(SqliteLogTest, FailedSyncIsFinal) {
  start_with_faults();
  const auto a = store().open("a");
  store().settle(store().submit(a, {event(1, "1")}));
  FaultVfs::sync_fails = true;
  store().submit(a, {event(2, "2")});
  store().await_failure();
  FaultVfs::sync_fails = false;
  store().submit(a, {event(3, "3")});
  EXPECT_FALSE(store().try_open("a"));
  EXPECT_EQ(log_->close().error().code, ACTORD_E_IO);
  EXPECT_EQ(store().failures.size(), 1u);
  EXPECT_THAT(store().committed, ElementsAre(1));
  EXPECT_EQ(log_->durable(), 1u);
  log_.reset();
  // [6] The next start decides from the disk: the event may be there, whole.
  start();
  const auto again = store().open("a");
  EXPECT_EQ(store().read_all(again.store_id)->size(), again.head_seq);
  EXPECT_GE(again.head_seq, 1u);
  EXPECT_LE(again.head_seq, 2u);
  stop();
}

// Law 9: a sync of a file without a name succeeds, and no start will ever read it.
TEST_F(SqliteLogTest, FilesThatWereMovedOrReplacedAreFinal) {
  for (const char* file : {"/actord.db", "/actord.db-wal", "/actord.mark", "/actord.lock", ""}) {
    start();
    const auto a = store().open("a");
    store().settle(store().submit(a, {event(1, "1")}));
    std::filesystem::rename(data_ + file, dir_.path + "/away");
    store().submit(a, {event(2, "2")});
    store().await_failure();
    EXPECT_THAT(store().failures[0].text, HasSubstr("was removed or moved")) << file;
    EXPECT_THAT(store().committed, ElementsAre(1));
    EXPECT_EQ(log_->close().error().code, ACTORD_E_IO);
    log_.reset();
    // Put back, it holds what was acknowledged.
    std::filesystem::rename(dir_.path + "/away", data_ + file);
    start();
    EXPECT_EQ(store().open("a").head_seq, 1u) << file;
    std::filesystem::copy_file(database(), dir_.path + "/copy.db");
    std::filesystem::rename(dir_.path + "/copy.db", database());
    EXPECT_THAT(log_->close().error().text, HasSubstr("was replaced by another file"));
    log_.reset();
    std::filesystem::remove_all(data_);
  }
}

// [5]
TEST_F(SqliteLogTest, FailedWriteIsFinal) {
  start_with_faults();
  const auto a = store().open("a");
  FaultVfs::write_fails = true;
  store().submit(a, {event(1, "1")});
  store().await_failure();
  EXPECT_THAT(store().committed, IsEmpty());
  EXPECT_FALSE(log_->close());
  log_.reset();
}

// [5]
TEST_F(SqliteLogTest, FailedCheckpointAtStartRefusesTheStart) {
  start();
  fill("a", 10);
  kill();
  FaultVfs::install();
  FaultVfs::reset();
  FaultVfs::sync_fails = true;
  const auto refused = try_start(FaultVfs::kName);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ACTORD_E_IO);
  FaultVfs::reset();
  start();
  EXPECT_EQ(store().open("a").head_seq, 10u);
  stop();
}

// [11]
TEST_F(SqliteLogTest, DamagedPageStopsTheStore) {
  start();
  const auto a = store().open("a");
  for (uint64_t seq = 1; seq <= 2'000; ++seq)
    store().submit(a, {event(seq, std::string(200, 'x'))});
  stop();
  start();
  std::string file = slurp(database());
  const size_t middle = file.size() / 2 / 4'096 * 4'096;
  for (size_t at = middle; at < middle + 40'960; ++at) file[at] = '\xff';
  // Written in place: the store has the file open.
  const int fd = ::open(database().c_str(), O_WRONLY);
  ASSERT_EQ(pwrite(fd, file.data(), file.size(), 0), static_cast<ssize_t>(file.size()));
  const auto result = store().read_all(a.store_id);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ACTORD_E_CORRUPT);
  store().await_failure();
  EXPECT_FALSE(log_->close());
  log_.reset();
  // Only now: closing any descriptor of the file drops this process's locks on it.
  ::close(fd);
}

// [14] The second line behind the fence.
TEST_F(SqliteLogTest, BrokenConstraintFencesTheOffenderAlone) {
  start();
  const auto a = store().open("a"), b = store().open("b");
  store().settle(store().submit(b, {event(1, "b1")}));
  RawStore(database())
      .run("INSERT INTO events VALUES(50, " + std::to_string(a.store_id) +
           ", 2, 1, 1, 1, 1, NULL, 0, 0, 0, X'')");
  store().submit(a, {event(1, "a1")});
  store().submit(b, {event(2, "b2")});
  const Lsn offender = store().submit(a, {event(2, "a2")}, {}, {letter("/a")});
  const Lsn follower = store().submit(a, {event(3, "a3")});
  store().settle(store().submit(b, {event(3, "b3")}));
  EXPECT_THAT(store().refused, ElementsAre(offender, follower));
  EXPECT_EQ(log_->stats().stale_units, 2u);
  EXPECT_EQ(bodies(*store().read_all(b.store_id)), "b1 b2 b3 ");
  EXPECT_THAT(store().letters(), IsEmpty());
  EXPECT_THAT(store().failures, IsEmpty());
  stop();
}

TEST_F(SqliteLogTest, NetworkFileSystemsAreKnownByName) {
  EXPECT_EQ(network_file_system(0x6969), "nfs");
  EXPECT_EQ(network_file_system(0xff534d42), "cifs");
  EXPECT_EQ(network_file_system(0x65735546), "fuse");
  EXPECT_EQ(network_file_system(0xef53), std::nullopt) << "ext4";
  EXPECT_EQ(network_file_system(0x01021994), std::nullopt) << "tmpfs";
}

// [9]
TEST_F(SqliteLogTest, ReadOnlyDirectoryIsRefusedAndNothingIsLeft) {
  std::filesystem::create_directories(data_);
  ASSERT_EQ(chmod(dir_.path.c_str(), 0755), 0);
  ASSERT_EQ(chmod(data_.c_str(), 0555), 0);
  OtherProcess unprivileged([&](const auto&) {
    if (geteuid() == 0 && setuid(65'534) != 0) return 1;
    const auto refused = try_start();
    if (refused || refused.error().code != ACTORD_E_PERMISSION) return 2;
    return refused.error().text.find(data_) == std::string::npos ? 3 : 0;
  });
  EXPECT_EQ(unprivileged.ask(), 0);
  EXPECT_TRUE(std::filesystem::is_empty(data_));
}

TEST_F(SqliteLogTest, FileInPlaceOfTheDirectoryIsRefused) {
  std::filesystem::create_directories(dir_.path + "/a");
  spill(data_, "");
  EXPECT_THAT(try_start().error().text, HasSubstr(data_ + " is not a directory"));
}

TEST_F(SqliteLogTest, IdleStoreMovesItsLogIntoTheFile) {
  start();
  const auto a = store().open("a");
  constexpr uint64_t kEvents = 160;
  for (uint64_t seq = 1; seq <= kEvents; ++seq)
    store().submit(a, {event(seq, std::string(100'000, 'x'))});
  store().settle(kEvents);
  // Nothing waits now, so the writer checkpoints; without that, the file would stay small for good.
  while (log_->stats().bytes < 15u << 20) std::this_thread::yield();
  EXPECT_EQ(store().read_all(a.store_id)->size(), kEvents);
  stop();
}

TEST_F(SqliteLogTest, FloodOfDeadLettersIsCountedAndDropped) {
  start_with_faults();
  FaultVfs::full = true;
  store().log.append_dead_letter(letter("/first"));
  while (!log_->stats().waiting_for_space) std::this_thread::yield();
  for (uint64_t i = 0; i < limits::kDeadLettersQueued + 5; ++i)
    store().log.append_dead_letter(letter("/a"));
  EXPECT_EQ(log_->stats().dead_letters_dropped, 5u);
  FaultVfs::full = false;
  store().flush();
  EXPECT_EQ(log_->stats().dead_letters, limits::kDeadLettersQueued + 1);
  stop();
}

// --- kills ---

constexpr int kWriters = 8;
constexpr uint64_t kUnits = 20'000;

// Each unit says its number and how many events it has; `acks` receives every durable number.
[[noreturn]] void write_until_killed(const std::string& data, uint64_t seed, int acks) {
  HandClock clock;
  auto log = SqliteLog::open({.data_dir = data, .dead_letters = {}}, clock);
  if (!log) _exit(1);
  std::promise<void> failed;
  (*log)->connect({.committed =
                       [acks](Lsn durable, const std::vector<ActorRef>&) {
                         if (::write(acks, &durable, sizeof durable) != sizeof durable) _exit(2);
                       },
                   .failed = [](Error) { _exit(3); }});
  std::vector<OpenedActor> actors;
  for (int i = 0; i < kWriters; ++i) {
    std::promise<OpenedActor> opened;
    (*log)->open("w" + std::to_string(i), "test.Kind",
                 [&](Result<OpenedActor> r) { opened.set_value(*r); });
    actors.push_back(opened.get_future().get());
  }
  Random random(seed);
  for (Lsn lsn = 1; lsn <= kUnits; ++lsn) {
    OpenedActor& actor = actors[random.next() % kWriters];
    const uint64_t count = 1 + random.next() % 4;
    TurnUnit unit{.owner = {1, 1},
                  .store_id = actor.store_id,
                  .epoch = actor.epoch,
                  .events = {},
                  .letters = {},
                  .snapshot = {}};
    for (uint64_t i = 0; i < count; ++i) {
      const std::string body = std::to_string(seed) + " " + std::to_string(lsn) + " " +
                               std::to_string(count) + " " + std::string(random.next() % 500, 'x');
      unit.events.push_back(event(++actor.head_seq, body));
    }
    if (random.next() % 50 == 0) unit.snapshot = snapshot(actor.head_seq, "state");
    if ((*log)->submit(std::move(unit)) != lsn) _exit(4);
    // Many small groups, not one: kills are to fall everywhere.
    while (lsn - (*log)->durable() > 40) std::this_thread::yield();
  }
  _exit(0);
}

// [1] [22]
TEST_F(SqliteLogTest, KilledAtAnyMomentItKeepsWhatItAcknowledged) {
  const uint64_t base = Random::from_system().next() % 1'000'000;
  std::cout << "seed " << base << "\n";
  Random random(base);
  uint64_t events_before = 0;
  for (uint64_t round = 0; round < 10; ++round) {
    SCOPED_TRACE("seed " + std::to_string(base) + ", round " + std::to_string(round));
    int acks[2];
    ASSERT_EQ(pipe(acks), 0);
    const pid_t child = fork();
    if (child == 0) {
      ::close(acks[0]);
      write_until_killed(data_, round, acks[1]);
    }
    ::close(acks[1]);
    Lsn acknowledged = 0;
    const uint64_t kill_after = random.next() % 60;
    for (uint64_t n = 0; n <= kill_after && read(acks[0], &acknowledged, sizeof acknowledged) > 0;
         ++n) {}
    ::kill(child, SIGKILL);
    while (read(acks[0], &acknowledged, sizeof acknowledged) > 0) {}
    ::close(acks[0]);
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << "exit " << WEXITSTATUS(status);

    start();
    std::map<Lsn, uint64_t> found, declared;
    uint64_t events = 0;
    for (int i = 0; i < kWriters; ++i) {
      const auto actor = store().open("w" + std::to_string(i));
      const auto all = store().read_all(actor.store_id);
      ASSERT_TRUE(all) << all.error().text;
      EXPECT_EQ(all->size(), actor.head_seq);
      events += all->size();
      const auto loaded = store().load(actor.store_id);
      ASSERT_TRUE(loaded);
      EXPECT_LE(*loaded ? (*loaded)->snapshot.seq : 0, actor.head_seq);
      for (const EventRecord& record : *all) {
        unsigned long of_round = 0, lsn = 0, count = 0;
        ASSERT_EQ(
            sscanf(std::string(record.body.view()).c_str(), "%lu %lu %lu", &of_round, &lsn, &count),
            3);
        if (of_round != round) continue;
        ++found[lsn];
        declared[lsn] = count;
      }
    }
    EXPECT_EQ(found, declared) << "each unit is whole";
    const Lsn newest = found.empty() ? 0 : found.rbegin()->first;
    EXPECT_EQ(found.size(), newest) << "what is there is a prefix";
    EXPECT_GE(newest, acknowledged) << "and holds everything acknowledged";
    uint64_t of_this_round = 0;
    for (const auto& [lsn, count] : found) of_this_round += count;
    EXPECT_EQ(events, events_before + of_this_round);
    events_before = events;
    stop();
  }
}

// A figure for the log, not a claim.
TEST_F(SqliteLogTest, PrintsEventsPerSecond) {
  start();
  constexpr uint64_t kActors = 1'000, kRounds = 60;
  std::vector<OpenedActor> actors;
  for (uint64_t i = 0; i < kActors; ++i) actors.push_back(store().open("a" + std::to_string(i)));
  const Bytes body(std::string(128, 'x'));
  const auto before = std::chrono::steady_clock::now();
  Lsn last = 0;
  for (uint64_t seq = 1; seq <= kRounds; ++seq) {
    for (const OpenedActor& actor : actors) {
      EventRecord record = event(seq, "");
      record.body = body;
      last = store().submit(actor, {record});
    }
  }
  store().settle(last);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - before).count();
  std::cout << "strict, 1000 actors, 128 B: "
            << static_cast<uint64_t>(static_cast<double>(last) / seconds) << " events/s in "
            << log_->stats().commits - kActors << " groups\n";
  EXPECT_EQ(log_->stats().events, kActors * kRounds);
  stop();
}

}  // namespace
}  // namespace actord::host
