// RowPatches: a cache of the patches of rows with many unfinished operations, so that one operation
// more or less costs nothing that grows with their number. Operations that come and leave -> this
// -> patches, without a fold. May be emptied at any time. Owned by a pattern, on its strand.
// Header-only.
//
// Invariant: a cached patch is what a fold of the row's operations would give.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <patchbay/kit/fold.hpp>
#include <span>
#include <vector>

namespace patchbay {

class RowPatches {
 public:
  /// Limits of the cache: the operations from which on a row's patch is kept, since fewer are
  /// folded as fast, and the rows whose patches are kept at the same time, since apps rarely write
  /// more in turn.
  static constexpr std::size_t kOperationsMin = 16;
  static constexpr std::size_t kRowsMax = 1'024;

  /// The patch of a row; null when it is not kept and must be folded. `is_synced`: the stream has
  /// brought the row.
  [[nodiscard]] const RowPatch* find(Host& host, const RowName& row, bool is_synced) const;
  /// Offers the patch that a fold of these operations gave; it is kept when they are many, and all
  /// of them only set columns.
  void keep(Host& host, const FoldedRow& row, std::span<const PlacedOperation> operations);

  /// Called after an operation came, behind all others.
  void add(Host& host, const Operation& operation, OperationPlace place);
  /// Called after an operation has left, whatever its place.
  void remove(Host& host, const Operation& operation, OperationPlace place);
  /// Drops the patch of a row, for a change that no other call tells of.
  void forget(const RowName& row) { kept_.erase(row); }
  /// Drops all patches.
  void forget() noexcept { kept_.clear(); }

 private:
  struct Setters {
    std::uint32_t count = 0;
    OperationPlace last;
  };
  struct Kept {
    RowPatch patch;
    bool is_synced = false;
    std::vector<Setters> columns;  ///< Operations that set each column of the patch.
  };

  /// Says whether an operation only sets columns of this schema, and does not move the row.
  [[nodiscard]] static bool is_plain(Host& host, const Operation& operation,
                                     const TableSchema& schema) {
    return operation.kind != OperationKind::remove && &operation.set->schema() == &schema &&
           touched_rows(host, operation).size() == 1;
  }
  /// Notes which columns an operation sets.
  static void count(Kept& kept, const Operation& operation, OperationPlace place);
  /// Takes an operation out of the patch; false: the patch is not known any more.
  [[nodiscard]] static bool uncount(Host& host, Kept& kept, const Operation& operation,
                                    OperationPlace place);

  std::map<RowName, Kept> kept_;
};

inline const RowPatch* RowPatches::find(Host& host, const RowName& row, bool is_synced) const {
  const auto found = kept_.find(row);
  if (found == kept_.end() || found->second.is_synced != is_synced) return nullptr;
  const RowPatch& patch = found->second.patch;
  return &patch.cells->schema() == host.table(row.table) ? &patch : nullptr;
}

inline void RowPatches::keep(Host& host, const FoldedRow& row,
                             std::span<const PlacedOperation> operations) {
  kept_.erase(row.row.name);
  if (operations.size() < kOperationsMin || !row.patch.cells) return;
  const TableSchema& schema = row.patch.cells->schema();
  const bool all_plain = std::ranges::all_of(operations, [&](const PlacedOperation& one) {
    const bool begins = one.place == operations.front().place;
    return (begins || one.operation.kind == OperationKind::update) &&
           is_plain(host, one.operation, schema);
  });
  if (!all_plain) return;
  if (kept_.size() >= kRowsMax) kept_.clear();
  Kept& kept = kept_[row.row.name];
  kept.patch = row.patch;
  kept.is_synced = static_cast<bool>(row.synced);
  kept.columns.resize(schema.columns.size());
  for (const PlacedOperation& one : operations) count(kept, one.operation, one.place);
}

inline void RowPatches::add(Host& host, const Operation& operation, OperationPlace place) {
  if (kept_.empty()) return;
  for (const TouchedRow& row : touched_rows(host, operation)) {
    const auto found = kept_.find(row.name);
    if (found == kept_.end()) continue;
    Kept& kept = found->second;
    if (operation.kind == OperationKind::update &&
        is_plain(host, operation, kept.patch.cells->schema())) {
      kept.patch = then(host, std::move(kept.patch), operation, kept.is_synced);
      count(kept, operation, place);
    } else {
      kept_.erase(found);
    }
  }
}

inline void RowPatches::remove(Host& host, const Operation& operation, OperationPlace place) {
  if (kept_.empty()) return;
  for (const TouchedRow& row : touched_rows(host, operation)) {
    const auto found = kept_.find(row.name);
    if (found == kept_.end()) continue;
    if (!uncount(host, found->second, operation, place)) kept_.erase(found);
  }
}

inline void RowPatches::count(Kept& kept, const Operation& operation, OperationPlace place) {
  for (std::uint32_t column = 0; column < kept.columns.size(); ++column) {
    if (operation.set->cell(column).is_absent()) continue;
    ++kept.columns[column].count;
    kept.columns[column].last = place;
  }
}

inline bool RowPatches::uncount(Host& host, Kept& kept, const Operation& operation,
                                OperationPlace place) {
  const TableSchema& schema = kept.patch.cells->schema();
  if (operation.kind != OperationKind::update || !is_plain(host, operation, schema)) return false;
  std::vector<Cell> left(kept.columns.size());
  bool any_left = false;
  bool any_gone = false;
  for (std::uint32_t column = 0; column < kept.columns.size(); ++column) {
    Setters& setters = kept.columns[column];
    if (!operation.set->cell(column).is_absent()) {
      if (--setters.count > 0 && setters.last == place) return false;  // which value is older?
      any_gone = any_gone || setters.count == 0;
    }
    if (setters.count == 0) continue;
    left[column] = kept.patch.cells->cell(column);
    any_left = true;
  }
  if (any_gone) kept.patch.cells = host.make_row(schema, left);
  return any_left;
}

}  // namespace patchbay
