#include "table_check.hpp"

#include <map>
#include <patchbay/sqlite/store.hpp>
#include <set>

namespace patchbay::through_db {
namespace {

struct Made {
  std::string type;  ///< table, index, trigger or view
  std::string sql;   ///< "" for an index that SQLite made itself.
};
using AllMade = std::map<std::string, Made>;

/// The statements in SQLite's list that belong to a table, by name.
AllMade made_for(SQLite::Database& database, const std::string& table) {
  AllMade all;
  SQLite::Statement list(database,
                         "SELECT name, type, ifnull(sql, '') FROM sqlite_schema "
                         "WHERE tbl_name = ? COLLATE NOCASE");
  list.bind(1, table);
  while (list.executeStep()) {
    all[list.getColumn(0).getString()] = {list.getColumn(1).getString(),
                                          list.getColumn(2).getString()};
  }
  return all;
}

/// The statements that schema.sql makes of the table. SQLite keeps the text of each, so it can be
/// compared.
AllMade expected(const TableSql& table) {
  SQLite::Database scratch(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  scratch.exec(table.create);
  return made_for(scratch, table.schema->name);
}

std::string foreign_columns(SQLite::Database& database, const TableSql& table) {
  std::string names;
  SQLite::Statement columns(database, "SELECT name FROM pragma_table_xinfo(?)");
  columns.bind(1, table.schema->name);
  while (columns.executeStep()) {
    const std::string name = columns.getColumn(0).getString();
    if (!table.schema->find(name)) names += (names.empty() ? "" : ", ") + sqlite::quoted(name);
  }
  return names;
}

std::set<std::string> unique_indexes(SQLite::Database& database, const TableSql& table) {
  std::set<std::string> names;
  SQLite::Statement list(
      database, "SELECT name FROM pragma_index_list(?) WHERE \"unique\" = 1 AND origin <> 'pk'");
  list.bind(1, table.schema->name);
  while (list.executeStep()) names.insert(list.getColumn(0).getString());
  return names;
}

/// Why the table itself cannot be used; "" when it can.
std::string fault_of_table(SQLite::Database& database, const TableSql& table, const Made& found,
                           const Made& wanted) {
  if (found.type != "table") return "it is a " + found.type + " of your own; drop or rename it";
  if (found.sql == wanted.sql) return {};
  const std::string columns = foreign_columns(database, table);
  if (!columns.empty()) {
    return "it has columns that the server's table has not (" + columns +
           "); drop them and keep what is yours in a table of your own";
  }
  return "its definition is not the one it was made with (" + wanted.sql +
         "); a table of your own with that name must be dropped or renamed";
}

}  // namespace

TableState check_table(SQLite::Database& database, const TableSql& table) {
  TableState state;
  AllMade found = made_for(database, table.schema->name);
  const AllMade wanted = expected(table);
  const auto self = found.find(table.schema->name);
  state.missing = self == found.end();
  if (state.missing) return state;
  state.fault = fault_of_table(database, table, self->second, wanted.at(table.schema->name));
  if (!state.fault.empty()) return state;

  for (const std::string& index : unique_indexes(database, table)) {
    state.fault = "the server's rows come in any order, so its UNIQUE index " +
                  sqlite::quoted(index) + " would refuse some; drop it";
    return state;
  }
  for (const auto& [name, made] : found) {
    if (made.type == "trigger" && !wanted.contains(name)) {
      state.fault = "its trigger " + sqlite::quoted(name) +
                    " would run for the server's changes too; drop it";
      return state;
    }
  }
  for (const auto& [name, made] : wanted) {
    if (made.type != "trigger" || found[name].sql == made.sql) continue;
    database.exec("DROP TRIGGER IF EXISTS " + sqlite::quoted(name));
    database.exec(made.sql);
    state.repaired.push_back(name);
  }
  return state;
}

std::vector<std::string> plain_indexes(SQLite::Database& database, const TableSql& table) {
  std::vector<std::string> statements;
  for (const auto& [name, made] : made_for(database, table.schema->name)) {
    if (made.type == "index" && !made.sql.empty()) statements.push_back(made.sql);
  }
  return statements;
}

}  // namespace patchbay::through_db
