// StreamRows: the synced rows of all tables, and where each stands in the stream. The rows of a
// reset are staged beside the live ones, slice by slice. StreamStep -> StreamRows -> RowStore and
// SyncedTables. One for each store, on its strand.
#pragma once

#include <patchbay/batch.hpp>
#include <patchbay/host.hpp>
#include <patchbay/result.hpp>
#include <patchbay/sqlite/row_store.hpp>
#include <patchbay/sqlite/store.hpp>
#include <patchbay/sqlite/synced_tables.hpp>

#include "longer_wait.hpp"

namespace patchbay::sqlite {

class StreamRows {
 public:
  StreamRows(Host& host, Store& store, SyncedTables& tables, RowStore& rows)
      : host_(host), store_(store), tables_(tables), rows_(rows) {}

  /// Makes the table ready for rows of this schema, inside Store::write. Gives true when its rows
  /// had another schema before, or are new.
  bool prepare(const TableSchema& table);
  /// Says whether the store has rows of the table with other columns.
  [[nodiscard]] Result<bool> changes_columns(const TableSchema& table);
  /// Changes rows and position, inside Store::write.
  void apply(const Batch& changes);

  /// Stages all rows of a reset in transactions of its own: readers see the old ones meanwhile, and
  /// other programs wait little.
  [[nodiscard]] Result<void> fill(const Batch& reset);
  /// Stages all rows of a reset inside Store::write.
  void fill_in_step(const Batch& reset);
  /// Replaces the live rows by those that are staged, inside Store::write.
  void switch_to_stage(const Batch& reset);
  /// Waits longer for other programs as long as the result lives, for a reset: one that met a busy
  /// file would start again with its first slice.
  [[nodiscard]] LongerWait wait_longer() { return LongerWait(store_.database()); }

 private:
  Host& host_;
  Store& store_;
  SyncedTables& tables_;
  RowStore& rows_;
};

}  // namespace patchbay::sqlite
