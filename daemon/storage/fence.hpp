// Fence: who may write to which journal.
//
// Per open actor it knows the epoch of the instance that may write, and where its journal ends. Every
// unit is judged before it reaches a transaction. Thread: the committing one only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/durable_log.hpp"

namespace actord::host {

struct JournalHead {
  std::string persistence_id;
  uint32_t epoch = 0;
  uint64_t seq = 0;      // of the newest event; the next one is seq + 1
  uint32_t chain = 0;    // checksum of the newest event
  bool blocked = false;  // until the actor is opened again
};

class Fence {
 public:
  // Nothing: the unit may be written. Otherwise why not, in words.
  std::optional<std::string> judge(const TurnUnit& unit) const;

  const JournalHead* find(int64_t store_id) const;
  void open(int64_t store_id, JournalHead head);
  void advance(int64_t store_id, uint64_t seq, uint32_t chain);
  void block(int64_t store_id);

  // What changed since begin() is undone by roll_back(): a transaction that failed leaves the fence
  // as it was.
  void begin() { undo_.clear(); }
  void roll_back();

 private:
  std::unordered_map<int64_t, JournalHead> heads_;
  struct Undo {
    int64_t store_id;
    std::optional<JournalHead> whole;  // before an open: all of it (nothing: it was not there)
    uint64_t seq = 0;                  // before an advance: where it ended
    uint32_t chain = 0;
    bool advanced = false;
  };
  std::vector<Undo> undo_;
};

}  // namespace actord::host
