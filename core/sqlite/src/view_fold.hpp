// ViewFold: rows as the view shows them: those of the stream, folded with the unfinished writes
// that touch them. Step -> ViewFold -> Journal and RowStore, always inside Store::write. One for
// each store.
#pragma once

#include <patchbay/kit/fold.hpp>
#include <patchbay/sqlite/journal.hpp>
#include <patchbay/sqlite/row_store.hpp>
#include <patchbay/sqlite/synced_tables.hpp>
#include <vector>

namespace patchbay::sqlite {

class ViewFold final : private FoldSource {
 public:
  ViewFold(Host& host, SyncedTables& tables, Journal& journal, RowStore& rows)
      : host_(host), tables_(tables), journal_(journal), rows_(rows) {}

  /// Folds these rows and those that moves connect with them, without rows that the store cannot
  /// have.
  [[nodiscard]] std::vector<FoldedRow> fold(std::vector<TouchedRow> rows);
  /// The row of the view; null for none.
  [[nodiscard]] RowRef shown(const FoldedRow& row);
  /// Makes the view show this row.
  void show(const FoldedRow& row) { rows_.show(row); }

 private:
  [[nodiscard]] RowRef synced(const TouchedRow& row) override { return rows_.synced(row); }
  [[nodiscard]] std::vector<PlacedOperation> operations(const RowName& row) override {
    return journal_.operations(row);
  }

  Host& host_;
  SyncedTables& tables_;
  Journal& journal_;
  RowStore& rows_;
};

}  // namespace patchbay::sqlite
