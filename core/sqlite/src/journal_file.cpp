// The journal's tables in a new file, and what a damaged one still gives.
#include <patchbay/sqlite/cells.hpp>
#include <patchbay/sqlite/journal.hpp>

#include "journal_sql.hpp"
#include "row_copy.hpp"

namespace patchbay::sqlite {
namespace {

std::int64_t count(SQLite::Database& database, const char* rows) {
  return database.execAndGet(std::string("SELECT count(*) FROM ") + rows).getInt64();
}

/// How many writes were found, whole or in part.
std::int64_t take(SQLite::Database& fresh, SQLite::Database& damaged, bool& whole) {
  const std::string columns =
      "id, i, schema, kind, key, cells, settled, write_id, operations, sent_after, splittable,"
      " rejected, status, message, code, constraint_name, column_name, because_of";
  whole &= copy_rows(fresh, damaged, {"patchbay_journal", columns, "id"});
  return fresh.execAndGet("SELECT count(DISTINCT id - i) FROM patchbay_journal").getInt64();
}

std::int64_t take_version_1(SQLite::Database& fresh, SQLite::Database& damaged, bool& whole) {
  const std::string write_columns =
      "n, write_id, operations, sent_after, splittable, rejected, status, message, code,"
      " constraint_name, column_name, because_of";
  const std::string operation_columns = "n, i, tbl, kind, schema, key, cells, row, moved, settled";
  fresh.exec(sql::kCreateVersion1);
  whole &= copy_rows(fresh, damaged, {"patchbay_write", write_columns, "n"});
  whole &= copy_rows(fresh, damaged, {"patchbay_operation", operation_columns, "n, i"});
  const std::int64_t found = count(fresh, "patchbay_write");
  fresh.exec(sql::kDropPartsOfVersion1);
  fresh.exec(sql::kTakeOverVersion1);
  return found;
}

}  // namespace

void Journal::create(SQLite::Database& database) {
  database.exec(sql::kCreateTables);
  database.exec(sql::kCreateWrites);
}

void Journal::migrate(SQLite::Database& database, std::uint32_t from) {
  if (from != 1) return;
  database.exec(sql::kCreateWrites);
  database.exec(sql::kTakeOverVersion1);
}

std::vector<TableSchema> Journal::schemas_in(SQLite::Database& database) {
  std::vector<TableSchema> schemas;
  SQLite::Statement found(database,
                          "SELECT s.json FROM patchbay_table AS t JOIN patchbay_schema AS s"
                          " ON s.id = t.schema WHERE t.prepared = 1");
  while (found.executeStep()) schemas.push_back(schema_of_json(found.getColumn(0).getString()));
  return schemas;
}

std::vector<std::string> Journal::table_names() {
  return {"patchbay_schema", "patchbay_table", "patchbay_journal", "patchbay_write",
          "patchbay_operation"};
}

std::string Journal::salvage(SQLite::Database& fresh, SQLite::Database& damaged) {
  bool whole = copy_rows(fresh, damaged, {"patchbay_schema", "id, tbl, json", "id"});
  whole &= copy_rows(fresh, damaged, {"patchbay_table", "name, schema", "name"});
  const bool is_version_1 = damaged.tableExists("patchbay_operation");
  const std::int64_t found =
      is_version_1 ? take_version_1(fresh, damaged, whole) : take(fresh, damaged, whole);
  fresh.exec(
      "DELETE FROM patchbay_schema WHERE NOT json_valid(json);"
      "DELETE FROM patchbay_table WHERE schema NOT IN (SELECT id FROM patchbay_schema);"
      "UPDATE patchbay_table SET prepared = 0;");
  fresh.exec(sql::kDropParts);
  const std::int64_t kept = count(fresh, "patchbay_journal WHERE i = 0");
  std::string sentence = std::to_string(kept) + " writes of the damaged store go on";
  if (kept < found) {
    sentence += ", " + std::to_string(found - kept) + " can only be read in part and do not";
  }
  return sentence + (whole ? "." : "; some of its pages cannot be read, it may hold more.");
}

}  // namespace patchbay::sqlite
