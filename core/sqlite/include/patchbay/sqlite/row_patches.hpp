// RowPatches: what many unfinished operations make of one row, kept, so that one more or one less
// costs nothing that grows with them. Journal → here; in memory, never more than the journal says,
// and forgotten whenever that is simpler. Owned by Journal, on the store's strand.
//
// Invariant: a patch that is kept is what a fold of the row's operations would give.
#pragma once

#include <cstdint>
#include <map>
#include <patchbay/fold.hpp>
#include <span>
#include <vector>

namespace patchbay::sqlite {

class RowPatches {
 public:
  /// Null: a fold must tell. `is_synced`: the stream has shown the row.
  [[nodiscard]] const RowPatch* find(Host& host, const RowName& row, bool is_synced) const;
  /// What a fold gave, with the row's operations; kept when these are many and all of them plain.
  void keep(Host& host, const FoldedRow& row, std::span<const PlacedOperation> operations);

  /// An operation came, behind all others.
  void add(Host& host, const Operation& operation, OperationPlace place);
  /// One has left, wherever it stood.
  void remove(Host& host, const Operation& operation, OperationPlace place);
  void forget(const RowName& row) { kept_.erase(row); }
  void forget() noexcept { kept_.clear(); }

 private:
  struct Setters {
    std::uint32_t count = 0;
    OperationPlace last;
  };
  struct Kept {
    RowPatch patch;
    bool is_synced = false;
    std::vector<Setters> columns;  ///< Who sets each column of the patch.
  };

  static void count(Kept& kept, const Operation& operation, OperationPlace place);
  /// False: its patch is not known any more.
  [[nodiscard]] static bool uncount(Host& host, Kept& kept, const Operation& operation,
                                    OperationPlace place);

  std::map<RowName, Kept> kept_;
};

}  // namespace patchbay::sqlite
