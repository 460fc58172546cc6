#include "through_db_pattern.hpp"

#include <memory>
#include <patchbay/sqlite/floats.hpp>
#include <patchbay/sqlite/server_names.hpp>
#include <string>
#include <vector>

#include "through_rows.hpp"

namespace patchbay::through_db {
namespace {

constexpr std::uint32_t kApplicationId = 0x50'42'54'44;  // "PBTD"

/// Makes the table again, with floats as REAL. Refuses where an app has made more than indexes on
/// it, which would be lost.
void make_floats_real(SQLite::Database& database, const TableSql& table, const TableState& state) {
  if (state.missing) return;  // the start says so
  if (!state.fault.empty()) {
    throw sqlite::Refused{
        {ErrorCode::retry,
         sqlite::cannot_be_synced(database.getFilename(), table.schema->name, state.fault)}};
  }
  const std::vector<std::string> indexes = plain_indexes(database, table);
  sqlite::LocalLog::set_silent(database, true);
  database.exec(table.floats_to_real);
  sqlite::LocalLog::set_silent(database, false);
  for (const std::string& sql : indexes) database.exec(sql);
}

/// Triggers of version 1 asked a table whether to log, those of 2 cut a text at U+0000.
void migrate_table(SQLite::Database& database, const TableSchema& table, std::uint32_t) {
  const TableSchema as_it_was = sqlite::with_floats_as_text(table);
  const TableState state = check_table(database, TableSql(as_it_was));
  if (sqlite::has_floats(table)) make_floats_real(database, TableSql(table), state);
}

sqlite::SqlitePatternParts parts() {
  sqlite::SqlitePatternParts parts;
  parts.file_name = "through-db.db";
  parts.application_id = kApplicationId;
  parts.make_rows = [](sqlite::Store& store, Host& host, sqlite::SyncedTables& synced,
                       sqlite::Journal& journal,
                       sqlite::LocalLog& log) -> std::unique_ptr<sqlite::RowStore> {
    return std::make_unique<ThroughRows>(store, host, synced, journal, log);
  };
  parts.migrate_table = migrate_table;
  return parts;
}

}  // namespace

ThroughDbPattern::ThroughDbPattern() : SqlitePattern(parts()) {}

}  // namespace patchbay::through_db
