// EndedWrites: takes writes that have ended out of the journal and puts their ids into FinalMemory.
// The stream's step and the outcome's -> here, inside Store::write; throws SQLite::Exception. One
// for each store.
#pragma once

#include <patchbay/batch.hpp>
#include <patchbay/pattern.hpp>
#include <patchbay/sqlite/final_memory.hpp>
#include <patchbay/sqlite/journal.hpp>
#include <span>
#include <vector>

namespace patchbay::sqlite {

class EndedWrites {
 public:
  EndedWrites(Journal& journal, FinalMemory& finals) : journal_(journal), finals_(finals) {}

  /// Ends a write, of which only the id stays. Gives the rows that it still touched.
  std::vector<TouchedRow> end(const WriteId& write, bool discarded);
  /// Takes what a batch settles out of the fold, and ends writes that are settled whole. Gives the
  /// rows that they touched.
  [[nodiscard]] std::vector<TouchedRow> settle(std::span<const Settlement> settled);
  /// Ends the whole write as discarded; its parts continue in its place.
  void divide(const Division& division);

 private:
  Journal& journal_;
  FinalMemory& finals_;
};

}  // namespace patchbay::sqlite
