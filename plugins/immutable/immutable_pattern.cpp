#include "immutable_pattern.hpp"

#include <memory>

#include "immutable_rows.hpp"

namespace patchbay::immutable {
namespace {

constexpr std::uint32_t kApplicationId = 0x50'42'49'4D;  // "PBIM"
constexpr std::uint32_t kVersion = 3;

sqlite::SqlitePatternParts parts() {
  return {"immutable.db", kApplicationId, kVersion,
          [](sqlite::Store& store, Host& host, sqlite::Journal& journal, sqlite::LocalLog&) {
            return std::make_unique<ImmutableRows>(store, host, journal);
          },
          [](SQLite::Database& database, const TableSchema& table, std::uint32_t from) {
            const TableSql sql(table);
            database.exec(from == 1 ? sql.from_version_1 : sql.from_version_2);
          }};
}

}  // namespace

ImmutablePattern::ImmutablePattern() : SqlitePattern(parts()) {}

}  // namespace patchbay::immutable
