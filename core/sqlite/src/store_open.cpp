#include "store_open.hpp"

#include <sqlite3.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <patchbay/sqlite/query_sql.hpp>
#include <string>
#include <system_error>
#include <utility>

#include "damage.hpp"
#include "store_error.hpp"
#include "store_format.hpp"
#include "tuning.hpp"
#include "wal_damage.hpp"

namespace patchbay::sqlite {
namespace {

namespace fs = std::filesystem;
using Opened = std::unique_ptr<SQLite::Database>;

/// By the words of a check: the disk did not give a page, which may be whole.
bool is_unreadable(const std::string& found) {
  constexpr std::string_view kCode = "error code=";
  const std::size_t at = found.find(kCode);
  return at != std::string::npos &&
         (std::atoi(found.c_str() + at + kCode.size()) & 0xFF) == SQLITE_IOERR;
}

/// Says what SQLite finds wrong with the pages; "" for nothing. `of`: "", or a table in brackets.
std::string wrong_pages(SQLite::Database& database, const std::string& of) {
  SQLite::Statement check(database, "PRAGMA quick_check" + of);
  while (check.executeStep()) {
    // Otherwise an app's own constraint forbids a value, which is not damage of the pages.
    const std::string found = check.getColumn(0).getString();
    if (is_unreadable(found)) throw SQLite::Exception(found, SQLITE_IOERR);
    if (found.starts_with("*** in database")) return found;
  }
  return "";
}

void check_pages(SQLite::Database& database, const StoreOptions& options) {
  std::string wrong;
  add_collations(database);
  if (fs::file_size(options.file) <= tuning::kCheckedBytesMax) {
    try {
      wrong = wrong_pages(database, "");
    } catch (const SQLite::Exception& thrown) {
      if (is_damage(thrown)) throw;  // else an app's index needs a function that only it has
    }
  }
  for (const std::string& table : options.vital_tables) {
    if (!wrong.empty()) break;
    if (database.tableExists(table)) wrong = wrong_pages(database, "(" + quoted(table) + ")");
  }
  if (!wrong.empty()) throw SQLite::Exception(wrong, SQLITE_CORRUPT);
}

/// Throws when a file of this version lacks a vital table, or has a damaged one.
void check_tables(SQLite::Database& database, const StoreOptions& options) {
  for (const std::string& table : options.vital_tables) {
    if (database.tableExists(table)) continue;
    throw SQLite::Exception("it has no table " + table, SQLITE_CORRUPT);
  }
  if (options.check) options.check(database);
}

void configure(SQLite::Database& database, const StoreOptions& options) {
  const std::string mode = database.execAndGet("PRAGMA journal_mode = WAL").getString();
  if (mode != "wal") {
    throw Refused{{ErrorCode::rejected, "The store " + options.file.string() +
                                            " cannot use a write-ahead log (SQLite chose " + mode +
                                            "); use a data directory on a local disk."}};
  }
  database.exec(options.synchronous_full ? "PRAGMA synchronous = FULL"
                                         : "PRAGMA synchronous = NORMAL");
  database.exec("PRAGMA cache_size = -" + std::to_string(tuning::kCacheKib));
  database.execAndGet("PRAGMA journal_size_limit = " + std::to_string(tuning::kWalBytesMax));
}

Opened open_file(const StoreOptions& options) {
  return std::make_unique<SQLite::Database>(
      options.file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE | SQLite::OPEN_NOMUTEX,
      tuning::kOpenBusyTimeoutMs);
}

/// Checks a file that is open and brings it to this version.
void look_through(const Opened& database, const StoreOptions& options) {
  check_objects(*database);  // first: what follows names columns
  const std::uint32_t version = version_of(*database, options);
  if (version > 0) check_pages(*database, options);
  if (version == options.version) check_tables(*database, options);
  configure(*database, options);
  if (version < options.version) bring_to_version(*database, options, version);
}

Opened open_database(const StoreOptions& options) {
  Opened database = open_file(options);
  try {
    look_through(database, options);
  } catch (const SQLite::Exception& thrown) {
    if (is_damage(thrown) && !is_damage(thrown, *database)) {
      throw SQLite::Exception(thrown.what(), SQLITE_IOERR);
    }
    throw;
  }
  database->setBusyTimeout(tuning::kBusyTimeoutMs);
  return database;
}

bool is_gone_or_empty(const fs::path& file) {
  std::error_code gone;
  return fs::file_size(file, gone) == 0 || gone;
}

/// SQLite takes a file that is gone or empty for a new one, and removes the log beside it.
void keep_lone_log(const StoreOptions& options, Host& host) {
  std::ofstream(options.file, std::ios::app).flush();  // so that there is one to be set aside
  mark_damaged(options.file, "it is gone or empty, its write-ahead log is not");
  replace_damaged(options, host);
}

/// SQLite would not get beyond a directory, say, in the place of one of its files.
void replace_what_is_not_a_file(const StoreOptions& options, Host& host) {
  for (const char* ending : {"", "-wal", "-shm"}) {
    fs::path file = options.file;
    file += ending;
    if (!is_in_the_way(file)) continue;
    mark_damaged(options.file, file.filename().string() + " is not a file");
    return replace_damaged(options, host);
  }
}

void replace_what_was_lost(const StoreOptions& options, bool used_before, Host& host) {
  fs::path log = options.file;
  log += "-wal";
  replace_what_is_not_a_file(options, host);
  if (is_wal_damaged(log))
    mark_damaged(options.file, "its write-ahead log is broken in the middle");
  if (is_marked_damaged(options.file)) return replace_damaged(options, host);
  if (!is_gone_or_empty(options.file)) return;
  if (!is_gone_or_empty(log)) return keep_lone_log(options, host);
  std::error_code unknown;
  if (!used_before && !fs::exists(options.file, unknown)) return;
  host.log(LogLevel::warning, "The store " + options.file.string() +
                                  ", which was used before, is gone or empty: writes that were "
                                  "unfinished in it are lost, and its rows are fetched again.");
}

Opened open_or_replace(const StoreOptions& options, Host& host) {
  try {
    return open_database(options);
  } catch (const SQLite::Exception& thrown) {
    if (!is_damage(thrown)) throw;
    mark_damaged(options.file, thrown.what());
  }
  replace_damaged(options, host);
  return open_database(options);
}

}  // namespace

bool make_way_for_lease(const fs::path& file) {
  fs::path lease = file;
  lease += ".lease";
  std::error_code unknown;
  const bool used_before = fs::exists(lease, unknown);
  if (is_in_the_way(lease)) fs::rename(lease, name_aside(lease), unknown);
  return used_before;
}

Result<OpenedFile> open_as_it_is(const StoreOptions& options) {
  try {
    Opened database = open_file(options);
    const std::uint32_t version = version_of(*database, options);
    configure(*database, options);
    database->setBusyTimeout(tuning::kBusyTimeoutMs);
    return OpenedFile{std::move(database), version};
  } catch (const SQLite::Exception& thrown) {
    return tl::unexpected(error_of(thrown, options.file));
  } catch (const Refused& refused) {
    return tl::unexpected(refused.error);
  }
}

Result<OpenedFile> open_checked(const StoreOptions& options, bool used_before, Host& host) {
  try {
    replace_what_was_lost(options, used_before, host);
    return OpenedFile{open_or_replace(options, host), options.version};
  } catch (const SQLite::Exception& thrown) {
    return tl::unexpected(error_of(thrown, options.file));
  } catch (const Refused& refused) {
    return tl::unexpected(refused.error);
  } catch (const fs::filesystem_error& thrown) {
    return failure(ErrorCode::retry, "The damaged store " + options.file.string() +
                                         " cannot be set aside: " + thrown.what() +
                                         "; make room, or move it away yourself.");
  }
}

}  // namespace patchbay::sqlite
