// SqlitePatternParts: what a plugin gives a SqlitePattern when it makes one. Plugin -> this ->
// SqlitePattern. Values.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <patchbay/host.hpp>
#include <patchbay/sqlite/journal.hpp>
#include <patchbay/sqlite/journal_file.hpp>
#include <patchbay/sqlite/local_log.hpp>
#include <patchbay/sqlite/row_store.hpp>
#include <patchbay/sqlite/store.hpp>
#include <patchbay/sqlite/synced_tables.hpp>
#include <string>

namespace patchbay::sqlite {

/// Makes the plugin's side of a store; the arguments outlive the result.
using MakeRows =
    std::function<std::unique_ptr<RowStore>(Store&, Host&, SyncedTables&, Journal&, LocalLog&)>;

/// The parts in which SQLite patterns differ.
struct SqlitePatternParts {
  std::string file_name;  ///< In the instance's directory: "immutable.db".
  std::uint32_t application_id = 0;
  std::uint32_t version = journal_file::kVersion;  ///< Of the file; see migrate_table.
  MakeRows make_rows;
  /// Brings the plugin's side of one table from an older version of the file to this one. Empty:
  /// older files need nothing.
  std::function<void(SQLite::Database&, const TableSchema&, std::uint32_t from)> migrate_table;
};

}  // namespace patchbay::sqlite
