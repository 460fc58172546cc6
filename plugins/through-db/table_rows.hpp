// TableRows: rows of a table in the file, one statement each: the live ones and the bases kept of
// those with unfinished writes. ThroughRows and TableUpkeep -> TableRows -> Store, always inside a
// transaction of the pattern; a caller that changes rows here silences the log before.
#pragma once

#include <optional>
#include <patchbay/host.hpp>
#include <patchbay/row.hpp>
#include <patchbay/sqlite/local_log.hpp>
#include <patchbay/sqlite/store.hpp>
#include <string>

#include "silence.hpp"
#include "table_sql.hpp"

namespace patchbay::through_db {

class TableRows {
 public:
  TableRows(sqlite::Store& store, Host& host, sqlite::LocalLog& log)
      : store_(store), host_(host), log_(log) {}

  /// While it lives, the triggers log nothing of what is changed.
  [[nodiscard]] Silence silence() { return Silence(log_); }

  /// The row with the table's columns: those of an older schema meet them by name.
  [[nodiscard]] RowRef in_schema(const TableSql& table, const RowRef& row);

  /// The row of the app's table; null when there is none.
  [[nodiscard]] RowRef find_live(const TableSql& table, const Row& key);
  /// The server's version of a row that was written; nothing when none is kept, a null row when the
  /// server does not have the row.
  [[nodiscard]] std::optional<RowRef> find_base(const TableSql& table, const Row& key);
  [[nodiscard]] bool has_base(const TableSql& table, const Row& key);
  [[nodiscard]] bool has_bases(const TableSql& table);
  [[nodiscard]] bool is_empty(const TableSql& table);

  void put_live(const TableSql& table, const Row& row) { run(table.put, table, row); }
  void remove_live(const TableSql& table, const Row& key) {
    run_by_key(table.remove_by_key, table, key);
  }
  /// `synced` is null when the server has no such row.
  void put_base(const TableSql& table, const Row& key, const RowRef& synced);
  /// Does the same where no base is kept yet, for a row with all its columns.
  void keep_base(const TableSql& table, const Row& row, bool absent);
  void remove_base(const TableSql& table, const Row& key) {
    run_by_key(table.remove_base_by_key, table, key);
  }
  void stage(const TableSql& table, const Row& row) { run(table.put_stage, table, row); }

 private:
  void run(const std::string& sql, const TableSql& table, const Row& row);
  void run_base(const std::string& sql, const TableSql& table, const Row& row, bool absent);
  void run_by_key(const std::string& sql, const TableSql& table, const Row& key);
  [[nodiscard]] bool exists(const std::string& table);

  sqlite::Store& store_;
  Host& host_;
  sqlite::LocalLog& log_;
};

}  // namespace patchbay::through_db
