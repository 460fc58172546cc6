// SyncedTables: the tables a store has rows of, each with its newest schema and where it stands in
// the stream. SqlitePattern and RowStore -> SyncedTables -> Store. Used inside Store::write and
// Store::read only; throws SQLite::Exception. One for each store.
//
//   patchbay_table   name, newest schema, whether its rows are prepared, handle, offset
#pragma once

#include <cstdint>
#include <patchbay/batch.hpp>
#include <patchbay/sqlite/schema_table.hpp>
#include <patchbay/sqlite/store.hpp>
#include <string>
#include <unordered_map>
#include <vector>

namespace patchbay::sqlite {

struct KeptTable {
  const TableSchema* schema = nullptr;
  std::string handle;
  std::string offset;
};

class SyncedTables {
 public:
  SyncedTables(Store& store, SchemaTable& schemas) : store_(store), schemas_(schemas) {}
  SyncedTables(const SyncedTables&) = delete;
  SyncedTables& operator=(const SyncedTables&) = delete;

  /// All tables whose rows are prepared, by name.
  [[nodiscard]] std::vector<KeptTable> all();
  /// The tables of a store that was damaged: known, but with rows that are still to be prepared.
  [[nodiscard]] std::vector<const TableSchema*> salvaged();
  /// The newest schema of a table; null for one that was never prepared.
  [[nodiscard]] const TableSchema* find_schema(const std::string& table);
  /// Notes that the table's rows are of this schema from now on, and not yet at any position.
  void set_schema(const TableSchema& schema);
  /// Notes that the table has all its rows, as of this position.
  void set_position(const std::string& table, const Position& position);
  /// The same for a table that has a position; one that never had all its rows stays without.
  void advance_position(const std::string& table, const Position& position);

 private:
  void put_position(const char* sql, const std::string& table, const Position& position);
  void forget_what_was_undone();

  Store& store_;
  SchemaTable& schemas_;
  std::unordered_map<std::string, const TableSchema*> newest_;  ///< As far as known.
  std::uint64_t undone_ = 0;
};

}  // namespace patchbay::sqlite
