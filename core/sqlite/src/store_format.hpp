// The row that says whose store a file is, and of which version its tables are. Store -> here ->
// the file. No state.
//
//   patchbay_format   application, version, a checksum of both
//
// PRAGMA user_version is the app's, which may open the file too: it is neither read nor set. Files
// of versions 1 to 3 have their version there and no such table; it is set to 0 when they are
// migrated. An application_id that is not the pattern's means another application's file only where
// there is no such table.
//
//   patchbay_objects  SQLite's schema_version and a checksum of sqlite_schema as it was then
//
// Another program that makes a table or an index changes schema_version; a disk that flips a bit of
// a trigger does not.
#pragma once

#include <patchbay/sqlite/store.hpp>

namespace patchbay::sqlite {

/// The version of the tables; 0 for a new file. Throws Refused for another application's file and
/// for a newer version, SQLite::Exception with SQLITE_CORRUPT for a row that is not what was
/// written.
[[nodiscard]] std::uint32_t version_of(SQLite::Database& database, const StoreOptions& options);
/// Throws SQLite::Exception with SQLITE_CORRUPT when tables, views, indexes or triggers are not
/// what the statements that made them said.
void check_objects(SQLite::Database& database);
/// Gives the file a checksum of the definitions that it has, in a transaction that is open.
void keep_objects(SQLite::Database& database);
/// Makes the tables in a new file, or brings them to the version, in a transaction that is open.
/// Throws SQLite::Exception.
void set_version(SQLite::Database& database, const StoreOptions& options, std::uint32_t from);
/// Does the same in a transaction of its own.
void bring_to_version(SQLite::Database& database, const StoreOptions& options, std::uint32_t from);

}  // namespace patchbay::sqlite
