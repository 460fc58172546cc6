// ShapeRows: the rows of one shape, and how a batch of the stream becomes whole rows. Rows are kept
// once, found by their key cells, no key is stored beside them. Owned by a followed shape, on the
// hub's strand.
//
//  1. After `apply` either all of a batch is in the rows, or nothing of it.
//  2. What `apply` gives holds no key twice and no row that is as it was before.
#pragma once

#include <cstddef>
#include <patchbay/batch.hpp>
#include <patchbay/result.hpp>
#include <patchbay/row.hpp>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "electric/batch_builder.hpp"

namespace patchbay {

class ShapeRows {
 public:
  /// Applies the batch's changes. With `reset` they replace every row and all rows are given.
  /// An error: some update names a row that was never inserted.
  [[nodiscard]] Result<std::vector<Change>> apply(const electric::ShapeBatch& batch);
  /// Every row, as a reset batch carries them.
  [[nodiscard]] std::vector<Change> all() const;
  [[nodiscard]] std::size_t size() const noexcept { return rows_.size(); }

 private:
  struct KeyHash {
    std::size_t operator()(const RowRef& row) const noexcept;
  };
  struct KeyEqual {
    bool operator()(const RowRef& left, const RowRef& right) const noexcept;
  };
  using RowSet = std::unordered_set<RowRef, KeyHash, KeyEqual>;
  using Before = std::unordered_map<RowRef, RowRef, KeyHash, KeyEqual>;

  static void put(RowSet& rows, const RowRef& row);
  static void apply_change(RowSet& rows, RowSet& ghosts, const electric::RowChange& change);
  [[nodiscard]] static Result<void> check_ghosts(const RowSet& ghosts);
  void roll_back(const Before& before);

  RowSet rows_;
};

}  // namespace patchbay
