// ImmutableRows: the synced rows of every table, which the stream alone changes, the local table
// beside each, and the view that combines both on read. SqlitePattern -> ImmutableRows -> SQLite.
// Owned by the pattern, used on its thread, inside Store::write and Store::read.
//
// Invariant: a row of the local table is the fold of its key's unfinished writes, or what a trigger
// made of it since the log was last taken. `show` writes all of it again.
#pragma once

#include <memory>
#include <patchbay/sqlite/row_store.hpp>
#include <patchbay/sqlite/synced_tables.hpp>
#include <string>
#include <unordered_map>

#include "table_sql.hpp"

namespace patchbay::immutable {

class ImmutableRows final : public sqlite::RowStore {
 public:
  /// Drops what an interrupted reset has left.
  ImmutableRows(sqlite::Store& store, Host& host, sqlite::SyncedTables& tables);

  void prepare(const TableSchema& schema, const TableSchema* previous) override;
  void apply(const TableSchema& schema, std::span<const Change> changes) override;
  void begin_stage(const TableSchema& schema) override;
  void stage(const TableSchema& schema, std::span<const Change> rows) override;
  void switch_to_stage(const TableSchema& schema) override;
  [[nodiscard]] RowRef synced(const TouchedRow& row) override;
  void show(const FoldedRow& folded) override;
  void take_local(const sqlite::LocalChange& change) override;
  void read(const Query& query, RowSink& sink) override;

 private:
  [[nodiscard]] const TableSql& sql_of(const TableSchema& schema);
  void refuse_taken_names(const TableSchema& schema);
  void execute(const std::string& sql) const;
  void remove_local(const TableSchema& schema, const Row& row);
  void remove_local(const TableSchema& schema, const Row& row, bool in_synced);
  void remove_by_key(const TableSchema& schema, const std::string& sql, const Row& row);

  sqlite::Store& store_;
  Host& host_;
  sqlite::SyncedTables& tables_;
  std::unordered_map<const TableSchema*, std::unique_ptr<TableSql>> sql_;
};

}  // namespace patchbay::immutable
