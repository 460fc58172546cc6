// table_check: is a table in the file as through-db made it? Apps share the file, so it may have
// got what would break the sync: a UNIQUE index refuses a server's row, a trigger writes what
// nobody logs. Plain indexes and views are welcome. KnownTables and TableUpkeep -> here,
// inside a transaction; throws SQLite::Exception.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <string>
#include <vector>

#include "table_sql.hpp"

namespace patchbay::through_db {

struct TableState {
  bool missing = false;  ///< There is nothing of that name.
  std::string fault;     ///< The table's fault, as the end of a sentence; "" for nothing.
  std::vector<std::string> repaired;  ///< Names of own triggers that were not as made.
};

/// Looks at the table, and makes its triggers again where they are gone or changed.
[[nodiscard]] TableState check_table(SQLite::Database& database, const TableSql& table);

/// The statements that make the app's plain indexes on the table again.
[[nodiscard]] std::vector<std::string> plain_indexes(SQLite::Database& database,
                                                     const TableSql& table);

}  // namespace patchbay::through_db
