#include "through_db_pattern.hpp"

#include <memory>

#include "through_rows.hpp"

namespace patchbay::through_db {
namespace {

constexpr std::uint32_t kApplicationId = 0x50'42'54'44;  // "PBTD"

sqlite::SqlitePatternParts parts() {
  sqlite::SqlitePatternParts parts;
  parts.file_name = "through-db.db";
  parts.application_id = kApplicationId;
  parts.make_rows = [](sqlite::Store& store, Host& host, sqlite::Journal& journal,
                       sqlite::LocalLog& log) -> std::unique_ptr<sqlite::RowStore> {
    return std::make_unique<ThroughRows>(store, host, journal, log);
  };
  // Triggers of version 1 asked a table whether to log, those of 2 cut a text at U+0000.
  parts.migrate_table = [](SQLite::Database& database, const TableSchema& table, std::uint32_t) {
    static_cast<void>(check_table(database, TableSql(table)));
  };
  return parts;
}

}  // namespace

ThroughDbPattern::ThroughDbPattern() : SqlitePattern(parts()) {}

}  // namespace patchbay::through_db
