// ThroughRows: the rows of through-db. The app's table shows base and unfinished writes in one; the
// base is kept aside only while there are some. SqlitePattern -> ThroughRows -> Store, always
// inside a transaction of the pattern; its own changes are silenced in the log.
//
// Invariants, whenever a transaction ends:
//  1. A row has a base exactly while unfinished operations touch it.
//  2. Without a base, the live row is the server's row.
//  3. The live row's key is in the one canonical spelling.
//  4. A table is as schema.sql makes it, except for plain indexes.
#pragma once

#include <patchbay/sqlite/journal.hpp>
#include <patchbay/sqlite/row_store.hpp>
#include <patchbay/sqlite/synced_tables.hpp>
#include <span>

#include "known_tables.hpp"
#include "table_rows.hpp"
#include "table_sql.hpp"
#include "table_upkeep.hpp"

namespace patchbay::through_db {

class ThroughRows final : public sqlite::RowStore {
 public:
  ThroughRows(sqlite::Store& store, Host& host, sqlite::SyncedTables& synced,
              sqlite::Journal& journal, sqlite::LocalLog& log);

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
  [[nodiscard]] bool is_untouched(const TableSql& table);
  void take_stage_as_live(const TableSql& table);

  sqlite::Store& store_;
  Host& host_;
  KnownTables tables_;
  TableRows rows_;
  TableUpkeep upkeep_;
};

}  // namespace patchbay::through_db
