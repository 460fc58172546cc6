// EndedWrites: writes leave the journal, and their ids stay in FinalMemory. The stream's step and
// the outcome's -> here, inside Store::write; throws SQLite::Exception. One for each store.
#pragma once

#include <patchbay/batch.hpp>
#include <patchbay/sqlite/final_memory.hpp>
#include <patchbay/sqlite/journal.hpp>
#include <span>
#include <vector>

namespace patchbay::sqlite {

class EndedWrites {
 public:
  EndedWrites(Journal& journal, FinalMemory& finals) : journal_(journal), finals_(finals) {}

  /// The write is final: its id alone stays. Gives the rows still touched.
  std::vector<TouchedRow> end(const WriteId& write, bool discarded);
  /// What a batch settles leaves the fold, whole writes end. Gives the rows they touched.
  [[nodiscard]] std::vector<TouchedRow> settle(std::span<const Settlement> settled);
  /// The write ends as discarded, and these go on in its place.
  void divide(const KeptWrite& kept, std::span<const KeptWrite> parts);

 private:
  Journal& journal_;
  FinalMemory& finals_;
};

}  // namespace patchbay::sqlite
