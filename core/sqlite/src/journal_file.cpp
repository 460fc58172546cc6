#include <patchbay/sqlite/cells.hpp>
#include <patchbay/sqlite/journal_file.hpp>

#include "journal_rows.hpp"
#include "journal_salvage.hpp"
#include "journal_sql.hpp"

namespace patchbay::sqlite::journal_file {

void create(SQLite::Database& database) {
  database.exec(sql::kCreateTables);
  database.exec(sql::kCreateWrites);
}

void migrate(SQLite::Database& database, std::uint32_t from) {
  if (from >= 5) return;
  if (from == 1) {
    database.exec(sql::kCreateWrites);
    database.exec(sql::kTakeOverVersion1);
  } else {
    database.exec(sql::kAddChecksum);
  }
  seal_journal(database);
}

std::vector<TableSchema> schemas_in(SQLite::Database& database) {
  std::vector<TableSchema> schemas;
  SQLite::Statement found(database,
                          "SELECT s.json FROM patchbay_table AS t JOIN patchbay_schema AS s"
                          " ON s.id = t.schema WHERE t.prepared = 1");
  while (found.executeStep()) schemas.push_back(schema_of_json(found.getColumn(0).getString()));
  return schemas;
}

std::vector<std::string> table_names() {
  return {"patchbay_schema", "patchbay_table", "patchbay_journal"};
}

void check(SQLite::Database& database) {
  check_journal(database);
}

std::string salvage(SQLite::Database& fresh, SQLite::Database& damaged) {
  return JournalSalvage(fresh, damaged).run();
}

}  // namespace patchbay::sqlite::journal_file
