// FinalMemory: the ids of writes that have ended, in the store's file. Used inside Store::write and
// Store::read only; throws SQLite::Exception. One for each store, on its strand.
//
//   patchbay_final        n (order of their ends), write_id (16 bytes), discarded, digest
//   patchbay_final_since  one row: the time since when nothing has been forgotten
//
// Invariants:
//  1. An id is there from the transaction that takes its write out of the journal.
//  2. There are at most kFinalIdsMax, about 64 bytes each: the one that ended first is forgotten.
//  3. The cost to add or to find an id does not grow with their number.
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

  /// Makes the tables where they are missing; the memory starts then.
  void prepare();
  /// Starts the memory again, as other stores may have ended writes until now: only for writes made
  /// from now on is it certain whether they have ended.
  void start_again();
  void add(const WriteId& write, const FinalWrite& end);
  [[nodiscard]] FinalRecall recall(const WriteId& write);

 private:
  void forget_first();
  void remember_since(std::int64_t since_ms);

  Store& store_;
  std::size_t ids_max_;
};

}  // namespace patchbay::sqlite
