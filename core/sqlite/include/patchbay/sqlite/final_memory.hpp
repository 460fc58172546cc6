// FinalMemory: the ids of writes that have ended, in the store's file. Used inside Store::write and
// Store::read only; throws SQLite::Exception. One for each store, on its strand.
//
//   patchbay_final        n (order of their ends), write_id (16 bytes), discarded, digest
//   patchbay_final_since  one row: the time since when nothing has been forgotten
//
// Invariants:
//  1. An id is there from the transaction that takes its write out of the journal.
//  2. There are kFinalIdsMax at most, about 64 bytes each: the one that ended first goes.
//  3. What an id costs, to add or to find, does not grow with their number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <patchbay/kit/final_writes.hpp>
#include <patchbay/sqlite/store.hpp>

namespace patchbay::sqlite {

class FinalMemory {
 public:
  explicit FinalMemory(Store& store, std::size_t ids_max);
  explicit FinalMemory(Store& store);

  /// Makes its tables where they are missing, from when on it remembers.
  void prepare();
  /// Other stores may have ended writes until now: only what is made from now on is surely known.
  void begin_anew();
  void add(const WriteId& write, const FinalWrite& end);
  [[nodiscard]] FinalRecall recall(const WriteId& write);

 private:
  void forget_first();
  void remember_since(std::int64_t since_ms);

  Store& store_;
  std::size_t ids_max_;
};

}  // namespace patchbay::sqlite
