// RowStore: what differs between the SQLite patterns: where synced rows, the overlay and the view
// live. Implemented by each plugin, driven by SqlitePattern, always inside Store::write or ::read.
// All may throw SQLite::Exception or Refused.
#pragma once

#include <patchbay/batch.hpp>
#include <patchbay/kit/fold.hpp>
#include <patchbay/query.hpp>
#include <patchbay/sqlite/local_log.hpp>
#include <patchbay/sqlite/store.hpp>
#include <string>
#include <vector>

namespace patchbay::sqlite {

class RowStore {
 public:
  virtual ~RowStore() = default;

  /// Makes what a table needs (tables, view, triggers) when the store does not have it for exactly
  /// this schema. `previous` is null for a new table, and `schema` itself for each table at the
  /// start: a look whether other programs have left it usable. Synced rows of another schema may
  /// go: a reset follows. Unfinished writes stay and are folded again by the caller.
  virtual void prepare(const TableSchema& schema, const TableSchema* previous) = 0;

  /// Applies the stream's changes to the synced rows.
  virtual void apply(const TableSchema& schema, std::span<const Change> changes) = 0;
  /// Stage the rows of a reset beside the live ones, slice by slice, each slice in a transaction of
  /// its own, and then put them in place of the live ones, in one transaction.
  virtual void begin_stage(const TableSchema& schema) = 0;
  virtual void stage(const TableSchema& schema, std::span<const Change> rows) = 0;
  virtual void switch_to_stage(const TableSchema& schema) = 0;

  /// The synced row; null when there is none.
  [[nodiscard]] virtual RowRef synced(const TouchedRow& row) = 0;
  /// Makes the view show this row. Called for every row whose fold may have changed.
  virtual void show(const FoldedRow& folded) = 0;
  /// Makes a change of another program part of the overlay, and keeps what is needed to undo it.
  /// Called before the writes are folded.
  virtual void take_local(const LocalChange& change) = 0;

  /// Gives the rows of the view that match, in the query's order.
  virtual void read(const Query& query, RowSink& sink) = 0;
};

/// Says whether few enough rows are staged to copy them. A stage of many is renamed, for which
/// SQLite reads the schema of the whole file: with hundreds of tables that costs more than a few
/// rows.
[[nodiscard]] inline bool is_copied(SQLite::Database& database, const std::string& stage) {
  constexpr int kCopiedRowsMax = 1'000;
  const std::string few = std::to_string(kCopiedRowsMax + 1);
  return database.execAndGet("SELECT count(*) FROM (SELECT 1 FROM " + stage + " LIMIT " + few + ")")
             .getInt() <= kCopiedRowsMax;
}

}  // namespace patchbay::sqlite
