#include "store_format.hpp"

#include <sqlite3.h>

#include <string>

#include "checksum.hpp"

namespace patchbay::sqlite {
namespace {

/// The last version that stood in PRAGMA user_version.
constexpr std::uint32_t kUserVersionMax = 3;

std::int64_t number_of(SQLite::Database& database, const char* sql) {
  return database.execAndGet(sql).getInt64();
}

std::uint32_t application_of(SQLite::Database& database) {
  return static_cast<std::uint32_t>(number_of(database, "PRAGMA application_id"));
}

std::int64_t checksum(std::int64_t application, std::int64_t version) {
  return Checksum().add(application).add(version).sum();
}

Refused another_application(const StoreOptions& options) {
  return {{ErrorCode::rejected, "The file " + options.file.string() +
                                    " is a database of another application; move it away or "
                                    "give this instance another data directory."}};
}

std::uint32_t kept_version(SQLite::Database& database, const StoreOptions& options) {
  SQLite::Statement row(database, "SELECT application, version, checksum FROM patchbay_format");
  const bool found = row.executeStep();
  const std::int64_t application = found ? row.getColumn(0).getInt64() : 0;
  const std::int64_t version = found ? row.getColumn(1).getInt64() : 0;
  if (!found || row.getColumn(2).getInt64() != checksum(application, version)) {
    throw SQLite::Exception("the row of patchbay_format is not what was written", SQLITE_CORRUPT);
  }
  if (application != options.application_id) throw another_application(options);
  return static_cast<std::uint32_t>(version);
}

/// By its tables, as an app may have set user_version since. What brings 2 to 4 does no harm to 3.
std::uint32_t version_of_old_file(SQLite::Database& database, const StoreOptions& options) {
  const bool is_empty = number_of(database, "SELECT count(*) FROM sqlite_schema") == 0;
  const std::uint32_t application = application_of(database);
  if (application == 0 && is_empty) return 0;
  if (application != options.application_id) throw another_application(options);
  if (is_empty) throw SQLite::Exception("its tables are gone", SQLITE_CORRUPT);
  if (database.tableExists("patchbay_operation")) return 1;
  return number_of(database, "PRAGMA user_version") == kUserVersionMax ? kUserVersionMax : 2;
}

void keep_version(SQLite::Database& database, const StoreOptions& options) {
  database.exec("DELETE FROM patchbay_format");
  SQLite::Statement insert(database, "INSERT INTO patchbay_format VALUES (?, ?, ?)");
  insert.bind(1, options.application_id);
  insert.bind(2, options.version);
  insert.bind(3, checksum(options.application_id, options.version));
  insert.exec();
}

/// The app has its field from now on, unless it took it already.
void give_back_user_version(SQLite::Database& database) {
  const std::int64_t version = number_of(database, "PRAGMA user_version");
  if (version >= 1 && version <= kUserVersionMax) database.exec("PRAGMA user_version = 0");
}

std::int64_t objects_sum(SQLite::Database& database) {
  Checksum sum;
  SQLite::Statement objects(
      database, "SELECT type, name, tbl_name, rootpage, sql FROM sqlite_schema ORDER BY rowid");
  while (objects.executeStep()) {
    for (int column = 0; column < 5; ++column) sum.add(objects.getColumn(column).getString());
  }
  return sum.sum();
}

}  // namespace

void check_objects(SQLite::Database& database) {
  if (!database.tableExists("patchbay_objects")) return;
  SQLite::Statement kept(database, "SELECT * FROM patchbay_objects");  // whatever they are named
  const bool has_both = kept.getColumnCount() == 2;
  if (has_both && !kept.executeStep()) return;
  if (has_both && kept.getColumn(0).getInt64() != number_of(database, "PRAGMA schema_version")) {
    return;
  }
  if (has_both && kept.getColumn(1).getInt64() == objects_sum(database)) return;
  throw SQLite::Exception("its tables are not those that were made", SQLITE_CORRUPT);
}

void keep_objects(SQLite::Database& database) {
  if (!database.tableExists("patchbay_objects")) return;
  database.exec("DELETE FROM patchbay_objects");
  SQLite::Statement insert(database, "INSERT INTO patchbay_objects VALUES (?, ?)");
  insert.bind(1, number_of(database, "PRAGMA schema_version"));
  insert.bind(2, objects_sum(database));
  insert.exec();
}

std::uint32_t version_of(SQLite::Database& database, const StoreOptions& options) {
  if (!database.tableExists("patchbay_format")) return version_of_old_file(database, options);
  const std::uint32_t version = kept_version(database, options);
  if (version > options.version) {
    throw Refused{
        {ErrorCode::rejected, "The store " + options.file.string() + " is of version " +
                                  std::to_string(version) + ", this program knows versions up to " +
                                  std::to_string(options.version) +
                                  "; use a newer program, or move the file away and start again."}};
  }
  return version;
}

void set_version(SQLite::Database& database, const StoreOptions& options, std::uint32_t from) {
  if (options.migrate) options.migrate(database, from);
  if (!database.tableExists("patchbay_format")) {
    database.exec(
        "CREATE TABLE patchbay_format (application INTEGER NOT NULL,"
        " version INTEGER NOT NULL, checksum INTEGER NOT NULL)");
    if (from > 0) give_back_user_version(database);
  }
  database.exec(
      "CREATE TABLE IF NOT EXISTS patchbay_objects (number INTEGER NOT NULL,"
      " checksum INTEGER NOT NULL)");
  keep_version(database, options);
  keep_objects(database);
  if (from == 0) {
    database.exec("PRAGMA application_id = " +
                  std::to_string(static_cast<std::int32_t>(options.application_id)));
  }
}

void bring_to_version(SQLite::Database& database, const StoreOptions& options, std::uint32_t from) {
  SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
  set_version(database, options, from);
  transaction.commit();
}

}  // namespace patchbay::sqlite
