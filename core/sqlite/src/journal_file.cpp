// The journal's tables in a new file, and what a damaged one still gives.
#include <patchbay/sqlite/journal.hpp>

#include "journal_sql.hpp"
#include "row_copy.hpp"

namespace patchbay::sqlite {
namespace {

std::int64_t count(SQLite::Database& database, const char* rows) {
  return database.execAndGet(std::string("SELECT count(*) FROM ") + rows).getInt64();
}

}  // namespace

void Journal::create(SQLite::Database& database) {
  database.exec(sql::kCreateJournal);
}

std::string Journal::salvage(SQLite::Database& fresh, SQLite::Database& damaged) {
  const std::string operation_columns = "n, i, tbl, kind, schema, key, cells, row, moved, settled";
  const std::string write_columns =
      "n, write_id, operations, sent_after, splittable, rejected, status, message, code,"
      " constraint_name, column_name, because_of";
  bool whole = copy_rows(fresh, damaged, {"patchbay_schema", "id, tbl, json", "id"});
  whole &= copy_rows(fresh, damaged, {"patchbay_table", "name, schema", "name"});
  whole &= copy_rows(fresh, damaged, {"patchbay_write", write_columns, "n"});
  whole &= copy_rows(fresh, damaged, {"patchbay_operation", operation_columns, "n, i"});
  const std::int64_t found = count(fresh, "patchbay_write");
  // A part of a write is none: it goes out whole or not at all.
  fresh.exec(
      "DELETE FROM patchbay_schema WHERE NOT json_valid(json);"
      "DELETE FROM patchbay_table WHERE schema NOT IN (SELECT id FROM patchbay_schema);"
      "UPDATE patchbay_table SET prepared = 0;"
      "DELETE FROM patchbay_operation WHERE NOT json_valid(key)"
      " OR NOT ifnull(json_valid(cells), 1)"
      " OR schema NOT IN (SELECT id FROM patchbay_schema);"
      "DELETE FROM patchbay_write WHERE operations <> (SELECT count(*)"
      " FROM patchbay_operation AS o WHERE o.n = patchbay_write.n);"
      "DELETE FROM patchbay_operation"
      " WHERE n NOT IN (SELECT n FROM patchbay_write);");
  const std::int64_t kept = count(fresh, "patchbay_write");
  std::string sentence = std::to_string(kept) + " writes of the damaged store go on";
  if (kept < found) {
    sentence += ", " + std::to_string(found - kept) + " can only be read in part and do not";
  }
  return sentence + (whole ? "." : "; some of its pages cannot be read, it may hold more.");
}

}  // namespace patchbay::sqlite
