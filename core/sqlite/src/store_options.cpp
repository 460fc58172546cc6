#include "store_options.hpp"

#include <algorithm>
#include <filesystem>
#include <patchbay/sqlite/floats.hpp>
#include <patchbay/sqlite/journal_file.hpp>
#include <patchbay/sqlite/local_log.hpp>
#include <string>

namespace patchbay::sqlite {
namespace {

void migrate(const SqlitePatternParts& parts, SQLite::Database& database, std::uint32_t from) {
  journal_file::migrate(database, from);
  LocalLog::migrate(database, from);
  if (!parts.migrate_table) return;
  add_float_functions(database);
  for (const TableSchema& table : journal_file::schemas_in(database)) {
    parts.migrate_table(database, table, from);
  }
}

}  // namespace

Result<StoreOptions> store_options(const SqlitePatternParts& parts, Host& host) {
  StoreOptions options;
  options.file = std::filesystem::path(host.data_directory()) / parts.file_name;
  options.application_id = parts.application_id;
  options.version = std::max(parts.version, journal_file::kVersion);
  const std::string_view synchronous = host.setting("synchronous").value_or("full");
  if (synchronous != "full" && synchronous != "normal") {
    return failure(ErrorCode::rejected, "The setting synchronous of the instance " +
                                            std::string(host.instance()) + " is \"" +
                                            std::string(synchronous) +
                                            "\"; it can be \"full\" or \"normal\".");
  }
  options.synchronous_full = synchronous == "full";
  options.vital_tables = journal_file::table_names();
  options.vital_tables.emplace_back("patchbay_log");
  options.check = journal_file::check;
  options.migrate = [&parts](SQLite::Database& database, std::uint32_t from) {
    if (from > 0) return migrate(parts, database, from);
    journal_file::create(database);
    LocalLog::create(database);
  };
  options.salvage = [&host](SQLite::Database& fresh, SQLite::Database& damaged) {
    LocalLog::salvage(fresh, damaged);
    host.log(LogLevel::warning, journal_file::salvage(fresh, damaged));
  };
  return options;
}

}  // namespace patchbay::sqlite
