// TableUpkeep: a table in the file is made, checked, and made again when the server's table has
// changed. ThroughRows -> TableUpkeep -> Store, inside a transaction of the pattern; its own
// changes are silenced in the log.
#pragma once

#include <patchbay/host.hpp>
#include <patchbay/sqlite/journal.hpp>
#include <patchbay/sqlite/store.hpp>
#include <set>
#include <string>

#include "known_tables.hpp"
#include "table_rows.hpp"
#include "table_sql.hpp"

namespace patchbay::through_db {

class TableUpkeep {
 public:
  TableUpkeep(sqlite::Store& store, Host& host, sqlite::Journal& journal, KnownTables& tables,
              TableRows& rows)
      : store_(store), host_(host), journal_(journal), tables_(tables), rows_(rows) {}

  /// Does what RowStore::prepare asks.
  void prepare(const TableSchema& schema, const TableSchema* previous);

 private:
  void rebuild(const TableSql& from, const TableSql& to);
  [[nodiscard]] std::set<std::string> covered_keys(const TableSql& table);
  void uncover(const TableSql& table, const std::set<std::string>& covered);

  sqlite::Store& store_;
  Host& host_;
  sqlite::Journal& journal_;
  KnownTables& tables_;
  TableRows& rows_;
};

}  // namespace patchbay::through_db
