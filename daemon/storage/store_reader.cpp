#include "storage/store_reader.hpp"

#include "base/assert.hpp"

namespace actord::host {
namespace {

Error closed() { return {ACTORD_E_CLOSED, "the store is closed"}; }

}  // namespace

Result<std::unique_ptr<StoreReader>> StoreReader::open(Database database) {
  std::unique_ptr<StoreReader> reader(new StoreReader(std::move(database)));
  ACTORD_TRY_ASSIGN(reader->journal_, JournalReader::open(reader->database_));
  ACTORD_TRY_ASSIGN(reader->snapshots_, SnapshotReader::open(reader->database_));
  ACTORD_TRY_ASSIGN(reader->letters_, DeadLetterReader::open(reader->database_));
  return reader;
}

StoreReader::~StoreReader() { stop(); }

void StoreReader::start(std::function<void(Error)> damaged) {
  ACTORD_ASSERT(!thread_.joinable());
  damaged_ = std::move(damaged);
  thread_ = std::thread([this] { run(); });
}

void StoreReader::stop() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    wake_.notify_all();
  }
  if (!thread_.joinable()) return;
  thread_.join();
  journal_.reset();
  snapshots_.reset();
  letters_.reset();
  const Database closing = std::move(database_);
}

void StoreReader::load_snapshot(int64_t store_id, uint64_t at_most,
                                std::function<void(Result<std::optional<LoadedSnapshot>>)> done) {
  if (!post([=, this] { answer(snapshots_->load(store_id, at_most), done); })) done(closed());
}

void StoreReader::read(int64_t store_id, uint64_t after, uint32_t chain,
                       std::function<void(Result<EventBatch>)> done) {
  if (!post([=, this] { answer(journal_->read(store_id, after, chain), done); })) done(closed());
}

void StoreReader::dead_letters(DeadLetterFilter filter,
                               std::function<void(Result<std::vector<DeadLetter>>)> done) {
  if (!post([=, this] { answer(letters_->find(filter), done); })) done(closed());
}

bool StoreReader::post(std::function<void()> question) {
  MutexLock lock(mutex_);
  if (stopping_) return false;
  questions_.push_back(std::move(question));
  wake_.notify_one();
  return true;
}

template <class T>
void StoreReader::answer(Result<T> result, const std::function<void(Result<T>)>& done) {
  // A broken chain is one actor's misfortune; a broken page may be anybody's.
  const bool damage = !result && (sqlite3_errcode(database_.handle()) & 0xff) == SQLITE_CORRUPT;
  if (damage) damaged_(result.error());
  done(std::move(result));
}

void StoreReader::run() {
  while (true) {
    std::function<void()> question;
    {
      std::unique_lock<std::mutex> lock(mutex_.native());
      wake_.wait(lock, [this] { return stopping_ || !questions_.empty(); });
      if (questions_.empty()) return;
      question = std::move(questions_.front());
      questions_.pop_front();
    }
    question();
  }
}

}  // namespace actord::host
