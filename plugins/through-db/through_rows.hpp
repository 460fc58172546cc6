// ThroughRows: the rows of through-db. The app's table shows base and unfinished writes in one; the
// base is kept aside only while there are some. SqlitePattern -> ThroughRows -> Store, always
// inside a transaction of the pattern; its own changes are silenced in the log.
//
// Invariants, whenever a transaction ends:
//  1. A row has a base exactly while unfinished operations touch it.
//  2. Without a base, the live row is the server's row.
//  3. The live row's key is in the one canonical spelling.
//  4. A table is as schema.sql makes it, but for plain indexes.
#pragma once

#include <cstdint>
#include <map>
#include <patchbay/sqlite/journal.hpp>
#include <patchbay/sqlite/row_store.hpp>
#include <patchbay/sqlite/synced_tables.hpp>
#include <set>
#include <span>
#include <string>

#include "table_check.hpp"
#include "table_sql.hpp"

namespace patchbay::through_db {

class ThroughRows final : public sqlite::RowStore {
 public:
  ThroughRows(sqlite::Store& store, Host& host, sqlite::SyncedTables& synced,
              sqlite::Journal& journal, sqlite::LocalLog& log)
      : store_(store), host_(host), synced_(synced), journal_(journal), log_(log) {}

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
  /// SQLite's counter of changed tables, and how many of the pattern's transactions were undone.
  struct Version {
    std::int64_t tables = -1;
    std::uint64_t undone = 0;

    friend bool operator==(const Version&, const Version&) = default;
  };

  const TableSql& table(const std::string& name);
  void look_for_changed_tables();
  void accept_state(const TableSql& table, const TableState& state);
  void refuse_name(const TableSchema& schema);
  void rebuild(const TableSql& from, const TableSql& to);
  [[nodiscard]] std::set<std::string> covered_keys(const TableSql& table);
  void uncover(const TableSql& table, const std::set<std::string>& covered);
  void keep_base(const TableSql& table, const RowRef& row, bool absent);
  void put_base(const TableSql& table, const RowRef& key, const RowRef& synced);
  void put_live(const TableSql& table, const RowRef& row);
  void remove_live(const TableSql& table, const RowRef& key);
  void run(const std::string& sql, const TableSql& table, const Row& row);
  void run_by_key(const std::string& sql, const TableSql& table, const Row& key);
  [[nodiscard]] bool is_untouched(const TableSql& table);
  void take_stage_as_live(const TableSql& table);
  [[nodiscard]] bool has_bases(const TableSql& table);
  [[nodiscard]] RowRef in_schema(const TableSql& table, const RowRef& row);
  [[nodiscard]] const TableSchema* schema_in_file(const std::string& name);
  [[nodiscard]] Version version() const;

  sqlite::Store& store_;
  Host& host_;
  sqlite::SyncedTables& synced_;
  sqlite::Journal& journal_;
  sqlite::LocalLog& log_;
  std::map<std::string, TableSql> tables_;  ///< As the file had them at that version.
  Version known_;
  std::string told_;  ///< What is wrong with a table, as the log has it already.
};

}  // namespace patchbay::through_db
