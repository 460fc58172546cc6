// journal_file: the tables of a store's schemas, positions and writes as they stand in its file:
// made, brought to this version, checked, and read where they are damaged. StoreOptions -> here,
// while a store is opened. All functions throw SQLite::Exception.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <cstdint>
#include <patchbay/schema.hpp>
#include <string>
#include <vector>

namespace patchbay::sqlite::journal_file {

/// The version of the tables; a store's version is at least this.
inline constexpr std::uint32_t kVersion = 7;

/// Makes the tables in a new file.
void create(SQLite::Database& database);
/// Brings the tables of an older version to this one.
void migrate(SQLite::Database& database, std::uint32_t from);
/// The names of the tables.
[[nodiscard]] std::vector<std::string> table_names();
/// The newest schema of each table whose rows are prepared.
[[nodiscard]] std::vector<TableSchema> schemas_in(SQLite::Database& database);
/// Throws SQLite::Exception with SQLITE_CORRUPT when a write is not what was written.
void check(SQLite::Database& database);
/// Copies what can be read of damaged tables; positions start again. A sentence says what was kept.
std::string salvage(SQLite::Database& fresh, SQLite::Database& damaged);

}  // namespace patchbay::sqlite::journal_file
