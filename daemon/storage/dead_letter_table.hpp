// DeadLetterTable: dead letters as rows, within bounds of count, age and bytes. The oldest go first,
// in the transaction that brings the new ones.
#pragma once

#include <cstdint>
#include <vector>

#include "storage/database.hpp"
#include "storage/dead_letter_bounds.hpp"

namespace actord::host {

class DeadLetterWriter {
 public:
  static Result<DeadLetterWriter> open(Database& database, DeadLetterBounds bounds);
  Result<void> append(const DeadLetter& letter);
  Result<void> trim(int64_t now_unix_ms);
  uint64_t count() const { return now_.count; }
  uint64_t removed() const { return now_.removed; }

  void begin() { before_ = now_; }
  void roll_back() { now_ = before_; }

 private:
  explicit DeadLetterWriter(DeadLetterBounds bounds) : bounds_(bounds) {}
  struct Sums {
    uint64_t count = 0, bytes = 0, removed = 0;
  };

  DeadLetterBounds bounds_;
  Sums now_, before_;
  Statement insert_, oldest_, delete_;
};

class DeadLetterReader {
 public:
  static Result<DeadLetterReader> open(Database& database);
  Result<std::vector<DeadLetter>> find(const DeadLetterFilter& filter);

 private:
  DeadLetter row() const;
  Statement select_;
};

}  // namespace actord::host
