#include "immutable_pattern.hpp"

#include <memory>
#include <patchbay/sqlite/floats.hpp>
#include <patchbay/sqlite/journal_file.hpp>

#include "immutable_rows.hpp"

namespace patchbay::immutable {
namespace {

constexpr std::uint32_t kApplicationId = 0x50'42'49'4D;  // "PBIM"

sqlite::SqlitePatternParts parts() {
  return {"immutable.db", kApplicationId, sqlite::journal_file::kVersion,
          [](sqlite::Store& store, Host& host, sqlite::SyncedTables& tables, sqlite::Journal&,
             sqlite::LocalLog&) { return std::make_unique<ImmutableRows>(store, host, tables); },
          [](SQLite::Database& database, const TableSchema& table, std::uint32_t from) {
            const TableSchema as_it_was = sqlite::with_floats_as_text(table);
            const TableSql sql(as_it_was);
            if (from == 1) database.exec(sql.from_version_1);
            if (from == 2) database.exec(sql.from_version_2);
            if (sqlite::has_floats(table)) database.exec(TableSql(table).floats_to_real);
          }};
}

}  // namespace

ImmutablePattern::ImmutablePattern() : SqlitePattern(parts()) {}

}  // namespace patchbay::immutable
